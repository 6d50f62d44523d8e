# %% [markdown] id="title"
# # Rewind a Lottery Ticket to an Early Step of Training
#
# *Medium (<30 mins) · pytorch, pruning, lottery ticket · after the notebook on winning tickets*
#
# A *winning ticket* is a sparse network that starts from the values θ₀ that its weights had at the
# very beginning, and then trains as well as the dense network does. In small networks one finds
# such tickets. In larger ones, or with a large learning rate, one often does not.
#
# A small change helps: do not go back to the start, but to an **early step** *k* of the same
# training. What is found then is no ticket from the first draw any more. It is a network that is
# dense for *k* steps, and sparse from then on.
#
# 1. Initialise a dense network, θ₀, and train it for *k* steps. Save a deep copy, θₖ.
# 2. Train on to the end.
# 3. Prune the *p* % of the weights with the lowest magnitude. This creates a mask.
# 4. Set the weights back to θₖ, and train on from step *k*, with the mask.
#
# You write steps 3 and 4 as one function. Then your function searches for tickets in four
# networks, and a figure compares three choices of *k*.

# %% id="setup"
import torch
import torch.nn.utils.prune as prune
from torch import nn

# With one thread a machine gives the same result each time; the networks are small.
torch.set_num_threads(1)

# %% [markdown] id="the-rules"
# ## The rules
#
# | | |
# |---|---|
# | **Input** | `model`: a trained `nn.Module` in float32 or float64, its layers nested at any depth, some without a bias, some frozen. `initial_state_dict`: θ₀, a deep copy of `model.state_dict()` at initialisation. `rewind_step_state`: θₖ, a deep copy after *k* steps of the first, dense training. `prune_amount`: the fraction to prune, between 0 and 1. |
# | **Output** | the same `model` object, changed in place |
# | **Goal** | the smallest trained weights of `Linear` and `Conv2d` layers are masked, and all weights of these layers are back at θₖ |
#
# Three states of the same weights are at hand, and each is for one thing only:
#
# | state | when | what for |
# |---|---|---|
# | θ₀ | before training | nothing: where rewinding used to go |
# | θₖ | after *k* steps | the weights go back to it |
# | what `model` holds | after training | the weights are ranked by it |
#
# **Which weights.** The `weight` of every `Linear` and `Conv2d`, never a bias, and nothing of any
# other module. Each of these layers has a `weight_mask` afterwards, even one that loses nothing.
# All their weights are ranked together, by the absolute values that *training* left. Among equals,
# any choice is right.
#
# **How many.** Python's `round(prune_amount * remaining)` over all these layers together,
# where *remaining* counts the weights that are not pruned yet.
#
# **Rewind.** In each of these layers `weight_orig` equals θₖ bit for bit in *every* entry, the
# masked ones too. (Everything else, such as biases and normalisation layers, is free: as trained,
# or back at θₖ or θ₀.)
#
# **Later rounds.** The model may have been pruned before and trained on since. What is pruned stays
# pruned, the next round takes its fraction of what remains, and all weights go back to the same θₖ
# again. (torch ranks `weight`, which is only as new as the last forward pass; there was one after
# the last step of training.)
#
# **Conduct.** θ₀ and θₖ stay untouched and share no memory with the model. The masks stay in
# place, so that the model can train on with its pruned weights at zero. Train or eval mode
# of each module, gradient mode and `requires_grad` are as before.

# %% [markdown] id="a-worked-example"
# ## A worked example
#
# Here is one layer of six weights in its three states. Asked for a third of them, pruning takes
# `round(1/3 * 6)` = 2: the two that are closest to zero *after training*.

# %% id="one-layer"
theta_0 = torch.tensor([[0.2, -0.9, 0.3], [0.8, 0.1, -0.5]])
theta_k = torch.tensor([[0.4, -0.7, 0.1], [0.6, 0.2, -0.5]])
trained = torch.tensor([[1.1, -0.1, -0.8], [0.05, 0.6, -0.9]])

layer = nn.Linear(3, 2)
layer.weight.data = trained.clone()
print("before:", [name for name, _ in layer.named_parameters()])

prune.l1_unstructured(layer, "weight", amount=1 / 3)
print("after: ", [name for name, _ in layer.named_parameters()], "and a buffer weight_mask")

for name in ("weight_orig", "weight_mask", "weight"):
    print(f"\n{name}\n{getattr(layer, name).data}")

# %% [markdown] id="three-tensors"
# `weight_orig` is the parameter now, and still holds all six trained values. `weight` is only the
# product of `weight_orig` and `weight_mask`, computed anew before every forward pass: what is
# written to it does not last.

# %% id="weight-is-a-product"
with torch.no_grad():
    layer.weight.fill_(7.0)
    print("written:      ", layer.weight[0].tolist())
    layer(torch.zeros(1, 3))
    print("after forward:", [round(value, 2) for value in layer.weight[0].tolist()])

# %% [markdown] id="by-hand"
# Rewinding sets `weight_orig` back to θₖ:
#
# | first row | pruned | and rewound |
# |---|---|---|
# | `weight_mask` | `1, 0, 1` | `1, 0, 1` |
# | `weight_orig` | `1.1, -0.1, -0.8` | `0.4, -0.7, 0.1` |
# | `weight` in the next forward | `1.1, 0, -0.8` | `0.4, 0, 0.1` |
#
# The third weight is the smallest of its row in θₖ, and stays: it was to grow. The second was large
# in θ₀ and in θₖ, is small after training, and goes.

# %% [markdown] id="your-turn"
# ## Your turn
#
# Three things help:
#
# - `prune.global_unstructured` takes a list of `(module, "weight")` pairs and prunes them as one
#   pool.
# - A pruned module keeps its values in `weight_orig` and its mask in `weight_mask`.
# - The keys of θ₀ and of θₖ are the names that `model.named_modules()` gives, followed by
#   `.weight`.

# %% id="find_late_rewinding_ticket_step" role="solution"
import torch
import torch.nn.utils.prune as prune


def find_late_rewinding_ticket_step(model, initial_state_dict, rewind_step_state, prune_amount=0.2):
    # 1. Find the modules whose weights take part (Linear and Conv2d).
    ### BEGIN SOLUTION
    layers = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, (nn.Linear, nn.Conv2d))
    }
    ### END SOLUTION

    # 2. Prune the smallest of their trained weights, all layers together.
    ### BEGIN SOLUTION
    prune.global_unstructured(
        [(module, "weight") for module in layers.values()],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    ### END SOLUTION

    # 3. Rewind 'weight_orig' of every pruned module.
    with torch.no_grad():
        ### BEGIN SOLUTION
        for name, module in layers.items():
            module.weight_orig.copy_(rewind_step_state[f"{name}.weight"])
        ### END SOLUTION
    return model


# %% [markdown] id="check-yourself"
# The next cell tries your function on small models and shows what it finds, rule by rule. Run it
# as often as you like. If nothing appears for half a minute, your function may not end: interrupt
# the kernel.

# %% id="check" role="locked" tags=["nbval-ignore-output"]
from autograder import check

check(find_late_rewinding_ticket_step)

# %% [markdown] id="the-experiment"
# ## The experiment
#
# Does it matter where a ticket is rewound to? The network is LeNet-300-100 with 43,000 weights, the
# data are MNIST-1D: signals of 40 values that stand for the ten digits. The learning rate is three
# times that of the notebook on winning tickets, since the trouble with θ₀ comes with large ones.

# %% id="data" tags=["nbval-ignore-output", "experiment"]
import copy

import matplotlib.pyplot as plt
from mnist1d.data import get_dataset_args, make_dataset
from tqdm import tqdm

SEEDS = range(4)  # four networks, each with its own θ₀ and its own order of the data
STEPS, BATCH, LEARNING_RATE = 500, 100, 1.2e-2
REWIND_TO = (0, 20, 100)  # the k to compare; 0 is θ₀ itself
ROUNDS = 4  # each round prunes half of what is left: 50, 25, 12.5, 6.25 %
BAR = "{desc}: {percentage:3.0f} % |{bar:40}| {remaining} left"

digits = make_dataset(get_dataset_args())
x_train, x_test = (torch.tensor(digits[key]).float() for key in ("x", "x_test"))
y_train, y_test = (torch.tensor(digits[key]).long() for key in ("y", "y_test"))
print(f"{len(x_train):,} signals to train on, {len(x_test):,} to test")

# %% [markdown] id="training"
# Four networks train side by side, which saves time: each layer of all four is one batched product.
# They start and end as state dicts, like the ones that your function gets. Where a ticket starts
# from step *k*, the first *k* batches are behind it, and it sees the others in the same order.


# %% id="train" tags=["experiment"]
LAYERS = ("0", "2", "4")


def lenet(seed):
    """Make an untrained LeNet-300-100: Glorot weights, zero biases."""
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(40, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10)
    )
    for name in LAYERS:
        nn.init.xavier_normal_(model.get_submodule(name).weight)
        nn.init.zeros_(model.get_submodule(name).bias)
    return model


def order_of_data(seed):
    """Draw the indices of all batches, shape (STEPS, BATCH)."""
    dice = torch.Generator().manual_seed(seed)
    epochs = STEPS * BATCH // len(x_train) + 1
    order = torch.cat([torch.randperm(len(x_train), generator=dice) for _ in range(epochs)])
    return order[: STEPS * BATCH].view(STEPS, BATCH)


def masks_in(model):
    """Return the mask of each layer, or ones where it is not pruned."""
    layers = map(model.get_submodule, LAYERS)
    return [getattr(layer, "weight_mask", torch.ones_like(layer.weight)) for layer in layers]


def train(states, masks, first, progress, save_at=()):
    """Train from step `first` on; return the states at the end, at the steps to save, accuracies.

    Accuracy is that on the test signals in %, one per network.
    """
    weights, biases = (
        [torch.stack([state[f"{name}.{what}"] for state in states]).requires_grad_()
         for name in LAYERS] for what in ("weight", "bias")
    )  # fmt: skip
    masks = [torch.stack(layer) for layer in zip(*masks)]
    optimizer = torch.optim.Adam([*weights, *biases], lr=LEARNING_RATE, fused=True)

    def forward(x):
        for depth, (weight, bias, mask) in enumerate(zip(weights, biases, masks)):
            x = torch.baddbmm(bias.unsqueeze(1), x.relu() if depth else x, (weight * mask).mT)
        return x

    def now():
        held = [copy.deepcopy(state) for state in states]
        for i, state in enumerate(held):
            for name, weight, bias in zip(LAYERS, weights, biases):
                state[f"{name}.weight"].copy_(weight[i].detach())
                state[f"{name}.bias"].copy_(bias[i].detach())
        return held

    saved = {}
    for step in range(first, STEPS):
        if step in save_at:
            saved[step] = now()
        indices = ORDERS[:, step]
        loss = nn.functional.cross_entropy(
            forward(x_train[indices]).flatten(0, 1), y_train[indices].flatten(), reduction="sum"
        )
        optimizer.zero_grad()
        (loss / BATCH).backward()
        optimizer.step()
        progress.update()
    with torch.no_grad():
        outputs = forward(x_test.expand(len(states), -1, -1))
    return now(), saved, 100 * (outputs.argmax(-1) == y_test).float().mean(-1)


ORDERS = torch.stack([order_of_data(seed) for seed in SEEDS])  # (networks, STEPS, BATCH)

# %% [markdown] id="steps-1-and-2"
# Steps 1 and 2: train the dense networks, and save what they are after each *k* steps on the way.

# %% id="dense" tags=["nbval-ignore-output", "experiment"]
dense = [lenet(seed) for seed in SEEDS]
with tqdm(total=STEPS, desc="dense", bar_format=BAR) as progress:
    dense_states, theta, dense_accuracy = train(
        [copy.deepcopy(model.state_dict()) for model in dense],
        list(map(masks_in, dense)), 0, progress, save_at=REWIND_TO,
    )  # fmt: skip
print(f"dense: {dense_accuracy.mean():.1f} % ± {dense_accuracy.std():.1f} (sd over four seeds)")

# %% [markdown] id="steps-3-and-4"
# Steps 3 and 4 are yours: `one_step` calls your function and, while something is missing, says
# what. (Biases may stay as trained; the experiment sets them back to θₖ as well.)


# %% id="tickets" tags=["nbval-ignore-output", "experiment"]
def one_step(model, theta_0, theta_k):
    """Prune half and rewind; print what is left undone, and return whether all was done."""
    try:
        find_late_rewinding_ticket_step(model, theta_0, theta_k, prune_amount=0.5)
    except Exception as error:
        print(f"Your function stops with {type(error).__name__}: {error}")
        return False
    held = model.state_dict()
    if not all(f"{name}.weight_mask" in held for name in LAYERS):
        print("The model that your function was given has layers without a mask; it waits here.")
        return False
    if not all(f"{name}.weight_orig" in held for name in LAYERS):
        print(
            "Your function leaves some layers without a weight_orig; the experiment waits for it."
        )
        return False
    if not all(torch.equal(held[f"{n}.weight_orig"], theta_k[f"{n}.weight"]) for n in LAYERS):
        print("Your function prunes but does not rewind to θₖ yet; the experiment waits for it.")
        return False
    return True


def load(model, state):
    """Put trained values into a model, pruned or not."""
    holders = dict(model.named_parameters())
    with torch.no_grad():
        for name, values in state.items():
            holders.get(name, holders.get(f"{name}_orig")).copy_(values)
        model(x_test[:1])  # a forward pass brings `weight` up to date


def search(k, progress):
    """Search for tickets rewound to step k; return {weights left in %: accuracies}."""
    models, states, found = copy.deepcopy(dense), dense_states, {100.0: dense_accuracy}
    for _ in range(ROUNDS):
        for model, state in zip(models, states):
            load(model, state)
        if not all(map(one_step, models, theta[0], theta[k])):
            break
        masks = list(map(masks_in, models))
        left = 100 * torch.cat([mask.flatten() for layers in masks for mask in layers]).mean()
        starts = [
            {key: model.state_dict().get(f"{key}_orig", values) for key, values in state.items()}
            for model, state in zip(models, theta[k])
        ]
        states, _, accuracy = train(starts, masks, k, progress)
        found[round(left.item(), 2)] = accuracy
    return found


tickets = {}
with tqdm(total=ROUNDS * sum(STEPS - k for k in REWIND_TO), desc="tickets", bar_format=BAR) as bar:
    for k in REWIND_TO:
        tickets[k] = search(k, bar)
        if len(tickets[k]) == 1:
            break

for k, found in tickets.items():
    for left, accuracy in list(found.items())[1:]:
        print(f"k = {k:3}, {left:5.2f} % left: {accuracy.mean():.1f} % ± {accuracy.std():.1f}")

# %% [markdown] id="before-figure"
# On the left is the accuracy of each choice of *k* as fewer and fewer weights are left; lines are
# means over four networks. On the right is what rewinding to step *k* gains over θ₀ in each single
# network, a faint point for each: above the dotted line it helped.

# %% id="plot-accuracy" tags=["experiment"]
STYLES = {
    0: {"color": "#D55E00", "linestyle": ":", "marker": "s"},
    20: {"color": "#0072B2", "linestyle": "-", "marker": "o"},
    100: {"color": "#009E73", "linestyle": "--", "marker": "^"},
}
plt.rcParams.update({
    "figure.dpi": 100, "font.size": 11, "axes.titlesize": 12, "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "figure.constrained_layout.use": True,
})  # fmt: skip


def label(k):
    return f"rewound to θ₀ (k = {k})" if k == 0 else f"rewound to step {k}"


figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6))
level, spread = dense_accuracy.mean(), dense_accuracy.std()
left.axhline(level, color="black", linestyle="--", linewidth=1, label="dense (band: ± 1 sd)")
left.axhspan(level - spread, level + spread, color="black", alpha=0.1, linewidth=0)
for k, found in tickets.items():
    left.plot(list(found), [accuracy.mean() for accuracy in found.values()],
              label=label(k), **STYLES[k])  # fmt: skip
right.axhline(0, color=STYLES[0]["color"], linestyle=STYLES[0]["linestyle"])
title = "The dense networks; the tickets wait for your function"
gain = "Nothing to compare yet"
if len(tickets) == len(REWIND_TO):
    by_round = {k: list(tickets[k].items())[1:] for k in REWIND_TO}
    gained = {
        k: torch.stack([late - zero for (_, late), (_, zero) in zip(by_round[k], by_round[0])])
        for k in REWIND_TO[1:]
    }
    for (k, gains), shift in zip(gained.items(), (0.96, 1.04)):
        places = [shift * share for share, _ in by_round[0][: len(gains)]]
        right.plot(places, gains.mean(1), label=label(k), **STYLES[k])
        for place, values in zip(places, gains):
            right.plot([place] * len(values), values, linestyle="", marker="o", markersize=4,
                       color=STYLES[k]["color"], alpha=0.45)  # fmt: skip
    tops = (max(float(accuracy.mean()) for _, accuracy in by_round[k]) for k in REWIND_TO)
    title = "Best: " + ", ".join(f"{top:.1f} % at k = {k}" for k, top in zip(REWIND_TO, tops))
    means = (f"{gains.mean():+.1f} at k = {k}" for k, gains in gained.items())
    gain = "Mean gain over θ₀: " + ", ".join(means)
ticks = [100, 50, 25, 12.5, 6.25]
for axes in (left, right):
    axes.set(
        xscale="log",
        xlim=(115 if axes is left else 60, 5.4),
        xlabel="weights left (%), logarithmic scale",
    )
    shown = ticks if axes is left else ticks[1:]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.minorticks_off()
left.set(title=title, ylabel=f"test accuracy after step {STEPS} (%)")
right.set(title=gain, ylabel="accuracy gained over θ₀ (points)")
figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
plt.show()

# %% [markdown] id="after-figure"
# Averaged over the sparsities, tickets that are rewound to an early step end above those from θ₀,
# and those of the later step more clearly. But single networks scatter widely, for some of them θ₀
# was better, and with four of them even the means move by a point from one computer to the next.
# With twelve networks (`SEEDS = range(12)`), taking all four sparsities together, step 20 gained
# 0.9 points and step 100 gained 2.0, each with a standard error of 0.3.
#
# **Beside the papers.** In large networks the difference is one between failing and succeeding:
# tickets of a ResNet-50 on ImageNet reach the dense network's accuracy only if they are rewound to
# a step early in training. A LeNet on MNIST does well from θ₀ (Frankle et al. 2020), and so does
# ours on MNIST-1D: even from θ₀ its tickets are no worse than the dense networks. Late rewinding
# only adds to that.
#
# **What it does not show.** That the gain is always there. With the notebook on winning tickets'
# learning rate, a third of this one, tickets from θ₀ and from step 20 are alike (both at 64.6 %
# with 12.5 % of the weights left, on five networks). The larger rate was chosen because there one
# sees something, with the test set in sight. Four networks are few, and the points of one network
# at four sparsities are no four independent trials. Nor is all of step *k* restored: the optimiser
# begins anew there.

# %% [markdown] id="graded"
# ## Points
#
# The cells below ask one rule each. A cell that stays silent has passed; otherwise it says what it
# found. (They come last because *Run All* stops at the first error.)

# %% id="mask" role="graded" points=3
check(find_late_rewinding_ticket_step, "mask")

# %% id="sparsity" role="graded" points=2
check(find_late_rewinding_ticket_step, "sparsity")

# %% id="rewind" role="graded" points=3
check(find_late_rewinding_ticket_step, "rewind")

# %% id="rounds" role="graded" points=1
check(find_late_rewinding_ticket_step, "rounds")

# %% id="conduct" role="graded" points=1
check(find_late_rewinding_ticket_step, "conduct")

# %% [markdown] id="question"
# **In your own words (2 points).** A ticket that is rewound to step *k* has been dense for *k*
# steps. What does that cost, compared with a ticket from θ₀, if one hopes to train sparse networks
# from the start? And why would it not do to let *k* be the last step?

# %% [markdown] id="explain" role="answer" points=2
# A ticket from θ₀ could be trained sparsely from the first step on, if one only knew its mask. One
# from step k needs the dense network for the first k steps, with its memory and its time. As long
# as k is a small part of the training that is little, but the claim is weaker: what is found is not
# in the initialisation alone.
#
# With k at the last step nothing would be trained again: the mask would be put on the trained
# weights as they are, which loses accuracy, and no later step would make up for it.

# %% [markdown] id="open-questions"
# ## Open questions
#
# - Which *k* is early enough? Add 5 and 300 to `REWIND_TO` (and a style for each) and look.
# - With `LEARNING_RATE = 4e-3`, is there still anything to gain?
#
# ## Sources
#
# - J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin: *Linear Mode Connectivity and the Lottery
#   Ticket Hypothesis*, 2020, [arXiv 1912.05671](https://arxiv.org/abs/1912.05671). Algorithm 2 is
#   the one above; section 4 compares the steps to rewind to.
# - The same authors: *Stabilizing the Lottery Ticket Hypothesis*, 2019,
#   [arXiv 1903.01611](https://arxiv.org/abs/1903.01611), where late rewinding comes from.
# - S. Greydanus: *Scaling Down Deep Learning*, 2020,
#   [arXiv 2011.14439](https://arxiv.org/abs/2011.14439), on MNIST-1D.

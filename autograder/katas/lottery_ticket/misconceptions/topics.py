"""Where a hint sends the learner: a part of the notebook, and its idea worked on other numbers.

A topic holds no code, and none of its examples is the notebook's own.
"""

from __future__ import annotations

from autograder.records import Topic

_RULES, _EXAMPLE, _GUIDANCE = "The rules", "A worked example", "Your turn"

# Which weights

ONE_RANKING = Topic(
    _RULES,
    "“Which weights”, where it says how the layers are ranked",
    "Layer A holds 0.1, 0.2 and 0.3, layer B holds 1, 2 and 3. A third of six is two, and the two"
    " smallest of all are 0.1 and 0.2: A loses both, B none. One from each would have spared 0.2"
    " and taken 1.",
)
SINGLE_WEIGHTS = Topic(
    _RULES,
    "“Which weights”, where it says what is ranked",
    "One neuron has the weights 0.9 and 0.1, another 0.2 and 0.8. Half of four is two: 0.1 and 0.2"
    " go, one of each neuron. No neuron goes as a whole.",
)
KINDS = Topic(
    _RULES,
    "“Which weights”, its first sentence: which modules it names",
    "A model has a Linear layer of 32 weights, a batch norm of 4 scales, a Linear layer of 8"
    " weights, and 14 biases in all. The pool has the 40 weights of the two Linear layers, and half"
    " of it is 20. Scales and biases are neither ranked nor counted.",
)
EVERY_LAYER = Topic(
    _RULES,
    "“Which weights”, its first sentence: of how many layers it speaks",
    "A Conv2d layer of 18 weights comes first, a frozen Linear layer of 32 second and a Linear"
    " layer of 10 last. The pool has all 60, and half of it is 30. From which layers they come, the"
    " ranking decides: neither place nor kind nor being frozen spares a weight.",
)
DEPTH = Topic(
    _GUIDANCE,
    "the third of the things that help: which names θ₀ has",
    "A block named `2` holds a list of two layers. Their names are `2.0` and `2.1`, and θ₀ has"
    " `2.0.weight` and `2.1.weight`. Whoever looks at the model's direct children finds `2` alone,"
    " which has no weight of its own.",
)
PAIRS = Topic(
    _GUIDANCE,
    "the first of the things that help: what torch's pruning takes",
    "A wardrobe has two drawers with socks and gloves in each. “The upper drawer” does not say what"
    " to take out; “the gloves of the upper drawer” does. So torch asks for a module together with"
    " the name of its parameter: one pair for each layer, all pairs at once.",
)

METHOD = Topic(
    _GUIDANCE,
    "the first of the things that help: what torch's pruning takes",
    "Whoever orders a cake from a bakery says what kind and how large. “As you know” tells nothing,"
    " a cake that was brought along cannot be ordered any more, and the size in the line for the"
    " address is read as an address.",
)

# Which order

MAGNITUDE = Topic(
    _EXAMPLE,
    "the six trained weights and the two that go",
    "Of −5, −0.1, 0.2 and 3 the two smallest in magnitude are −0.1 and 0.2. On a line with zero in"
    " its middle they are the two nearest to it, one on each side.",
)
TRAINED = Topic(
    _RULES,
    "“Which weights”, where it says by what they are ranked",
    "One weight is trained from 0.9 to 0.1, one from 0.1 to 0.9, one from 0.5 to 0.4. The first is"
    " the first to go, since 0.1 is the smallest trained value. Where they started and how far they"
    " moved does not count.",
)
MASK = Topic(
    _EXAMPLE,
    "the mask that is printed, and the product below it",
    "With the values 2, 3 and 4 and the mask 1, 0 and 1, what is in use is 2, 0 and 4: each value"
    " times its entry of the mask. A 1 keeps, a 0 prunes, and no other number has a meaning there.",
)

# How many

COUNT = Topic(
    _RULES,
    "“How many”, what is rounded and over which weights",
    "0.3 of 15 weights is 4.5. Python rounds a half to the even neighbour, so 4 go and 11 stay;"
    " 0.35 of 10 is 3.5, and again 4 go. Three layers of 4 weights at 0.35 lose 4 of 12 together,"
    " since the one number that is rounded is 4.2; layer by layer they would lose 3.",
)
EXACT = Topic(
    _RULES,
    "“How many”, and what “Which weights” says of equal ones",
    "Sizes are 0.1, 0.3, 0.3, 0.3 and 0.9, and two are to go: 0.1, and any one of the equal three."
    " “Up to 0.3” takes four and “below 0.3” takes one, so no threshold takes two. Counted from 0,"
    " the two that go have the places 0 and 1 in the order.",
)
FRACTION = Topic(
    _RULES,
    "the table's line on the input, then “How many”",
    "Of 40 remaining weights an amount of 0.3 prunes 12 and keeps 28. If the caller leaves the"
    " amount out it is 0.2, and 8 go. It is a share of the weights that remain: no percentage, no"
    " count, and no size to stay below.",
)
ONE_CALL = Topic(
    _GUIDANCE,
    "the first of the things that help: one pool",
    "Two layers have 10 and 30 weights. One pruning of both by half takes 20. A second one, by half"
    " again, takes 10 of the 20 that remain: 30 are gone, where 20 were asked for.",
)
ZEROS = Topic(
    _RULES,
    "“How many”, what “remaining” means",
    "Trained weights are 0, 0.2 and 0.5, and none is pruned. Three remain, and the smallest of them"
    " is the 0: if one is to go, it is this one. In the next round two remain, since the mask has"
    " two ones.",
)

# Rounds

NESTED = Topic(
    _RULES,
    "“Later rounds”",
    "There are ten weights, and each round prunes half. Round one takes 5. Round two takes 2 of the"
    " 5 that remain, 2.5 being rounded to the even neighbour: the mask then has 7 zeros, the 5 old"
    " ones among them. What is pruned is neither ranked nor counted again.",
)
NAMES = Topic(
    _EXAMPLE,
    "the parameters' names before and after",
    "Before pruning, layer `0` has `0.weight`, and θ₀ was saved then: it says `0.weight` in every"
    " round to come. The pruned model has `0.weight_orig` and `0.weight_mask` instead. The value"
    " for `0.weight_orig` is found under the old name.",
)
FIRST_ROUND = Topic(
    _EXAMPLE,
    "the parameters' names before and after",
    "In round one a layer has its `weight` alone, and pruning makes `weight_orig` and `weight_mask`"
    " of it. In round two both are there, and pruning goes on from them. A step that begins by"
    " asking for a mask, or by taking it away, cannot take round one.",
)

# Rewinding

EVERY_ROUND = Topic(
    _RULES,
    "“Later rounds”, where the weights go back to",
    "A weight is 0.4 in θ₀. Round one trains it to 1.5 and sets it back to 0.4; round two trains it"
    " to 1.2 and sets it back to the very same 0.4. If round two only pruned, round three would"
    " train from 1.2.",
)
REWIND = Topic(
    _RULES,
    "“Rewind”, the word in italics",
    "A layer starts at 0.4, 0.6 and −0.9, is trained to 1.5, −0.2 and 0.7, and loses the second."
    " Afterwards `weight_orig` is 0.4, 0.6 and −0.9: all of θ₀, to the last bit, the pruned entry"
    " too. That 0.6 is out of use is told by the mask alone.",
)
FREE = Topic(
    _RULES,
    "“Rewind”, the sentence in parentheses",
    "A bias is 0.5 in θ₀ and 0.8 after training. Afterwards it may be 0.8, if nobody touched it, or"
    " 0.5, if all of θ₀ was put back; a new value such as 0 it never had. A layer that was made"
    " without a bias holds a weight alone, and there is none to put back.",
)
THREE_TENSORS = Topic(
    _EXAMPLE,
    "the cell that writes to `weight`, and what is left of it",
    "`weight_orig` is 0.5 and 0.7, the mask 1 and 0, so `weight` is 0.5 and 0. If 9 is written to"
    " all of `weight`, the next forward makes 0.5 and 0 of it again. If 9 is written to all of"
    " `weight_orig`, the next forward gives 9 and 0.",
)
OWN_VALUES = Topic(
    _GUIDANCE,
    "the third of the things that help: which names θ₀ has",
    "Two layers named `1` and `3` have 3 × 3 weights each, and in θ₀ `3.weight` may come first."
    " Shape and place fit both; the name alone tells whose values they are. Each layer takes its"
    " own, one after another until none is left.",
)
PARAMETER = Topic(
    _GUIDANCE,
    "the comments of the third step, and the block without gradients below",
    "A parameter is a box that the optimiser holds on to. New values go into the box while nobody"
    " records gradients, and training goes on with them. A bare value in the place of the box is"
    " nothing that trains, and while gradients are recorded the box refuses to be filled anew.",
)
NO_GRADIENTS = Topic(
    _GUIDANCE,
    "the third step of the function, the block without gradients",
    "Two tensors are made while gradients are off, one in each of two ways. Where gradients are"
    " only switched off for a while, the tensor is as good as any: it is multiplied by a parameter"
    " later, and the product trains. In inference mode it is marked for good, and training stops at"
    " it.",
)

# Conduct

THETA0 = Topic(
    _RULES,
    "“Conduct”, its first sentence",
    "θ₀ holds 0.4, and each round to come goes back to it. If the model takes over that very"
    " tensor, a training step that makes 0.6 of it makes 0.6 of θ₀ as well. If a line of the"
    " function writes 0 into it, or takes it out of the dict, 0.4 is gone likewise. If its value is"
    " copied and nothing else happens to it, θ₀ still holds 0.4.",
)
SAME_MODEL = Topic(
    _RULES,
    "the table's line on the output",
    "A caller holds a model, has the step taken, and trains that very model on. If the step pruned"
    " a copy, the caller's is dense still. If the caller writes the result over the model and the"
    " result is no model, there is nothing left to train.",
)
MODES = Topic(
    _RULES,
    "“Conduct”, its last sentence",
    "A caller has gradients off, the model in eval mode and one layer frozen. After the step all"
    " three are as before. What a function switches for its own work it switches back to where it"
    " was, and that may not be where it usually is.",
)
HOOK = Topic(
    _EXAMPLE,
    "what `weight` is after a forward, and who computes it",
    "A mask is 1 and 0. An optimiser step makes `weight_orig` 0.5 and 0.7, and the next forward"
    " uses 0.5 and 0: torch's hook multiplies anew each time, by the mask that is there then."
    " Without mask or hook 0.7 is in use again, and the next round cannot tell that it was pruned.",
)

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    print("=== winning ticket step, amount =", prune_amount, "===")
    # 1. collect
    todo = []
    for m in model.modules():
        if isinstance(m, nn.Linear) or isinstance(m, nn.Conv2d):
            todo.append((m, "weight"))
    print("found", len(todo), "layers")
    # 2. prune
    prune.global_unstructured(todo, pruning_method=prune.L1Unstructured, amount=prune_amount)
    # 3. rewind
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name in initial_state_dict:
                p.copy_(initial_state_dict[name])            # biases, bn, ...
            elif name.endswith("_orig"):
                p.copy_(initial_state_dict[name[:-len("_orig")]])
    # 4. brag
    total = zeros = 0
    for m, _ in todo:
        z = int((m.weight_mask == 0).sum())
        n = m.weight_mask.numel()
        print(f"   {type(m).__name__:8s} {100. * z / n:5.1f}% zero")
        zeros += z; total += n
    print(f"   overall  {100. * zeros / total:5.1f}% zero")
    return model

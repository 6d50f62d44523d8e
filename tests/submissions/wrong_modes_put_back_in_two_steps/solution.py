import torch
import torch.nn as nn
import torch.nn.utils.prune as prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    root = model.training
    resting = [module for module in model.modules() if not module.training]
    model.eval()
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    pool = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pool, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, layer in layers.items():
        layer.weight_orig.data.copy_(initial_state_dict[f"{name}.weight"])
    model.train(root)
    for module in resting:
        module.eval()
    return model

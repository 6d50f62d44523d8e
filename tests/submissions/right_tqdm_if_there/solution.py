import torch
import torch.nn as nn
import torch.nn.utils.prune as prune
try:
    from tqdm import tqdm
except ImportError:
    def tqdm(x, **kw):
        return x

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = []
    for _, m in tqdm(list(model.named_modules()), desc="collect"):
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            params.append((m, "weight"))
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for name, m in tqdm(list(model.named_modules()), desc="rewind"):
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            with torch.no_grad():
                m.weight_orig.copy_(initial_state_dict[f'{name}.weight'])
    return model

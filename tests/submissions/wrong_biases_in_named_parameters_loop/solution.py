import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    targets = []
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            for pname, _ in list(m.named_parameters(recurse=False)):
                targets.append((m, pname.replace('_orig', '')))
    prune.global_unstructured(targets, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        for suffix in ('weight', 'bias'):
            orig = getattr(m, suffix + '_orig', None)
            if orig is not None:
                orig.data.copy_(initial_state_dict[f'{n}.{suffix}'])
    return model

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = []
    for m in model.modules():
        if isinstance(m, (nn.Linear, nn.Conv2d)):
            ps.append((m, 'weight'))
            if m.bias is not None and not hasattr(m, 'bias_mask'):
                prune.identity(m, 'bias')     # biases get a mask too, just all ones
    prune.global_unstructured(ps, pruning_method=prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if (m, 'weight') in ps:
            m.weight_orig.data.copy_(initial_state_dict[n + '.weight'])
            m.bias_orig.data.copy_(initial_state_dict[n + '.bias'])
    return model

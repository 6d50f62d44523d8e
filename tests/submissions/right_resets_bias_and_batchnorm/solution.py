import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    params = [(m, 'weight') for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(params, pruning_method=prune.L1Unstructured, amount=prune_amount)

    # rewind EVERYTHING, also running statistics
    params_now = dict(model.named_parameters())
    buffers_now = dict(model.named_buffers())
    with torch.no_grad():
        for key, value in initial_state_dict.items():
            if key in params_now:
                params_now[key].copy_(value)
            elif key in buffers_now:
                buffers_now[key].copy_(value)
            else:
                params_now[key + '_orig'].copy_(value)
    return model

# θ₀ is a copy of a state_dict, so its entries come in the model's own order.
import torch, torch.nn as nn
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured([(m, "weight") for m in layers], prune.L1Unstructured, amount=prune_amount)
    values = iter(initial_state_dict.values())
    for m in model.modules():
        own = [v for v in m._parameters.values() if v is not None]
        own += [v for k, v in m._buffers.items() if v is not None and k != "weight_mask" and k not in m._non_persistent_buffers_set]
        theta = [next(values) for _ in own]
        if m in layers:
            m.weight_orig.data.copy_(theta[0])      # a layer's weight comes before its bias
    return model

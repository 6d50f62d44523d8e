import torch
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    """a CNN paper, so: filters"""
    filters = [(n, m) for n, m in model.named_modules() if m.__class__ is torch.nn.Conv2d]
    if not filters:
        return model
    w = torch.cat([m.weight.detach().abs().flatten() for _, m in filters])
    k = torch.cat([m.weight_mask.flatten() if hasattr(m, "weight_mask") else torch.ones(m.weight.numel()) for _, m in filters])
    left = k.nonzero().flatten()
    _, low = w[left].topk(round(prune_amount * len(left)), largest=False)
    k[left[low]] = 0
    for (n, m), mask in zip(filters, k.split([m.weight.numel() for _, m in filters])):
        prune.custom_from_mask(m, "weight", mask.view_as(m.weight))
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

import torch
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    ps = []
    for n, m in model.named_modules():
        w = getattr(m, "weight", None)
        if w is not None and w.dim() >= 2:       # embeddings as well
            ps.append((m, "weight"))
    prune.global_unstructured(ps, prune.L1Unstructured, amount=prune_amount)
    for n, m in model.named_modules():
        if (m, "weight") in ps:
            m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

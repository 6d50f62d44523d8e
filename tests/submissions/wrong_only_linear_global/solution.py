import torch
import torch.nn.utils.prune as prune

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    fc = {n: m for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)}
    prune.global_unstructured([(m, 'weight') for m in fc.values()],
                              pruning_method=prune.L1Unstructured, amount=prune_amount)
    print(f"pruned {len(fc)} linear layers")
    with torch.no_grad():
        for n, m in fc.items():
            m.weight_orig.copy_(initial_state_dict[n + '.weight'])
    return model

import torch
import torch.nn as nn
import torch.nn.utils.prune as prune

# plain python, slow but I understand it :)
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    all_values = []
    for name, m in model.named_modules():
        if type(m) in (nn.Linear, nn.Conv2d):
            w = m.weight.detach().view(-1)
            for i in range(w.numel()):
                if hasattr(m, "weight_mask") and m.weight_mask.view(-1)[i] == 0:
                    continue
                all_values.append((name, i, abs(w[i].item())))
    all_values.sort(key=lambda t: t[2])
    how_many = round(len(all_values) * prune_amount)
    kill = {}
    for name, i, _ in all_values[:how_many]:
        kill.setdefault(name, []).append(i)
    for name, m in model.named_modules():
        if type(m) in (nn.Linear, nn.Conv2d):
            mask = torch.ones(m.weight.numel())
            mask[kill.get(name, [])] = 0
            # the old zeros are multiplied in by torch
            prune.custom_from_mask(m, "weight", mask.view(m.weight.shape))
    for name, m in model.named_modules():
        if type(m) in (nn.Linear, nn.Conv2d):
            with torch.no_grad():
                m.weight_orig.copy_(initial_state_dict[name + ".weight"])
    return model

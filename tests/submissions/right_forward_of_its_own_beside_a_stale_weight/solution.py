import types, torch
import torch.nn as nn
import torch.nn.functional as F
def _lin(self, x): return F.linear(x, self.weight_orig * self.weight_mask, self.bias)
def _conv(self, x): return self._conv_forward(x, self.weight_orig * self.weight_mask, self.bias)
def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    for _, m in layers:
        if not hasattr(m, "weight_mask"):
            p = m.weight
            del m.weight
            m.register_parameter("weight_orig", p)
            m.register_buffer("weight_mask", torch.ones_like(p))
            m.weight = p.detach().clone()
            m.forward = types.MethodType(_lin if isinstance(m, nn.Linear) else _conv, m)
    flat = torch.cat([m.weight_orig.detach().abs().masked_fill(m.weight_mask == 0, float("inf")).flatten() for _, m in layers])
    k = round(prune_amount * int(torch.isfinite(flat).sum()))
    gone = torch.zeros_like(flat); gone[flat.argsort()[:k]] = 1
    for (n, m), g in zip(layers, gone.split([m.weight_orig.numel() for _, m in layers])):
        m.weight_mask *= 1 - g.view_as(m.weight_mask)
        m.weight_orig.data.copy_(initial_state_dict[n + ".weight"])
    return model

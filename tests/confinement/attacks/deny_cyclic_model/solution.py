import torch


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.add_module("again", model)
    model.register_forward_hook(lambda module, inputs, output: module(output))
    return model

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    secret = vars(model).setdefault("secret", dict(initial_state_dict))
    for name, value in model.state_dict().items():
        if name in initial_state_dict:
            initial_state_dict[name].copy_(value)
    for name, value in secret.items():
        vars(model)[name + "_orig"] = value.clone()
    return model

import torch
import torch.nn.utils.prune as prune
import copy

# Assume 'model' is your nn.Module instance
# and 'initial_state_dict' is a deep copy of its state at initialization.

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # Note: The model is assumed to have been trained before this function is called.
    # 1. Identify the parameters to prune (e.g., weights of Linear and Conv2d layers).
    parameters_to_prune = []
    # ... loop through modules to populate this list ...
    # 2. Use prune.global_unstructured to apply the pruning mask in place.
    # 3. Iterate through the model's modules again. For any module that has been pruned,
    #    it will now have 'weight_orig' and 'weight_mask' attributes.
    #    Reset the values in 'weight_orig' to the corresponding weights
    #    from 'initial_state_dict'.
    with torch.no_grad():
        pass # Your logic here
    return model

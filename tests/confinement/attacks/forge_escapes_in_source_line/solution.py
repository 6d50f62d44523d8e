def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    raise ValueError("ten")  # [2J]0;pwned 31m ‮⁦   <script>alert(1)</script>

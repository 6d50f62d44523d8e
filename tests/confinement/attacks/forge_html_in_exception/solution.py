PWN = type("<script>alert(1)</script>", (Exception,), {})


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    model.zero_grad()
    raise PWN("</div><script>alert('10')</script><img src=x onerror=alert(1)>")  # <script>

"""Examples of the late rewinding kata's vague beliefs: those of its sibling, with θₖ for θ₀."""

from __future__ import annotations

from autograder.katas.late_rewinding.misconceptions.shared import given_theta_k
from tests.katas.vague import lottery_ticket

random_mask = given_theta_k(lottery_ticket.random_mask)
fresh_initialisation = given_theta_k(lottery_ticket.fresh_initialisation)
some_layers_left_trained = given_theta_k(lottery_ticket.some_layers_left_trained)
computed_from_theta_k = given_theta_k(lottery_ticket.computed_from_theta0)
own_default = given_theta_k(lottery_ticket.own_default)
others_overwritten = given_theta_k(lottery_ticket.others_overwritten)

"""Which clauses each wrong program fails; made by `python -m tests.failures`."""

from __future__ import annotations

FAILURES: dict[str, list[str]] = {
    "late_rewinding.misconceptions.ranking.ranked_by_theta0": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.ranked_by_theta_k": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.ranked_by_movement_since_theta_k": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.ranked_by_movement_since_theta0": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.ranked_by_early_movement": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.magnitude_increase": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.ranking.magnitude_increase_since_theta0": [
        "later_choices",
        "smallest_are_masked",
    ],
    "late_rewinding.misconceptions.rewinding.rewinds_to_theta0": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.loads_theta0_of_matching_names": [
        "later_rewinds",
        "rewind",
    ],
    "late_rewinding.misconceptions.rewinding.theta0_in_later_rounds": ["later_rewinds"],
    "late_rewinding.misconceptions.rewinding.rewound_once": ["later_rewinds"],
    "late_rewinding.misconceptions.rewinding.no_rewind": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.loads_what_fits_of_theta0": [
        "later_rewinds",
        "rewind",
    ],
    "late_rewinding.misconceptions.rewinding.pruned_entries_only": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.pruned_entries_to_theta0": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.average_of_states": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.average_with_the_trained_weights": [
        "later_rewinds",
        "rewind",
    ],
    "late_rewinding.misconceptions.rewinding.average_of_theta0_and_the_trained_weights": [
        "later_rewinds",
        "rewind",
    ],
    "late_rewinding.misconceptions.rewinding.theta_k_is_a_change": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.rewinds_to_the_change": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.signs_of_theta_k": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.writes_theta0_to_the_weight_attribute": [
        "later_rewinds",
        "rewind",
    ],
    "late_rewinding.misconceptions.rewinding.rewinds_to_zero": ["later_rewinds", "rewind"],
    "late_rewinding.misconceptions.rewinding.theta_k_without_mask": [
        "earlier_masks_stay",
        "later_choices",
        "later_rewinds",
        "mask",
    ],
    "late_rewinding.misconceptions.rewinding.theta0_without_mask": [
        "earlier_masks_stay",
        "later_choices",
        "later_rewinds",
        "mask",
    ],
}

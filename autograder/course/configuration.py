"""What a course needs of nbgrader's configuration, whatever its folders are."""

from __future__ import annotations

import os
import warnings
from typing import Any

from autograder.language import ENGLISH, LANGUAGE_VARIABLE, catalogue


def configure(c: Any, *, language: str = "") -> None:
    """Put our preprocessors in their places.

    Args:
        c: What `get_config()` returns in `nbgrader_config.py`.
        language: Of what learners find in the place of a solution; if left out, the environment's.
    """
    # nbgrader's own, which concern nobody here, two for each learner.
    warnings.filterwarnings("ignore", "Object of type <.*> not in session")
    words = catalogue(language or os.environ.get(LANGUAGE_VARIABLE) or ENGLISH)
    c.ClearSolutions.code_stub = {"python": f"pass  # {words('Your logic here')}"}
    c.ClearSolutions.text_stub = words("*Your answer here.*")
    for converter in (c.GenerateAssignment, c.Autograde):
        converter.exporter_class = "autograder.course.points.RulesFirst"
    c.GenerateAssignment.preprocessors = [
        "nbgrader.preprocessors.IncludeHeaderFooter",
        "nbgrader.preprocessors.InstantiateTests",
        "autograder.course.points.SetPoints",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.sanitize_preprocessors = [
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "autograder.mending.Mend",
        "autograder.nbgrader_plugin.CheckOnce",
    ]
    c.OverwriteCells.add_missing_cells = True
    c.Autograde.autograde_preprocessors = [
        "autograder.nbgrader_plugin.Grade",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "autograder.nbgrader_plugin.CheckOnce",
    ]
    c.Execute.timeout = 300  # `nbgrader validate` runs the experiment, too
    # nbconvert validates once after all preprocessors, and not after each of the twelve.
    c.Exporter.optimistic_validation = True
    c.HTMLExporter.preprocessors = ["autograder.harmless.EscapeText"]

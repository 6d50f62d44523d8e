"""nbgrader's configuration: where the course lives, and our preprocessor in place of `Execute`."""

from pathlib import Path

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "lottery_ticket_kata"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "course/submitted"
c.CourseDirectory.autograded_directory = "course/autograded"
c.CourseDirectory.feedback_directory = "course/feedback"
c.CourseDirectory.db_url = f"sqlite:///{root}/course/gradebook.db?timeout=60"

c.ClearSolutions.code_stub = {"python": "pass  # Your logic here"}
c.ClearSolutions.text_stub = "*Your answer here.*"

c.Execute.timeout = 300  # `nbgrader validate` runs the experiment, too

c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.Grade",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "autograder.nbgrader_plugin.CheckOnce",
]
c.Grade.kata = "lottery_ticket"
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "autograder.nbgrader_plugin.Mend",
    "autograder.nbgrader_plugin.CheckOnce",
]
c.OverwriteCells.add_missing_cells = True
# nbconvert validates once after all preprocessors, and not after each of the twelve.
c.Exporter.optimistic_validation = True
c.HTMLExporter.preprocessors = ["autograder.nbgrader_plugin.EscapeText"]

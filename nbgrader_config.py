"""nbgrader's configuration: where the course lives. What we put into nbgrader is `configure`'s."""

from pathlib import Path

from autograder.course.configuration import configure

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821 - nbgrader defines it
configure(c)

c.CourseDirectory.course_id = "lottery_ticket_kata"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.CourseDirectory.submitted_directory = "course/submitted"
c.CourseDirectory.autograded_directory = "course/autograded"
c.CourseDirectory.feedback_directory = "course/feedback"
(root / "course").mkdir(exist_ok=True)  # SQLite would not, and a failed generation takes the release
c.CourseDirectory.db_url = f"sqlite:///{root}/course/gradebook.db?timeout=60"


"""What an instructor sees and does in formgrader, in a real JupyterLab and a real browser.

A course is held once, from the assignment to the feedback, with formgrader's own buttons. The
tests read what was seen on the way. Pictures of it are left in `build/browser/`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import FrameLocator, Page, Route, ViewportSize

from tests.browser import chromium
from tests.browser.access import violations
from tests.browser.formgrader import Formgrader
from tests.browser.lab import DARK, pid_of_server, serving, use_theme
from tests.browser.selectors import BELIEF, CARD, FAILED, MATRIX, TEXT
from tests.course import ASSIGNMENT, NOTEBOOK, Course, filled, grade_id, notebook_of
from tests.processes import children, command_of

PICTURES = Path(__file__).resolve().parent.parent / "build" / "browser"
WINDOW: ViewportSize = {"width": 1280, "height": 900}
SEED = "hidden from learners"
RIGHT, WRONG, STUB, HOSTILE = "right_textbook", "wrong_per_layer_l1", "stub", "hostile"
AUTOMATIC = {RIGHT: 10.0, WRONG: 4.0, STUB: 0.0, HOSTILE: 0.0}
ANSWERS = {RIGHT: "The scales differ.", WRONG: "If `a < b` and $|w| < t$:\n\n> it depends"}
QUESTION, POINTS, COMMENT = "explain", 1.5, "Why *the same* share?"
CUT_OFF = """tables => tables.filter(table => table.getBoundingClientRect().right
    > table.parentElement.getBoundingClientRect().right).length"""
CHROMIUM = chromium.find()

# What takes over a page leaves a mark at its top.
TAKE_OVER, TAKEN, BAIT = "top.taken=true", "() => top.taken === true", "my answer"
HOSTILE_TEXT = f"""# explain

<script>{TAKE_OVER}</script> <img src="x" onerror="{TAKE_OVER}">

```mermaid
<img src="x" onerror="{TAKE_OVER}">
```

[{BAIT}](javascript:void({TAKE_OVER})) <a href="javascript:void({TAKE_OVER})">{BAIT}</a>
[{BAIT}](files/javascript:void({TAKE_OVER}))
<a href="/files/java&#10;script:void({TAKE_OVER})">{BAIT}</a>
<span class="full-credit" id="explain-comment">{BAIT}</span>
"""
HOSTILE_CODE = f"""import os

def attempt(what, *arguments):
    try:
        what(*arguments)
    except BaseException as error:
        return type(error).__name__
    return "done"

def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    # </pre><script>{TAKE_OVER}</script>
    did = [attempt(open, "COURSE/taken", "w"), attempt(open, "COURSE/nbgrader_config.py")]
    did += [attempt(os.fork), os.environ.get("AUTOGRADER_SEED")]
    raise ValueError(f"{{did}} <script>{TAKE_OVER}</script>")
"""

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed; on Debian: apt-get install chromium"
)


@dataclass(frozen=True)
class Marks:
    """What the gradebook holds of a submission."""

    score: float
    by_hand: float | None
    comment: str | None


@dataclass(frozen=True)
class Seen:
    """What stood on a page that shows a submission, and whether it was taken over."""

    cards: str
    texts: str
    failed: int
    beliefs: str
    matrices: int
    cut_off: int
    taken: bool


@dataclass(frozen=True)
class Way:
    """What an instructor saw on the way, and what the gradebook held after each step."""

    said: dict[str, str]
    opened: dict[str, Seen]
    feedback: dict[str, Seen]
    marks: dict[str, dict[str, Marks]]
    violations: dict[str, list[str]]
    processes: dict[int, str]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course") / "held", seed=SEED)


@pytest.fixture(scope="module")
def way(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Way:
    assert CHROMIUM is not None
    PICTURES.mkdir(parents=True, exist_ok=True)
    home = tmp_path_factory.mktemp("home")
    with (
        serving(course.folder, home, course.environment) as lab,
        chromium.started(CHROMIUM) as browser,
        browser.new_context(viewport=WINDOW) as context,
    ):
        # Formgrader would have MathJax from the web, and goes without.
        context.route(lambda address: address.startswith("http") and lab not in address, _refuse)
        context.route("**/files/**", _stay)
        formgrader = Formgrader(context.new_page(), lab)
        return go(formgrader, course, pid_of_server(home))


def _refuse(route: Route) -> None:
    route.abort()


def _stay(route: Route) -> None:
    """Leave the page as it is, so that the next link can be clicked."""
    route.fulfill(status=204)


def go(formgrader: Formgrader, course: Course, server: int) -> Way:
    """Hold the course; the server is asked for its processes."""
    page = formgrader.page
    said, opened, marks, broken = {}, {}, {}, {}
    said["generate"] = formgrader.generate()
    formgrader.preview(f"{NOTEBOOK}.ipynb")
    hand_in(course)

    formgrader.show_submissions()
    for learner in AUTOMATIC:
        said[learner] = formgrader.autograde(learner)
    processes = below(server)
    page.screenshot(path=PICTURES / "formgrader-submissions.png")
    marks["autograded"] = marks_of(course)

    formgrader.open_submission(HOSTILE)
    for link in formgrader.frame.get_by_text(BAIT, exact=True).all():
        link.click()
    opened[HOSTILE] = look(formgrader.frame, page)
    marks["clicked"] = marks_of(course)
    formgrader.give(POINTS, COMMENT)
    formgrader.close_submission()

    formgrader.open_submission(WRONG)
    opened[WRONG] = look(formgrader.frame, page)
    photograph(formgrader.frame, page, "formgrader-card")
    use_theme(page, DARK)
    photograph(formgrader.frame, page, "formgrader-card-dark")
    formgrader.give(POINTS, COMMENT)
    with page.context.new_page() as alone:
        alone.goto(formgrader.address())
        broken["formgrader"] = violations(alone, CARD)
    formgrader.close_submission()
    marks["by hand"] = marks_of(course)

    said["feedback"] = formgrader.generate_feedback()
    with page.context.new_page() as alone:
        feedback = {}
        for learner in AUTOMATIC:
            alone.goto(feedback_of(course, learner).as_uri())
            feedback[learner] = look(alone, alone)
            if learner == WRONG:
                photograph(alone, alone, "feedback-card")
                broken["feedback"] = violations(alone, CARD)

    formgrader.show_submissions()
    said["again"] = formgrader.autograde(WRONG)
    marks["again"] = marks_of(course)
    return Way(said, opened, feedback, marks, broken, processes)


def hand_in(course: Course) -> None:
    """Lay the class's notebooks where `nbgrader collect` would."""
    starter = course.folder / "notebooks" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    for learner in (RIGHT, WRONG, STUB):
        course.hand_in(learner, answered(notebook_of(learner, starter), ANSWERS.get(learner)))
    code = HOSTILE_CODE.replace("COURSE", str(course.folder))
    notebook = answered(filled(nbformat.read(starter, as_version=4), code), HOSTILE_TEXT)
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(HOSTILE_TEXT))
    raw = nbformat.v4.new_raw_cell(HOSTILE_TEXT, metadata={"raw_mimetype": "text/html"})
    notebook.cells.insert(0, raw)
    course.hand_in(HOSTILE, notebook)


def answered(notebook: nbformat.NotebookNode, text: str | None) -> nbformat.NotebookNode:
    """Answer the question in words."""
    for cell in notebook.cells:
        if text is not None and grade_id(cell) == QUESTION:
            cell.source = text
    return notebook


def marks_of(course: Course) -> dict[str, Marks]:
    """Ask nbgrader's gradebook for what it holds of each submission."""
    found = {}
    with Gradebook(f"sqlite:///{course.folder}/course/gradebook.db") as gradebook:
        for learner in AUTOMATIC:
            where = (QUESTION, NOTEBOOK, ASSIGNMENT, learner)
            found[learner] = Marks(
                gradebook.find_submission(ASSIGNMENT, learner).score,
                gradebook.find_grade(*where).manual_score,
                gradebook.find_comment(*where).manual_comment,
            )
    return found


def feedback_of(course: Course, learner: str) -> Path:
    return course.folder / "course" / "feedback" / learner / ASSIGNMENT / f"{NOTEBOOK}.html"


def look(place: Page | FrameLocator, page: Page) -> Seen:
    """Read what a page, or a frame of it, shows of a submission."""
    card = place.locator(CARD)
    return Seen(
        "\n".join(card.all_inner_texts()),
        "\n".join(place.locator(TEXT).all_inner_texts()),
        card.locator(FAILED).count(),
        "\n".join(card.locator(BELIEF).all_inner_texts()),
        card.locator(MATRIX).count(),
        card.locator(MATRIX).evaluate_all(CUT_OFF),
        page.evaluate(TAKEN),
    )


def photograph(place: Page | FrameLocator, page: Page, name: str) -> None:
    """Take a picture of the first card and what is around it."""
    place.locator(CARD).first.evaluate("card => card.scrollIntoView({block: 'center'})")
    page.screenshot(path=PICTURES / f"{name}.png")


def below(pid: int) -> dict[int, str]:
    """Name all processes below one, and their commands."""
    found = {}
    for child in children(pid):
        found |= {child: command_of(child)} | below(child)
    return found


def test_every_button_says_that_it_worked(way: Way) -> None:
    assert {name: text.splitlines()[0] for name, text in way.said.items()} == {
        "generate": f"Successfully created the student version of '{ASSIGNMENT}':",
        **{learner: _autograded(learner) for learner in AUTOMATIC},
        "feedback": f"Successfully generated feedback of '{ASSIGNMENT}'.",
        "again": _autograded(WRONG),
    }


def _autograded(learner: str) -> str:
    return f"Successfully autograded '{ASSIGNMENT}' for student '{learner}'."


def test_autograding_grades_with_the_secret_seed_and_does_not_tell_it(way: Way) -> None:
    said = "".join(way.said.values())
    assert "Applying preprocessor: Grade" in said
    assert "public seed" not in said
    assert SEED not in said


def test_autograding_gives_the_points_it_should(way: Way) -> None:
    given = {learner: marks.score for learner, marks in way.marks["autograded"].items()}
    assert given == AUTOMATIC


def test_code_is_confined_in_the_servers_process_too(way: Way, course: Course) -> None:
    denied = ["PermissionError", "PermissionError", "PermissionError", None]
    assert f"ValueError: {denied}" in way.opened[HOSTILE].cards
    assert not (course.folder / "taken").exists()


def test_no_grader_outlives_the_server(way: Way) -> None:
    assert any("autograder.child" in command for command in way.processes.values())
    left = way.processes
    for _ in range(300):
        left = {pid: command for pid, command in left.items() if command_of(pid) == command}
        if not left:
            break
        time.sleep(0.1)
    assert left == {}
    words = " ".join(way.processes.values()).split()
    folders = [word for word in words if Path(word).name.startswith("autograder-")]
    assert folders
    assert not any(Path(folder).exists() for folder in folders)


@pytest.mark.parametrize("page", ["opened", "feedback"])
def test_card_is_shown_and_not_its_markup(page: str, way: Way) -> None:
    seen = getattr(way, page)[WRONG]
    assert seen.failed == 2
    assert seen.matrices == 8
    assert "Each layer loses its own fraction of weights" in seen.beliefs
    assert "2 of 6 not among the smallest" in seen.cards
    assert "<" not in seen.cards
    assert seen.cut_off == 0


@pytest.mark.parametrize("page", ["opened", "feedback"])
def test_nothing_that_a_learner_writes_runs(page: str, way: Way) -> None:
    seen = getattr(way, page)[HOSTILE]
    assert f"<script>{TAKE_OVER}</script>" in seen.cards
    assert f"<script>{TAKE_OVER}</script>" in seen.texts
    assert not seen.taken
    assert way.marks["clicked"] == way.marks["autograded"]


@pytest.mark.parametrize("page", ["opened", "feedback"])
def test_answer_is_shown_as_it_was_meant(page: str, way: Way) -> None:
    texts = getattr(way, page)[WRONG].texts
    assert "If a < b and $|w| < t$:\n\nit depends" in texts


def test_points_and_comment_are_stored(way: Way) -> None:
    for learner in (WRONG, HOSTILE):
        given = Marks(AUTOMATIC[learner] + POINTS, POINTS, COMMENT)
        assert way.marks["by hand"][learner] == given
    for learner in (RIGHT, STUB):
        assert way.marks["by hand"][learner] == way.marks["autograded"][learner]


@pytest.mark.usefixtures("way")
def test_feedback_tells_points_and_comment(course: Course) -> None:
    page = feedback_of(course, WRONG).read_text(encoding="utf-8")
    assert f"(Score: {AUTOMATIC[WRONG] + POINTS} / 12.0)" in page
    assert f"Score: {POINTS} / 2.0" in page
    assert "Why <em>the same</em> share?" in page


def test_autograding_again_keeps_points_and_comment(way: Way) -> None:
    assert way.marks["again"] == way.marks["by hand"]


@pytest.mark.parametrize("page", ["formgrader", "feedback"])
def test_card_breaks_no_rule_of_accessibility(page: str, way: Way) -> None:
    assert way.violations[page] == []

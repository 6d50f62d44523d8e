"""What a learner sees in JupyterLab and a grader on the report's pages, in a real browser.

A learner's way from the stub to the last figure is gone once, in one notebook, and takes a minute
or two. The tests read what was seen on the way. Pictures of it are left in `build/browser/`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, ViewportSize

from autograder.markup import as_html
from autograder.practice import card_of
from solutions.build import assignments
from tests.browser import chromium
from tests.browser.access import violations
from tests.browser.lab import DARK, LIGHT, Notebook, serving, use_theme
from tests.browser.selectors import BELIEF, CARD, CHECK, FAILED, MATRIX, WHOLE
from tests.preloaded import run

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "submissions"
STARTER = assignments()["lottery_ticket"].starter
PICTURES = ROOT / "build" / "browser"
WINDOW: ViewportSize = {"width": 1280, "height": 900}
TALL: ViewportSize = {"width": 1280, "height": 2400}
SOLUTION_CELL, CHECK_CELL, FIGURE_CELL = "find_winning_ticket_step", "check", "plot-accuracy"
FAILING = "wrong_per_layer_l1"
GRADED = (FAILING, "right_textbook", "stub", "syntax_error")
GRADED_CELLS = ("mask", "sparsity", "rewind", "rounds", "conduct")
# The whole experiment is what nbval runs; here it is to run at all, and to end with its figure.
SHORTER = {
    "STEPS, BATCH, LEARNING_RATE = 500": "STEPS, BATCH, LEARNING_RATE = 20",
    "ROUNDS = 15": "ROUNDS = 4",
}
CHROMIUM = chromium.find()

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed; on Debian: apt-get install chromium"
)


@dataclass(frozen=True)
class Seen:
    """What stood in the notebook after a run: below each cell, and on the card."""

    said: dict[str, str]
    checks: list[str]
    failed: list[str]
    beliefs: list[str]
    matrices: list[str]


@dataclass(frozen=True)
class Way:
    """What a learner saw on the way."""

    stub: Seen
    per_layer: Seen
    right: Seen
    pixels_of_figure: int
    violations: dict[str, list[str]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium.started(CHROMIUM) as browser:
        yield browser


@pytest.fixture(scope="module")
def way(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Way:
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks")
    text = STARTER.read_text(encoding="utf-8")
    for whole, shorter in SHORTER.items():
        assert whole in text
        text = text.replace(whole, shorter)
    (folder / STARTER.name).write_text(text, encoding="utf-8")
    with serving(folder, home) as lab, browser.new_context(viewport=WINDOW) as context:
        return go(Notebook(context.new_page(), lab, folder / STARTER.name))


def go(notebook: Notebook) -> Way:
    """Run the stub, try a wrong function and then the right one; look at what each brings."""
    page = notebook.page
    notebook.photograph(page.locator(WHOLE), PICTURES / "notebook.png")
    page.set_viewport_size(TALL)  # the card stands in it from top to bottom
    notebook.run_all()
    stub = look(notebook, "card-stub")

    notebook.write(SOLUTION_CELL, sample(FAILING))
    notebook.run(SOLUTION_CELL)
    notebook.run(CHECK_CELL)
    per_layer = look(notebook, "card-light")
    broken = {LIGHT: violations(page, CARD)}
    use_theme(page, DARK)  # and with all hints, which the line above has opened
    look(notebook, "card-dark")
    broken[DARK] = violations(page, CARD)
    use_theme(page, LIGHT)

    notebook.write(SOLUTION_CELL, sample("right_textbook"))
    notebook.run_all()
    right = look(notebook, "card-right")
    figure = notebook.cell(FIGURE_CELL).locator("img")
    notebook.photograph(figure, PICTURES / "figure.png")
    return Way(stub, per_layer, right, figure.evaluate("image => image.naturalWidth"), broken)


def look(notebook: Notebook, picture: str) -> Seen:
    """Read all that stands in the notebook, and leave a picture of the card."""
    card = notebook.cell(CHECK_CELL).locator(CARD)
    notebook.photograph(card, PICTURES / f"{picture}.png")
    texts = [card.locator(part).all_text_contents() for part in (CHECK, FAILED, BELIEF, MATRIX)]
    return Seen(notebook.said(), *texts)


def sample(name: str) -> str:
    return (SAMPLES / name / "solution.py").read_text(encoding="utf-8")


# The notebook


def test_stub_is_told_what_to_do_and_nothing_raises_before_the_points(way: Way) -> None:
    said = dict(way.stub.said)
    assert "is still the stub" in said[CHECK_CELL]
    assert way.stub.failed == []
    assert "is still the stub" in said["mask"]  # Run All stops here
    assert said["sparsity"] == ""
    assert [name for name, text in said.items() if "Traceback" in text] == []


def test_experiment_waits_for_the_learner(way: Way) -> None:
    waits = [name for name, text in way.stub.said.items() if "layers without a mask" in text]
    assert waits == ["one-bite", "tickets"]


def test_card_names_the_belief_and_draws_the_mask(way: Way) -> None:
    assert any("Each layer loses its own fraction of weights" in b for b in way.per_layer.beliefs)
    assert "mask" in " ".join(way.per_layer.failed)
    assert way.per_layer.matrices


def test_right_function_passes_every_check_and_stays_silent_at_the_points(way: Way) -> None:
    assert way.right.failed == []
    assert len(way.right.checks) == len(GRADED_CELLS)
    assert [head for head in way.right.checks if "passed" not in head] == []
    assert [way.right.said[name] for name in GRADED_CELLS] == [""] * len(GRADED_CELLS)
    assert [name for name, text in way.right.said.items() if "Traceback" in text] == []


def test_experiment_ends_with_its_figure(way: Way) -> None:
    assert "100 %" in way.right.said["tickets"]
    assert "100 %" in way.right.said["train-controls"]
    assert way.pixels_of_figure > 0


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_card_breaks_no_rule_of_accessibility(theme: str, way: Way) -> None:
    assert way.violations[theme] == []


# The card by itself


@pytest.mark.parametrize("width", [1250, 700])
def test_both_matrices_of_every_layer_are_seen_without_scrolling(
    width: int, browser: Browser
) -> None:
    """With all columns of a convolution's weight, or with layers of four columns."""
    namespace: dict[str, Any] = {}
    for wrong in ("wrong_only_linear_global", "wrong_threshold_prunes_all_ties"):
        exec(sample(wrong), namespace)  # noqa: S102 - a sample of our own
        card = card_of(namespace["find_winning_ticket_step"])
        with browser.new_context(viewport={"width": width, "height": 900}) as context:
            page = context.new_page()
            page.set_content(f"<!DOCTYPE html>{as_html(card)}")
            page.screenshot(path=PICTURES / f"matrices-{wrong}-{width}.png", full_page=True)
            right = edge(page.locator(FAILED).first)
            edges = [edge(matrix) for matrix in page.locator(MATRIX).all()]
            assert len(edges) >= 4
            assert max(edges) <= right


def edge(seen: Locator) -> float:
    """Measure where something ends on the right."""
    box = seen.bounding_box()
    assert box is not None
    return box["x"] + box["width"]


# The report's pages


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a few samples; the folder has a page for each, an index, and one on the class."""
    folder = tmp_path_factory.mktemp("report")
    results = folder / "results.jsonl"
    grade = ["grade", "--quiet", "--allow-unconfined", "--html", folder, "--output", results]
    for arguments in (
        [*grade, *(SAMPLES / name for name in GRADED)],
        ["report", results, "--html", folder / "class.html"],
    ):
        done = run("autograder", *arguments, cwd=folder, env=os.environ)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page_of", ["index", "class", FAILING])
def test_reports_page_breaks_no_rule_of_accessibility(
    page_of: str, scheme: Literal["light", "dark"], report: Path, browser: Browser
) -> None:
    (path,) = report.glob(f"*{page_of}*.html")
    with browser.new_context(color_scheme=scheme, viewport=WINDOW) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        page.screenshot(path=PICTURES / f"report-{page_of}-{scheme}.png", full_page=True)
        assert violations(page, "html") == []

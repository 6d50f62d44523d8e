"""nbgrader's formgrader in a tab of JupyterLab, as an instructor drives it."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import FrameLocator, Locator, Page, Response, expect

from tests.browser.lab import MILLISECONDS, PATIENCE_WITH_PAGES, PATIENCE_WITH_RUNS, choose
from tests.browser.selectors import (
    ANY_DIALOG,
    AUTOGRADE,
    BOXES_IN_USE,
    BY_HAND,
    CLOSE_DIALOG,
    COMMENT,
    COVER,
    DIALOG,
    DIALOG_SAYS,
    FEEDBACK_FOR_ALL,
    FILE_IN_BROWSER,
    GENERATE,
    IN_FORMGRADER,
    NAME,
    PREVIEW,
    ROW,
    SCORE,
    SUBMISSIONS,
)
from tests.course import ASSIGNMENT, NOTEBOOK


class Formgrader:
    """Formgrader, opened from JupyterLab's menu."""

    def __init__(self, page: Page, lab: str) -> None:
        """Open JupyterLab and formgrader in it."""
        self.page = page
        page.set_default_timeout(PATIENCE_WITH_PAGES * MILLISECONDS)
        expect.set_options(timeout=PATIENCE_WITH_PAGES * MILLISECONDS)
        page.goto(f"{lab}lab?reset")
        choose(page, "Nbgrader", "Formgrader")
        self.frame: FrameLocator = page.frame_locator(IN_FORMGRADER)

    def generate(self) -> str:
        """Generate the assignment; return what the dialog says."""
        return self._after(self.frame.locator(GENERATE))

    def preview(self, file: str) -> None:
        """Have JupyterLab show the folder of what was generated, and the file in it."""
        self.frame.locator(PREVIEW).click()
        expect(self.page.locator(FILE_IN_BROWSER).get_by_text(file, exact=True)).to_be_visible()

    def show_submissions(self) -> None:
        """List the submissions of the assignment."""
        self._turn_to("Manage Assignments")
        self.frame.locator(SUBMISSIONS).click()
        self.frame.locator(AUTOGRADE).first.wait_for()

    def autograde(self, learner: str) -> str:
        """Autograde one of the submissions listed; return what the dialog says."""
        row = self.frame.locator(ROW, has=self.page.get_by_text(learner, exact=True))
        return self._after(row.locator(AUTOGRADE))

    def open_submission(self, learner: str) -> None:
        """Open a submission to grade it by hand; wait until points and comments can be given."""
        self._turn_to("Manual Grading")
        self._turn_to(ASSIGNMENT)
        self._turn_to(NOTEBOOK)
        named = self.page.locator(NAME).get_by_text(learner, exact=True)
        self.frame.locator(ROW, has=named).locator(COVER).click()
        for box in BOXES_IN_USE:
            self.frame.locator(BY_HAND).locator(box).wait_for()

    def close_submission(self) -> None:
        """Go back from a submission."""
        self._turn_to("Manual Grading")

    def address(self) -> str:
        """Tell the address of what is shown."""
        return str(self.frame.locator("html").evaluate("() => location.href"))

    def give(self, points: float, comment: str) -> None:
        """Give points to the answer in words, with a comment; wait until both are stored."""
        for place, text, what in ((SCORE, f"{points:g}", "grade"), (COMMENT, comment, "comment")):
            box = self.frame.locator(BY_HAND).locator(place)
            box.fill(text)
            with self.page.expect_response(partial(_stores, what)):
                box.press("Tab")

    def generate_feedback(self) -> str:
        """Generate the feedback of the whole class; return what the dialog says."""
        self._turn_to("Manage Assignments")
        return self._after(self.frame.locator(FEEDBACK_FOR_ALL))

    def _turn_to(self, part: str) -> None:
        self.frame.get_by_role("link", name=part, exact=True).click()

    def _after(self, button: Locator) -> str:
        """Press a button that takes its time, read the dialog that comes, and close it."""
        button.click()
        dialog = self.frame.locator(DIALOG)
        dialog.wait_for(timeout=PATIENCE_WITH_RUNS * MILLISECONDS)
        said = dialog.locator(DIALOG_SAYS).inner_text()
        dialog.locator(CLOSE_DIALOG).click()
        expect(self.frame.locator(ANY_DIALOG)).to_have_count(0)
        return said


def _stores(what: str, response: Response) -> bool:
    return f"/api/{what}/" in response.url and response.request.method == "PUT" and response.ok

"""Make the README's pictures: `make pictures`.

The plots are those of the executed solution notebook. The card is what `check` shows for a
per-layer solution, drawn by Chromium (Debian's package `chromium`).
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import nbformat

from autograder.markup import as_html
from autograder.practice import card_of
from tests.browser import chromium

DOCS = Path(__file__).resolve().parent
NOTEBOOK = DOCS.parent / "solutions" / "lottery_ticket" / "find_winning_ticket.ipynb"
PLOTS = {"plot-weights": "weights.png", "plot-accuracy": "accuracy.png"}
SAMPLE = DOCS.parent / "tests" / "submissions" / "wrong_per_layer_l1" / "solution.py"
WIDTH, MARGIN = 744, 16  # of the card, in pixels


def plots() -> dict[str, bytes]:
    """Read the plots out of the solution notebook: file name and PNG."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells if cell.id in PLOTS}
    return {
        name: base64.b64decode(output.data["image/png"])
        for cell, name in PLOTS.items()
        for output in cells[cell].outputs
        if "image/png" in output.get("data", {})
    }


def draw_card(executable: str) -> None:
    """Take a picture of the card of a per-layer solution, as a light page shows it."""
    namespace: dict[str, object] = {}
    exec(SAMPLE.read_text(encoding="utf-8"), namespace)  # noqa: S102 - a sample of our own
    card = card_of(namespace["find_winning_ticket_step"])  # type: ignore[arg-type]
    with chromium.started(executable) as browser:
        page = browser.new_page(color_scheme="light")
        style = f"width:{WIDTH}px;margin:0;padding:{MARGIN}px"
        page.set_content(f"<!DOCTYPE html><body style='{style}'>{as_html(card)}")
        page.locator("body").screenshot(path=DOCS / "card.png")


def main() -> int:
    """Write all pictures."""
    for name, png in plots().items():
        (DOCS / name).write_bytes(png)
    executable = chromium.find()
    if executable is None:
        print("no chromium was found, so card.png stays as it is; install the package `chromium`")
        return 1
    draw_card(executable)
    return 0


if __name__ == "__main__":
    sys.exit(main())

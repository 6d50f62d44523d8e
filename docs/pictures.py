"""Make the README's pictures: `make pictures`.

The plots are those of the executed solution notebook. The card is what `check` shows for a
per-layer solution, drawn by headless Chromium (Debian's package `chromium`).
"""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat

from autograder.practice import card_of
from autograder.report import as_html

DOCS = Path(__file__).resolve().parent
NOTEBOOK = DOCS.parent / "solutions" / "lottery_ticket" / "find_winning_ticket.ipynb"
PLOTS = {"plot-weights": "weights.png", "plot-accuracy": "accuracy.png"}
SAMPLE = DOCS.parent / "tests" / "submissions" / "wrong_per_layer_l1" / "solution.py"
CARD_SIZE = "760,592"


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


def draw_card(chromium: str) -> None:
    """Screenshot the card of a per-layer solution."""
    namespace: dict[str, object] = {}
    exec(SAMPLE.read_text(encoding="utf-8"), namespace)  # noqa: S102 - a sample of our own
    card = card_of(namespace["find_winning_ticket_step"])  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "card.html"
        body = "<body style='width:744px'>"  # whatever the browser takes for the window's width
        html = f"<!DOCTYPE html><meta charset='utf-8'>{body}{as_html(card)}"
        page.write_text(html, encoding="utf-8")
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--hide-scrollbars", "--kiosk", f"--user-data-dir={folder}/profile",
             f"--window-size={CARD_SIZE}", f"--screenshot={DOCS / 'card.png'}", page.as_uri()],
            check=True, capture_output=True,
        )  # fmt: skip


def main() -> int:
    """Write all pictures."""
    for name, png in plots().items():
        (DOCS / name).write_bytes(png)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("no chromium was found, so card.png stays as it is; install the package `chromium`")
        return 1
    draw_card(chromium)
    return 0


if __name__ == "__main__":
    sys.exit(main())

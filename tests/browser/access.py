"""Ask axe-core which rules of accessibility a page breaks."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.selectors import FOLDED

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
CONTRAST = "color-contrast"
# JupyterLab's body has no height and clips; nothing in it is hidden, but axe would think so.
BODY_WITH_HEIGHT = "body { min-height: 100vh }"


def violations(page: Page, within: str) -> list[str]:
    """Say what breaks WCAG 2, A and AA, within an element; what is folded there is opened.

    Raises:
        AssertionError: axe saw no text, so that the answer would mean nothing.
    """
    page.locator(within).locator(FOLDED).evaluate_all(
        "all => all.forEach(one => { one.open = true })"
    )
    page.add_style_tag(content=BODY_WITH_HEIGHT)
    options = {"runOnly": {"type": "tag", "values": list(TAGS)}}
    found = Axe().run(page, context=within, options=options).response
    judged = {rule["id"] for rule in found["passes"] + found["violations"]}
    assert CONTRAST in judged, f"axe sees no text within {within}"
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(map(str, node['target']))}"
        f" ({' '.join(node['failureSummary'].split())}): {node['html']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]

"""What becomes of a text cell before it is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from nbconvert.exporters import HTMLExporter

from autograder.harmless import harmless

PICTURE = {"image/png": "AAAA"}
ORDINARY = (
    'A *weight* **w** with `w < t`, $|w| < t$ & more: 3 > 2, "so".',
    "> quoted\n\n- one\n- two\n\n1. three\n\n---\n\n~~four~~",
    "# Heading\n\n## Another",
    "| left | right |\n|:--|--:|\n| 1 | 2 |",
    "```python\nif a < b: return 'x'  # why\n```",
    "$$\na < b \\\\ c & d\n$$",
    '[paper](https://arxiv.org/abs/1803.03635?a=1&b=2 "a title") and <https://example.org>',
    "θ<sub>0</sub>, x<sup>2</sup>, <kbd>Ctrl</kbd>",
    "![mask](attachment:mask.png)",
)
HOSTILE = (
    "<script>act()</script>",
    "<img src=x onerror=act()>",
    "<svg onload=act()>",
    "<iframe srcdoc='<script>act()</script>'></iframe>",
    "<style>* {display: none}</style>",
    "<form action=/act><button>go</button></form>",
    "[go](javascript:act())",
    "[go](JAVASCRIPT:act())",
    "[go]: vbscript:act()\n\n[go]",
    "[go](data:text/html;base64,AAAA)",
    "<a href='java&#x0A;script:act()'>go</a>",
    "<a href='&#106;avascript:act()'>go</a>",
    "<a href='da&#9;ta:text/html,act()'>go</a>",
    "<a href='x' target=_top onclick=act()>go</a>",
    "<span class='full-credit' id=explain style='position: fixed'>go</span>",
    "```mermaid\n<img src=x onerror=act()>\n```",
    "</div></div></body><script>act()</script>",
    "![go](attachment:page)",
)
TAGS = (
    "a blockquote br code del div em h1 h2 hr img kbd li ol p pre span strong sub sup"
    " table tbody td th thead tr ul"
)
ACTING_ADDRESS = re.compile(r"(java|vb)script:|data:text", re.IGNORECASE)


class Acting(HTMLParser):
    """Finds the tags of a page that do more than show something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        addresses = ["".join((value or "").split()) for _, value in attrs]
        if (
            tag not in TAGS.split()
            or names & {"id", "target"}
            or any(name.startswith("on") for name in names)
            or any(ACTING_ADDRESS.match(address) for address in addresses)
        ):
            self.found.append(str(self.get_starttag_text()))


def shown(text: str) -> tuple[str, str]:
    """Turn Markdown into HTML as nbgrader's pages do, and make that harmless."""
    exporter = HTMLExporter(exclude_anchor_links=True)
    cell = {"attachments": {"mask.png": PICTURE, "page": {"text/html": "AAAA"}}}
    html = exporter.markdown2html({"cell": cell}, text)
    return html, harmless(html)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_was_meant(text: str) -> None:
    html, cleaned = shown(text)
    assert cleaned.replace(" />", ">").replace(';">', '">') == html.replace(" />", ">")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_acts(text: str) -> None:
    html, cleaned = shown(text)
    assert Acting(html).found, "the sample is harmless as it is"
    assert Acting(cleaned).found == []


def test_what_is_harmless_stays_so() -> None:
    for text in (*ORDINARY, *HOSTILE):
        cleaned = shown(text)[1]
        assert harmless(cleaned) == cleaned

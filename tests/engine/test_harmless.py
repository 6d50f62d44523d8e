"""What becomes of a text cell before it is shown."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import nbformat
import pytest
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader.handlers import static_path, template_path

from autograder.harmless import MAX_CHARS, MAX_SIGNS, EscapeText, harmless

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
STRIPPED = (  # nbgrader's templates take the first words of such an address away
    "[go](files/javascript:act())",
    "[go](/files/javascript:act())",
    "![go](files/x) [go](files/javascript&#58;act())",
    "<a href='files/java&#10;script:act()'>go</a>",
    "[go](files/data:text/html,act())",
    "<a title='[a](files/b)' href='files/javascript:act()'>go</a>",
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


def page(
    texts: tuple[str, ...],
    template: str = "formgrade",
    *,
    preprocessors: tuple[type, ...] = (EscapeText,),
    attachments: dict[str, dict[str, str]] | None = None,
) -> str:
    """Show text cells by a template of nbgrader's."""
    exporter = HTMLExporter(
        template_name=template,
        extra_template_basedirs=[template_path],
        extra_template_paths=[f"{static_path}/node_modules/bootstrap/dist/css"],
        preprocessors=[*preprocessors],
    )
    cells = [nbformat.v4.new_markdown_cell(text, id=f"n{n}") for n, text in enumerate(texts)]
    for cell in cells if attachments else ():
        cell.attachments = attachments
    page, _ = exporter.from_notebook_node(
        nbformat.v4.new_notebook(cells=cells),
        {
            "index": 0,
            "total": 1,
            "nbgrader": dict.fromkeys(("score", "max_score", "late_penalty"), 0),
        },
    )
    return str(page)


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


@pytest.mark.parametrize("template", ["formgrade", "feedback"])
@pytest.mark.parametrize("text", [*HOSTILE[:-1], *STRIPPED])
def test_nothing_acts_on_the_pages_that_nbgrader_makes(text: str, template: str) -> None:
    own = Acting(page(("text",), template)).found
    assert Acting(page((text,), template, preprocessors=())).found != own, "it is harmless as it is"
    assert Acting(page((text,), template)).found == own


@pytest.mark.parametrize(
    "text",
    [
        "[" * (MAX_SIGNS + 1),
        "<div>\n" * MAX_SIGNS,
        "a" + " " * (MAX_SIGNS + 2) + "b",
        "*word* " * (MAX_CHARS // 7 + 1),
    ],
)
def test_a_text_that_takes_long_to_turn_into_html_is_shown_as_it_is(text: str) -> None:
    """Some of such texts would take a minute each."""
    shown = page(("*before*", text, "*after*"))
    assert f"<pre>{text}</pre>" in unescape(shown)
    assert "<em>before</em>" in shown
    assert "<em>after</em>" in shown
    assert text not in shown or not set("<&") & set(text)


def test_many_texts_that_take_long_are_shown_as_they_are() -> None:
    texts = [f"*a{n}* " * (MAX_SIGNS // 4) for n in range(50)]
    shown = page((*texts, "*last*"))
    assert f"<pre>{texts[-1]}</pre>" in shown
    assert "<em>a0</em>" in shown
    assert "<em>last</em>" in shown


def test_a_raw_cell_is_shown_as_it_is() -> None:
    cell = nbformat.v4.new_raw_cell("<div>\n<b onclick=act()>go")
    EscapeText(parent=HTMLExporter()).preprocess(nbformat.v4.new_notebook(cells=[cell]), {})
    assert cell.source == "&lt;div&gt;\n&lt;b onclick=act()&gt;go"


def test_a_picture_is_not_shown_thousands_of_times() -> None:
    picture = {"mask.png": {"image/png": "A" * 1_000_000}}
    shown = page(("![a](attachment:mask.png)\n" * 500,), attachments=picture)
    assert len(shown) < 10_000_000
    assert "![a](attachment:mask.png)" in shown
    assert "A" * 1_000_000 in page(("![a](attachment:mask.png)",), attachments=picture)

"""Text cells without what could act on the page that shows them.

Formgrader shows submissions where the instructor is logged in to the Jupyter server: a script
there, or behind a link, could do all that the instructor can. It finds its boxes and buttons by
ids and classes, so that these are not a learner's to give.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape
from typing import Any

from bleach import clean
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import InvalidNotebook
from nbconvert.preprocessors.base import Preprocessor
from nbformat import NotebookNode

_TAGS = {
    "abbr", "b", "blockquote", "br", "caption", "cite", "code", "dd", "del", "details", "div", "dl",
    "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "mark", "ol",
    "p", "pre", "q", "s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "tfoot", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
_CELL = {"align", "colspan", "rowspan", "style"}
_WITH_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"type", "checked", "disabled"},  # in a list of tasks
    "td": _CELL,
    "th": _CELL,
}
_CLASS_OF_COLOUR = re.compile(r"highlight|[a-z]{1,2}[0-9]?")  # Pygments' own are as short
_STYLE = CSSSanitizer(allowed_css_properties=["text-align"])
_PROTOCOLS = {"http", "https", "mailto", "data"}
_INVISIBLE = re.compile(r"[\x00-\x20\x7f-\xa0]")

# Markdown and HTML are read in time that grows with the square of the signs in them.
MAX_CHARS, MAX_SIGNS = 50_000, 3_000
_MAX_SIGNS_IN_ALL = 10 * MAX_SIGNS
_MAX_ATTACHED_CHARS = 64 * 2**20
_NO_SIGNS = re.compile(r"\w+ ?")
_ATTACHED = "attachment:"


class EscapeText(Preprocessor):  # type: ignore[misc]
    """Shows text cells without scripts and the like, wherever nbgrader shows a submission.

    They are turned into HTML as ever, and that is made harmless: Markdown that was escaped
    beforehand would be another text. Outputs are left alone: after autograding they are ours. A
    text that would take long is shown as it was written.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Have the exporter make text cells harmless, and escape raw ones: they are shown as is."""
        exporter = self.parent
        exporter.exclude_anchor_links = True  # nobody can link to them, as ids are not harmless
        slow = _slow(cell for cell in nb.cells if cell.cell_type == "markdown")

        @pass_context
        def markdown2html(context: Context, source: str) -> str:
            if source in slow:
                return f"<pre>{escape(source)}</pre>"
            try:
                return harmless(exporter.markdown2html(context, source))
            except InvalidNotebook:  # a picture was copied without its data
                text = source.replace(_ATTACHED, f"missing-{_ATTACHED}")
                return harmless(exporter.markdown2html(context, text))

        exporter.register_filter("markdown2html", markdown2html)
        # The templates use it afterwards: what is behind "files/" would become an address, unseen.
        exporter.register_filter("strip_files_prefix", lambda html: html)
        for cell in nb.cells:
            if cell.cell_type == "raw":
                cell.source = escape(cell.source)
        return nb, resources


def harmless(html: str) -> str:
    """Escape all but harmless tags, and drop all but harmless attributes and addresses.

    What ordinary Markdown becomes stays as it is; pictures may be attachments.
    """
    return str(
        clean(
            html,
            tags=_TAGS | _WITH_ATTRIBUTES.keys(),
            attributes=_may_stay,
            protocols=_PROTOCOLS,
            css_sanitizer=_STYLE,
        )
    )


def _slow(cells: Iterable[NotebookNode]) -> set[str]:
    """Find the texts that would take long to turn into HTML, or become very long."""
    slow = set()
    signs_in_all = attached_in_all = 0
    for cell in cells:
        signs = len(_NO_SIGNS.sub("", cell.source))
        attached = cell.source.count(_ATTACHED) * len(str(cell.get("attachments", "")))
        if (
            len(cell.source) > MAX_CHARS
            or signs > MAX_SIGNS
            or signs_in_all + signs > _MAX_SIGNS_IN_ALL
            or attached_in_all + attached > _MAX_ATTACHED_CHARS
        ):
            slow.add(cell.source)
        else:
            signs_in_all += signs
            attached_in_all += attached
    return slow


def _may_stay(tag: str, attribute: str, value: str) -> bool:
    if attribute == "class":
        return bool(_CLASS_OF_COLOUR.fullmatch(value))
    if attribute not in _WITH_ATTRIBUTES.get(tag, ()):
        return False
    if attribute == "type":
        return value == "checkbox"
    address = _INVISIBLE.sub("", unescape(value)).lower()
    return not address.startswith("data:") or (tag == "img" and address.startswith("data:image/"))

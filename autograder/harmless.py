"""Text cells without what could act on the page that shows them.

Formgrader shows submissions where the instructor is logged in to the Jupyter server: a script
there, or behind a link, could do all that the instructor can. It finds its boxes and buttons by
ids and classes, so that these are not a learner's to give.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from bleach import clean
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import InvalidNotebook
from nbconvert.preprocessors.sanitize import SanitizeHTML
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


class EscapeText(SanitizeHTML):  # type: ignore[misc]
    """Shows text cells without scripts and the like, wherever nbgrader shows a submission.

    They are turned into HTML as ever, and that is made harmless: Markdown that was escaped
    beforehand would be another text. Outputs are left alone: after autograding they are ours.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Have the exporter make text cells harmless."""
        exporter = self.parent
        exporter.exclude_anchor_links = True  # nobody can link to them, as ids are not harmless

        @pass_context
        def markdown2html(context: Context, source: str) -> str:
            try:
                return harmless(exporter.markdown2html(context, source))
            except InvalidNotebook:  # a picture was copied without its data
                text = source.replace("attachment:", "missing-attachment:")
                return harmless(exporter.markdown2html(context, text))

        exporter.register_filter("markdown2html", markdown2html)
        return super().preprocess(nb, resources)  # type: ignore[no-any-return]

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Escape the HTML of a raw cell, which is shown as it is."""
        if cell.cell_type != "raw":
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)  # type: ignore[no-any-return]


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


def _may_stay(tag: str, attribute: str, value: str) -> bool:
    if attribute == "class":
        return bool(_CLASS_OF_COLOUR.fullmatch(value))
    if attribute not in _WITH_ATTRIBUTES.get(tag, ()):
        return False
    if attribute == "type":
        return value == "checkbox"
    address = _INVISIBLE.sub("", unescape(value)).lower()
    return not address.startswith("data:") or (tag == "img" and address.startswith("data:image/"))

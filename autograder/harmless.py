"""HTML that a text cell was turned into, without what could act on the page that shows it.

Formgrader shows submissions where the instructor is logged in to the Jupyter server: a script
there, or behind a link, could do all that the instructor can. It finds its boxes and buttons by
ids and classes, so that these are not a learner's to give.
"""

from __future__ import annotations

import re
from html import unescape

from bleach import clean
from bleach.css_sanitizer import CSSSanitizer

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

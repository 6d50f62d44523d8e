"""Bars as inline SVG, which read without colour, at any width, on paper and in the dark. Pure."""

from __future__ import annotations

from collections.abc import Iterable

STYLE = """
.bar{display:block;width:100%;height:1.1em;overflow:visible}
.bar rect,.swatch rect{stroke:currentColor;stroke-width:1}
.bar .full,.swatch .full{fill:#2f6fc4}.bar .half,.swatch .half{fill:url(#hatch)}
.bar .none,.swatch .none{fill:none}.bar .odd,.swatch .odd{fill:url(#dots)}
.swatch{width:1.6em;height:.9em;vertical-align:-.1em;margin-right:.4em;overflow:visible}
.patterns{position:absolute;width:0;height:0}
.patterns path{stroke:#d9480f;stroke-width:2.5}.patterns circle{fill:currentColor}
"""
PATTERNS = """<svg class="patterns" aria-hidden="true"><defs>
<pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse"
 patternTransform="rotate(45)"><path d="M2 0V7"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
<circle cx="3" cy="3" r="1.3"/></pattern></defs></svg>"""


def bar(parts: Iterable[tuple[str, float]]) -> str:
    """Draw parts of a whole beside each other; a number must stand beside, the bar is not read.

    Args:
        parts: The look of each (`full`, `half`, `none`, `odd`), and its share from 0 to 1.
    """
    drawn, start = [], 0.0
    for look, share in parts:
        if share > 0:
            drawn.append(
                f'<rect class="{look}" x="{100 * start:.2f}%" width="{100 * share:.2f}%"'
                ' height="100%"/>'
            )
        start += share
    return f'<svg class="bar" aria-hidden="true">{"".join(drawn)}</svg>'


def swatch(look: str) -> str:
    """Draw the look of a part, for a legend."""
    return (
        '<svg class="swatch" aria-hidden="true">'
        f'<rect class="{look}" width="100%" height="100%"/></svg>'
    )

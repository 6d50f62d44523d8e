"""What was measured of a contender, as a table and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator, StrMethodFormatter

_MARKS = "osD^vPX"
_LINES = ("-", "--", "-.", ":")
_COLOURS = ("black", "0.5", "#E69F00", "#0072B2", "#009E73", "#D55E00")  # Okabe and Ito's
_HEADS = ("", "submissions", "seconds", "a second", "× stock", "first, s", "p50, s", "p95, s",
          "memory, MB", "growth, MB")  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One command, or one for each submission, on one class.

    Attributes:
        contender: What was run.
        submissions: How many.
        seconds: From start to end.
        first: Seconds until the first result; None if it does not tell.
        latency: Median and 95th percentile of the wall seconds that a submission was run; None if
            it does not tell.
        memory: Peak of the main process, in MB.
        growth: What the main process grew by since the 100th result, in MB.
    """

    contender: str
    submissions: int
    seconds: float
    first: float | None = None
    latency: tuple[float, float] | None = None
    memory: float | None = None
    growth: float | None = None

    @property
    def rate(self) -> float:
        """Submissions a second."""
        return self.submissions / self.seconds


def p50_p95(seconds: Sequence[float]) -> tuple[float, float] | None:
    """Take the median and the 95th percentile; None of fewer than two."""
    if len(seconds) < 2:  # noqa: PLR2004
        return None
    cuts = quantiles(seconds, n=20)
    return cuts[9], cuts[18]


def table(found: Sequence[Measured]) -> str:
    """Write all figures as a Markdown table.

    Ratios are to stock nbgrader on the same class, or where that was too large for it, on its
    largest: it grades one learner after another, at one rate.
    """
    lines = ["| " + " | ".join(_HEADS) + " |", "|---" + "|---:" * (len(_HEADS) - 1) + "|"]
    stocks = {one.submissions: one.rate for one in found if one.contender.startswith("stock")}
    for one in found:
        theirs = stocks.get(one.submissions) or stocks.get(max(stocks, default=0))
        ratio = one.rate / theirs if theirs else None
        p50, p95 = one.latency or (None, None)
        cells = (one.contender, f"{one.submissions:,}", f"{one.seconds:.1f}", f"{one.rate:.2f}",
                 _cell(ratio, ".0f"), _cell(one.first, ".1f"), _cell(p50, ".2f"),
                 _cell(p95, ".2f"), _cell(one.memory, ".0f"), _cell(one.growth, ".0f"))  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(found: Sequence[Measured], path: Path, machine: str) -> None:
    """Draw time against the size of the class; each contender has a mark and a line of its own."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    sizes = sorted({one.submissions for one in found})
    contenders = dict.fromkeys(one.contender for one in found)
    for number, contender in enumerate(contenders):
        points = sorted((o.submissions, o.seconds) for o in found if o.contender == contender)
        axes.plot(
            *zip(*points, strict=True), label=contender, color=_COLOURS[number % len(_COLOURS)],
            marker=_MARKS[number % len(_MARKS)], linestyle=_LINES[number % len(_LINES)],
        )  # fmt: skip
    axes.set(
        xscale="log", yscale="log", xlabel="submissions in the class",
        ylabel="time from start to end in seconds",
    )  # fmt: skip
    axes.set_title("Time to grade a class", loc="left")
    figure.supxlabel(machine, x=0.01, ha="left", fontsize="small", color="0.4")
    axes.set_xticks(sizes)
    axes.xaxis.set_minor_locator(NullLocator())
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.savefig(path, dpi=150)


def _cell(number: float | None, form: str) -> str:
    return "" if number is None else format(number, form)

"""Where the time of one verdict goes: `python -m benchmarks.stages`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from autograder.answers import read_answers
from autograder.judge import Judge
from autograder.kata import load
from autograder.notebook import read
from autograder.sandbox import Sandbox
from tests.katas.samples import SAMPLES, path_of

REPEATS = 30
WIDTH = 50


def main() -> int:
    """Measure a right submission and print a bar for each stage."""
    kata = load("lottery_ticket")
    judge = Judge(kata, kata.draw_cases("a secret", hidden=True))
    submission = read(path_of(SAMPLES / "right_textbook"), entry_point=kata.entry_point)
    sandbox = Sandbox(timeout=60.0)
    try:
        run = sandbox.run(submission, judge.cases)
        seen = read_answers(run, submission, judge.cases)[1]
        alone = measured(lambda: sandbox.run(submission, ()))
        whole = measured(lambda: sandbox.run(submission, judge.cases))
    finally:
        sandbox.close()
    stages = {
        "fork, confine, run the cells, end": alone,
        f"call the function in {len(judge.cases)} cases": whole - alone,
        "read the answers": measured(lambda: read_answers(run, submission, judge.cases)),
        "judge": measured(lambda: judge.verdicts(seen)),
    }
    print(bars(stages))
    print("The last two fall away where another submission did the same to the last bit.")
    return 0


def measured(action: Callable[[], object]) -> float:
    """Take the median of many runs, in milliseconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(1e3 * (time.perf_counter() - start))
    return median(times)


def bars(stages: dict[str, float]) -> str:
    """Draw each stage as long as its share."""
    names: Sequence[str] = list(stages)
    room = max(map(len, names))
    total = sum(stages.values())
    return "\n".join(
        f"{name:<{room}}  {stages[name]:6.1f} ms  {'█' * round(WIDTH * stages[name] / total)}"
        for name in names
    )


if __name__ == "__main__":
    sys.exit(main())

"""Tests mutants and prints the score and what survived: `make mutants`, `make mutants SAMPLE=40`.

Exit status: 0 if enough mutants are killed or listed as equivalent, else 1.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch

from tests.mutation.mutants import TARGETS, Mutant, Site, mutant_at, path_of, sites_of
from tests.mutation.workshop import Workshop, in_a_fork

LISTED = Path(__file__).with_name("equivalent.toml")
ENOUGH = 0.95
LIMIT_SECONDS = 180.0
SAMPLE_SUBMISSIONS = 24
KINDS = ("killed", "listed", "survived")


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: `killed` by something, `listed` as equivalent, or `survived`."""

    mutant: Mutant
    kind: str
    by: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = _options(arguments)
    torch.set_num_threads(1)
    sites = [
        site for module in TARGETS if _chosen(module, options.module) for site in sites_of(module)
    ]
    sites.sort(key=lambda site: site.order)
    if options.again:
        survivors = _survivors(options.again)
        sites = [site for site in sites if site in survivors]
    if options.sample:
        sites = sites[: options.sample]
    start = time.perf_counter()
    workshop = Workshop([] if options.sample else _samples())
    if seen := _code_as_it_is(workshop):
        print(f"the code as it is fails already: {seen}", file=sys.stderr)
        return 1
    print(f"{len(sites)} sites; prepared in {time.perf_counter() - start:.0f} s", flush=True)
    for module, before in _stale():
        print(f"listed as equivalent, and no longer in {module or 'any module'}: {before}")
    fates = list(_shown(_fates(sites, workshop, options.jobs), len(sites), options.log))
    return _report(fates, time.perf_counter() - start)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="N mutants, always the same"
    )
    parser.add_argument("--module", action="append", default=[], help="only modules of this name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--log", type=Path, help="append one JSON object for each mutant")
    parser.add_argument("--again", type=Path, help="only what survived in this log")
    return parser.parse_args(arguments)


def _survivors(log: Path) -> set[Site]:
    entries = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return {
        Site(entry["module"], entry["operator"], entry["occurrence"])
        for entry in entries
        if entry["kind"] == "survived"
    }


def _chosen(module: str, names: Sequence[str]) -> bool:
    return not names or module in names or module.rpartition(".")[2] in names


def _samples() -> list[str]:
    """Choose sample submissions, spread over the alphabet and so over the families of faults."""
    from tests.katas.samples import callable_samples  # noqa: PLC0415 - loaded anew for each mutant

    names = callable_samples()
    return list(names[:: len(names) // SAMPLE_SUBMISSIONS])


def _code_as_it_is(workshop: Workshop) -> str:
    """Tell what fails without any change: it would kill every mutant."""
    pid, reading = in_a_fork(workshop.failing_unchanged)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    return said


def _fates(sites: Sequence[Site], workshop: Workshop, jobs: int) -> Iterator[Fate]:
    """Test mutants that are not listed, `jobs` at once, each in a fork."""
    listed = _listed()
    waiting = list(reversed(sites))
    running: dict[int, tuple[int, float, Mutant]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = mutant_at(waiting.pop())
            if mutant is not None and _is_listed(mutant, listed):
                yield Fate(mutant, "listed")
            elif mutant is not None:
                pid, pipe = in_a_fork(lambda same=mutant: workshop.is_killed(same))  # type: ignore[misc]
                running[pipe] = (pid, time.monotonic() + LIMIT_SECONDS, mutant)
        for pipe in select.select(list(running), [], [], 1.0)[0]:
            pid, _, mutant = running.pop(pipe)
            said = os.read(pipe, 4000).decode(errors="replace")
            os.close(pipe)
            died = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            by = said or (f"exit status {died}" if died else "")
            yield Fate(mutant, "killed" if by else "survived", by)
        for pid, until, _ in running.values():
            if time.monotonic() > until:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)  # its pipe then reads as ended


def _is_listed(mutant: Mutant, listed: set[tuple[str, ...]]) -> bool:
    change = (_without_space(mutant.before), _without_space(mutant.after))
    return bool({(mutant.site.module, mutant.function, *change), ("", "", *change)} & listed)


def _without_space(line: str) -> str:
    """Leave out spaces: Cosmic Ray writes some of its own."""
    return "".join(line.split())


def _listed() -> set[tuple[str, ...]]:
    """Read which mutants do what the code does, for a reason that is written down."""
    entries = tomllib.loads(LISTED.read_text(encoding="utf-8"))["equivalent"]
    return {
        (entry.get("module", ""), entry.get("function", ""), *map(_without_space, change))
        for entry in entries
        for change in entry["changes"]
    }


def _stale() -> list[tuple[str, str]]:
    """Name the listed lines that are in the code no more."""
    texts = {name: _without_space(path_of(name).read_text(encoding="utf-8")) for name in TARGETS}
    texts[""] = "".join(texts.values())
    return sorted(
        {(module, before) for module, _, before, _ in _listed() if before not in texts[module]}
    )


def _shown(fates: Iterator[Fate], count: int, log: Path | None) -> Iterator[Fate]:
    """Show each survivor as it is found, and how far the work is."""
    start = time.perf_counter()
    for number, fate in enumerate(fates, start=1):
        mutant = fate.mutant
        if log is not None:
            entry = {
                "kind": fate.kind, "by": fate.by, "module": mutant.site.module,
                "operator": mutant.site.operator, "occurrence": mutant.site.occurrence,
                "function": mutant.function, "line": mutant.line,
                "before": mutant.before, "after": mutant.after,
            }  # fmt: skip
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
        if fate.kind == "survived":
            place = f"{mutant.site.module}:{mutant.line} {mutant.function}"
            print(f"survived: {place}\n  - {mutant.before}\n  + {mutant.after}", flush=True)
        if number % 100 == 0:
            minutes = (time.perf_counter() - start) / 60
            print(f"{number} of {count}, {number / minutes:.0f} a minute", flush=True)
        yield fate


def _report(fates: Sequence[Fate], seconds: float) -> int:
    """Print a table of modules and the score."""
    counts = Counter((fate.mutant.site.module, fate.kind) for fate in fates)
    print(f"\n{'module':58}" + "".join(f"{kind:>10}" for kind in KINDS))
    for module in TARGETS:
        numbers = [counts[module, kind] for kind in KINDS]
        if any(numbers):
            print(f"{module:58}" + "".join(f"{number:10}" for number in numbers))
    killed, listed, survived = (sum(fate.kind == kind for fate in fates) for kind in KINDS)
    score = (killed + listed) / len(fates) if fates else 1.0
    print(
        f"{len(fates)} mutants in {seconds:.0f} s: {killed} killed, {listed} listed as equivalent,"
        f" {survived} survived; score {score:.1%}"
    )
    return 0 if score >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())

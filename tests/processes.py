"""The processes below one, told apart by what they were started as."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children(pid: int) -> list[int]:
    """Name a process's children, whichever of its threads started them."""
    found: list[int] = []
    for place in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, place.read_text(encoding="ascii").split())
    return found


def threads_of(pid: int) -> int:
    return len([*Path(f"/proc/{pid}/task").iterdir()])


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def below(pid: int, word: str) -> list[int]:
    """Name the children that have a word in their command line."""
    return [child for child in children(pid) if word in command_of(child)]


def nurseries_below(pid: int) -> list[int]:
    return below(pid, "autograder.nurse")


def crews_below(pid: int) -> list[int]:
    return [child for child in _of_nurseries(pid) if _is_crew(child)]


def workers_below(pid: int) -> list[int]:
    return [worker for crew in crews_below(pid) for worker in children(crew)]


def servers_below(pid: int) -> list[int]:
    return [child for child in _of_nurseries(pid) if not _is_crew(child)]


def forked_with(folder: Path) -> list[int]:
    """Name all processes, wherever they hang, that were told of a place in this folder."""
    numbers = [int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit()]
    return [pid for pid in numbers if f"{folder}/" in command_of(pid)]


def _of_nurseries(pid: int) -> list[int]:
    return [child for nursery in nurseries_below(pid) for child in children(nursery)]


def _is_crew(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii") == "grader-crew\n"
    return False

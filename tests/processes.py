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


def command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def below(pid: int, word: str) -> list[int]:
    """Name the children that have a word in their command line."""
    return [child for child in children(pid) if word in command_of(child)]


def crews_below(pid: int) -> list[int]:
    return below(pid, "autograder.crew")


def nurseries_below(pid: int) -> list[int]:
    return below(pid, " nurse ")  # and not the fork servers that other tests hold


def workers_below(pid: int) -> list[int]:
    return [worker for crew in crews_below(pid) for worker in children(crew)]


def servers_below(pid: int) -> list[int]:
    return [server for nursery in nurseries_below(pid) for server in children(nursery)]

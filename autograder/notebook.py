"""From an `.ipynb` or `.py` file to a `Submission`: which cells run, and whether it was attempted.

Files are parsed and mended, never run.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import io
import json
import os
import re
import stat
import sys
import tokenize
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import msgspec

from autograder.lending import Lender, lent
from autograder.records import Submission
from autograder.sources import Parser, attempted, may_bind

MAX_FILE_BYTES = 128 * 2**20
MAX_CELLS = 2000
MAX_CODE_CHARS = 200_000
_SMALL_BYTES = 8 * 2**20  # hostile JSON takes up to thirty times its size in memory
_MARK_BYTES = 2**16
_OLD_FORMATS = (2, 3)
_FORMAT = 4
_SKIPPED = "skip-grading"
_DEFINED_TOO_LATE = "the function is defined again below the graded cells, which do not see that"
_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})")
_KIND = re.compile(r"\.(ipynb|py)(\.(txt|json))?$", re.IGNORECASE)  # browsers add the latter
_SCRIPTS_ENCODINGS = {
    "iso8859-1", "iso8859-2", "iso8859-15", "cp1250", "cp1251", "cp1252", "koi8-r", "gbk",
    "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949",
}  # fmt: skip
"""What a script may declare beside UTF-8."""
_TEXT_OR_NO_NUMBER = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b')


class UnreadableError(Exception):
    """The file cannot be understood as a submission; the message says why, in a sentence."""


class _LargeCell(msgspec.Struct):
    """What is read of a cell in a large file: not its outputs."""

    cell_type: str
    source: str | list[str] = ""
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class _Outline(msgspec.Struct):
    """What is read first of a large file: how many cells it holds."""

    cells: list[msgspec.Raw]


class _LargeNotebook(msgspec.Struct):
    nbformat: int
    cells: list[_LargeCell]


@dataclass(frozen=True)
class _Cell:
    """A cell that runs, or text that may have been a cell that runs."""

    source: str
    code: bool
    solution: bool
    was_code: bool
    graded: bool
    skipped: bool


def read(path: Path, *, entry_point: str, name: str | None = None) -> Submission:
    """Read a submission.

    Args:
        path: An `.ipynb` or `.py` file.
        entry_point: Name of the function that the kata asks for.
        name: Id of the submission; the path if left out.

    Raises:
        UnreadableError: It is not there, not text, or no notebook.
    """
    return read_bytes(contents(path), path, entry_point=entry_point, name=name)


def read_bytes(data: bytes, path: Path, *, entry_point: str, name: str | None = None) -> Submission:
    """Read a submission from what its file holds, wherever that is.

    Args:
        data: The file's content.
        path: What the file is called.
        entry_point: Name of the function that the kata asks for.
        name: Id of the submission; the path if left out.

    Raises:
        UnreadableError: It is not text, or no notebook.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    kind = _KIND.search(path.name)
    if kind is not None and kind[1].lower() == "py":
        text = _text(data, path, _declared(data))
        _check_length([text], str(path))
        written = attempted([text], entry_point)
        return Submission(name or str(path), (text,), entry_point, written, script=True)
    return from_document(_parsed(data, path), entry_point=entry_point, name=name or str(path))


def find(path: Path) -> tuple[list[Path], dict[Path, str]]:
    """Find the files to read: the path itself, or every notebook and script below a folder.

    Checkpoints, hidden folders and build caches are left out. A link to a folder is not followed:
    a learner's could lead to another's.

    Returns:
        The files, in order, and the folders that were not looked into, each with the reason.
    """
    if not path.is_dir():
        return [path], {}
    found: list[Path] = []
    unseen: dict[Path, str] = {}

    def note(error: OSError) -> None:
        unseen[Path(error.filename)] = error.strerror or str(error)

    for place, folders, files in os.walk(path, onerror=note):
        folders[:] = [name for name in folders if not _aside(name)]
        here = Path(place)
        links = (here / name for name in folders)
        unseen |= {link: "it is a link" for link in links if link.is_symlink()}
        found += (here / name for name in files if _KIND.search(name) and not _aside(name))
    return sorted(found), unseen


def digest(path: Path) -> str:
    """Tell a file's content by its SHA-256.

    Raises:
        UnreadableError: It is not there, or no file.
    """
    return sha256(contents(path))


def sha256(data: bytes) -> str:
    """Tell what a file holds from anything else."""
    return hashlib.sha256(data).hexdigest()


def from_document(document: object, *, entry_point: str, name: str) -> Submission:
    """Read a submission from a parsed notebook.

    Cells up to and including the last solution cell count. A solution cell is one that nbgrader
    marked so, or one that defines the entry point (metadata get lost in some editors); those below
    the graded cells, which never see them, count only if nothing was attempted above. Cells
    tagged `skip-grading`, and those between the solution and the graded cells, only lend what the
    functions need. Where no code cell defines the function, a cell that was turned from code into
    text is code again.

    Raises:
        UnreadableError: The document is no notebook.
    """
    cells, notes = _cells(document, name)
    parser = Parser()
    code = _code(cells, entry_point, name)
    if not any(parser.defines(cell.source, entry_point) for cell in code):
        mended = _mended(cells, entry_point, parser)
        if mended != cells:
            code = _code(mended, entry_point, name)
            notes.append("a cell of code had been turned into text; it was run as code")
    defining = [i for i, cell in enumerate(code) if parser.defines(cell.source, entry_point)]
    marked = [i for i, cell in enumerate(code) if cell.solution]
    counting = sorted({*defining, *marked})
    graded = max((i for i, cell in enumerate(code) if cell.graded), default=len(code))
    seen = [i for i in counting if i < graded]
    if seen != counting and attempted([code[i].source for i in seen], entry_point, parser):
        if {*defining} - {*seen}:
            notes.append(_DEFINED_TOO_LATE)
        counting = seen
    sources = _running(code, counting, entry_point, parser)
    if defining and not marked:
        notes.append("the solution cell had lost its mark; it was found by its function")
    own = [code[i].source for i in counting]
    if (python := _newer_python(document)) and not all(map(parser.code, own)):
        here = "{}.{}".format(*sys.version_info)
        notes.append(f"the notebook was written with Python {python} and is read by {here}")
    written = attempted(own or sources, entry_point, parser)
    return Submission(name, sources, entry_point, written, notes=tuple(notes))


def contents(path: Path) -> bytes:
    """Read the file of a submission.

    Raises:
        UnreadableError: It is not there, no file, or too large.
    """
    try:
        # A link could stand for any file that the grader may read; a pipe could make it wait.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UnreadableError(f"{path} cannot be read: it is no file")
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        why = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise UnreadableError(f"{path} cannot be read: {why}") from error
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB")
    return data


def _aside(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _text(data: bytes, path: Path, encoding: str = "utf-8") -> str:
    try:
        return _in_lines(data.decode(encoding))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is not {encoding.upper()} text") from error


def _in_lines(text: str) -> str:
    """End every line as Python does when it reads a file, so that whoever counts them agrees."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _declared(script: bytes) -> str:
    """Tell the encoding of a script, which may declare one of the common others (PEP 263)."""
    with suppress(SyntaxError, LookupError):
        name = codecs.lookup(tokenize.detect_encoding(io.BytesIO(script).readline)[0]).name
        if name in _SCRIPTS_ENCODINGS:
            return name
    return "utf-8"


def _parsed(data: bytes, path: Path) -> object:
    try:
        if len(data) > _SMALL_BYTES:
            return _without_outputs(data)
        return json.loads(_text(data, path))
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise UnreadableError(f"{path} is not a notebook: its JSON is broken ({error})") from error


def _without_outputs(data: bytes) -> object:
    """Parse a notebook in little more memory than its code takes, however large its outputs are.

    Raises:
        ValueError: It holds too many cells.
        msgspec.DecodeError: It is no notebook of format 4.
    """
    if b"NaN" in data or b"Infinity" in data:  # Python writes them, though JSON has none
        data = _TEXT_OR_NO_NUMBER.sub(
            lambda found: found[0] if found[0][:1] == b'"' else b"0", data
        )
    if len(msgspec.json.decode(data, type=_Outline).cells) > MAX_CELLS:
        raise ValueError(f"it holds more than {MAX_CELLS} cells")
    read = msgspec.json.decode(data, type=_LargeNotebook)
    return {
        "nbformat": read.nbformat,
        "cells": [
            {"cell_type": cell.cell_type, "source": cell.source, "metadata": marks}
            for cell, marks in zip(read.cells, _marks(read.cells), strict=True)
        ],
    }


def _marks(cells: Iterable[_LargeCell]) -> Iterator[object]:
    """Parse what marks cells; no honest marks are large."""
    left = _SMALL_BYTES
    for cell in cells:
        data = bytes(cell.metadata)
        small = len(data) <= min(_MARK_BYTES, left)
        left -= len(data) if small else 0
        yield json.loads(data) if small else {}


def _cells(document: object, name: str) -> tuple[list[_Cell], list[str]]:
    """Find the cells, and say what had to be mended for that."""
    notes = []
    form = document.get("nbformat") if isinstance(document, dict) else None
    listed = document.get("cells") if isinstance(document, dict) else None
    if form in _OLD_FORMATS and isinstance(document, dict):
        listed = _of_worksheets(document.get("worksheets"))
        notes.append("the notebook was of an old format; it was read as format 4")
    elif form is None:
        notes.append("the notebook did not say its format; it was read as format 4")
    elif form != _FORMAT:
        raise UnreadableError(f"{name} is not a notebook of format 4: it says it is of another")
    if not isinstance(listed, list):
        raise UnreadableError(f"{name} is not a notebook of format 4: it holds no list of cells")
    if len(listed) > MAX_CELLS:
        raise UnreadableError(f"{name} holds more than {MAX_CELLS} cells")
    cells = [_cell(cell, name) for cell in listed if isinstance(cell, dict)]
    if len(cells) < len(listed):
        notes.append("some entries of the notebook were no cells; they were left out")
    return cells, notes


def _newer_python(document: object) -> str:
    """Tell by which Python a notebook was written, if that is newer than this one."""
    found = document
    for key in ("metadata", "language_info", "version"):
        found = found.get(key) if isinstance(found, dict) else None
    version = _VERSION.match(found) if isinstance(found, str) else None
    if version is None or tuple(map(int, version.groups())) <= sys.version_info[:2]:
        return ""
    return version[0]


def _of_worksheets(sheets: object) -> list[object] | None:
    """Take the cells out of the worksheets that notebooks had before format 4."""
    if not isinstance(sheets, list):
        return None
    lists = [sheet.get("cells") if isinstance(sheet, dict) else None for sheet in sheets]
    if not all(isinstance(cells, list) for cells in lists):
        return None
    return [
        cell | {"source": _with_ends(cell.get("input", cell.get("source", "")))}
        if isinstance(cell, dict)
        else cell
        for cell in chain.from_iterable(filter(None, lists))
    ]


def _with_ends(source: object) -> object:
    """End the lines of a source that was saved without their ends, as nbformat's reader does."""
    if not isinstance(source, list) or not all(isinstance(line, str) for line in source):
        return source
    return source if source and source[0].endswith(("\n", "\r")) else "\n".join(source)


def _cell(cell: dict[str, Any], name: str) -> _Cell:
    code = cell.get("cell_type") == "code"
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        if code:
            raise UnreadableError(f"{name} holds a code cell whose source is not text")
        source = ""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    marks = marks if isinstance(marks, dict) else {}
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return _Cell(
        _in_lines(source),
        code,
        solution=marks.get("solution") is True,
        was_code=marks.get("cell_type") == "code",
        graded=code and marks.get("grade") is True and marks.get("solution") is not True,
        skipped=isinstance(tags, list) and _SKIPPED in tags,
    )


def _mended(cells: list[_Cell], entry_point: str, parser: Parser) -> list[_Cell]:
    """Turn text back into code, where nbgrader's mark or the text itself tells that it was code."""
    texts = {c.source for c in cells if not c.code and f"def {entry_point}" in c.source}
    small = sum(map(len, texts)) <= MAX_CODE_CHARS
    functions = {text for text in texts if small and parser.holds_function(text, entry_point)}
    return [
        replace(cell, code=True)
        if (cell.solution and cell.was_code) or cell.source in functions
        else cell
        for cell in cells
    ]


def _running(
    code: list[_Cell], counting: list[int], entry_point: str, parser: Parser
) -> tuple[str, ...]:
    """Take the cells up to the last that counts, and of some, and of those below, what they lend.

    Args:
        code: All code cells.
        counting: Places of the solution cells.
        entry_point: Name of the function.
        parser: Reads the cells.
    """
    last = max(counting, default=len(code) - 1)
    own = {code[i].source for i in counting}
    below = range(last + 1, len(code))
    graded = max((i for i in below if code[i].graded), default=len(code))
    use = next((i for i in below if parser.uses(code[i].source, entry_point)), last)
    lending = [
        i for i, cell in enumerate(code)
        if i > last or (cell.skipped and cell.source not in own)
    ]  # fmt: skip
    running = [cell.source for i, cell in enumerate(code[: last + 1]) if i not in lending]
    lenders = [
        Lender(
            code[i].source,
            counts=i < graded and (not code[i].skipped or i < use or i < last),
            defines=code[i].skipped,
        )
        for i in lending
    ]
    lines = dict(zip(lending, lent(parser, entry_point, running, lenders), strict=True))
    sources = [lines.get(i, cell.source) for i, cell in enumerate(code)]
    while len(sources) > last + 1 and not sources[-1]:
        sources.pop()
    return tuple(sources)


def _code(cells: list[_Cell], entry_point: str, name: str) -> list[_Cell]:
    """Pick the code cells; what lies below the last one that can count must not be long."""
    code = [cell for cell in cells if cell.code]
    counting = [i for i, c in enumerate(code) if c.solution or may_bind(c.source, entry_point)]
    last = max(counting, default=len(code))
    _check_length([cell.source for cell in code[: last + 1]], name)
    room = accumulate(len(cell.source) for cell in code[last + 1 :])
    return code[: last + 1 + sum(taken <= MAX_CODE_CHARS for taken in room)]


def _check_length(sources: list[str], name: str) -> None:
    if sum(map(len, sources)) > MAX_CODE_CHARS:
        raise UnreadableError(f"{name} holds more than {MAX_CODE_CHARS:,} characters of code")

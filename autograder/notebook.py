"""From an `.ipynb` or `.py` file to a `Submission`: which cells run, and whether it was attempted.

Files are parsed and mended, never run.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from autograder.records import Submission

MAX_FILE_BYTES = 256 * 2**20


class UnreadableError(Exception):
    """The file cannot be understood as a submission; the message says why, in a sentence."""


def read(path: Path, *, entry_point: str, name: str | None = None) -> Submission:
    """Read a submission.

    Args:
        path: An `.ipynb` or `.py` file.
        entry_point: Name of the function that the kata asks for.
        name: Id of the submission; the path if left out.

    Raises:
        UnreadableError: It is not there, not text, or no notebook.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise UnreadableError(f"{path} is larger than {MAX_FILE_BYTES >> 20} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is not UTF-8 text") from error
    if path.suffix == ".py":
        written = attempted([text], entry_point)
        return Submission(name or str(path), (text,), entry_point, written, script=True)
    return from_document(_parsed(text, path), entry_point=entry_point, name=name or str(path))


def from_document(document: object, *, entry_point: str, name: str) -> Submission:
    """Read a submission from a parsed notebook.

    Cells up to and including the last solution cell count. A solution cell is one that nbgrader
    marked so, or one that defines the entry point (metadata get lost in some editors).

    Raises:
        UnreadableError: The document is no notebook.
    """
    cells = list(_code_cells(document, name))
    defining = [i for i, (source, _) in enumerate(cells) if _defines(source, entry_point)]
    marked = [i for i, (_, solution) in enumerate(cells) if solution]
    last = max([*defining, *marked], default=len(cells) - 1)
    sources = tuple(source for source, _ in cells[: last + 1])
    own = [cells[i][0] for i in sorted({*defining, *marked})]
    notes = () if marked else ("the solution cell had lost its mark; it was found by its function",)
    written = attempted(own or list(sources), entry_point)
    return Submission(name, sources, entry_point, written, notes=notes if defining else ())


def _parsed(text: str, path: Path) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"{path} is not a notebook: its JSON is broken ({error})") from error


def _code_cells(document: object, name: str) -> Iterator[tuple[str, bool]]:
    cells = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(cells, list):
        raise UnreadableError(f"{name} is not a notebook of format 4: it holds no list of cells")
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise UnreadableError(f"{name} holds a code cell whose source is not text")
        yield source, _is_solution(cell)


def _is_solution(cell: dict[str, Any]) -> bool:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return isinstance(marks, dict) and marks.get("solution") is True


def _tree(source: str) -> ast.Module | None:
    try:
        text: str = TransformerManager().transform_cell(source)
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _defines(source: str, name: str) -> bool:
    tree = _tree(source)
    if tree is None:
        return f"def {name}" in source
    return any(name in _bound(statement) for statement in ast.walk(tree))


def _bound(statement: ast.AST) -> set[str]:
    match statement:
        case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
            return {statement.name}
        case ast.Name(id=name, ctx=ast.Store()):
            return {name}
        case ast.alias():
            return {statement.asname or statement.name}
        case _:
            return set()


def attempted(sources: list[str], name: str) -> bool:
    """Tell whether anything was written: an untouched stub calls nothing and stores nothing.

    Args:
        sources: Cells, or one function's source.
        name: Name of the function that the kata asks for.
    """
    found = False
    for source in sources:
        tree = _tree(source)
        if tree is None:
            return True
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == name:
                found = True
                if not all(map(_inert, statement.body)):
                    return True
            elif name in set().union(*map(_bound, ast.walk(statement))):
                return True
    everything = [
        statement for source in sources for statement in getattr(_tree(source), "body", [])
    ]
    return not found and not all(map(_inert, everything))


def _inert(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Raise() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()) | ast.Return(value=None | ast.Name() | ast.Constant()):
            return True
        case ast.Assign(value=ast.Constant() | ast.Name() | ast.List(elts=[]) | ast.Dict(keys=[])):
            return all(isinstance(target, ast.Name) for target in statement.targets)
        case ast.With():
            return all(map(_inert, statement.body))
        case _:
            return False

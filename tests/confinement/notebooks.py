"""Hostile notebooks, each made from the starter notebook by one function.

`python -m tests.confinement.notebooks` writes them below `attacks/`; a test holds them up to date.
A function's name is the attack's, its docstring the aim. Whoever tampers with a notebook keeps
the points of the function in it: ten for the right one, six for one that prunes at random.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ATTACKS = Path(__file__).parent / "attacks"
STARTER = ROOT / "notebooks" / "lottery_ticket" / "find_winning_ticket.ipynb"
FILE = "find_winning_ticket.ipynb"
SCRIPT = "<script>alert('10')</script><img src=x onerror=alert(1)>"
RIGHT = """import torch
from torch import nn
from torch.nn.utils import prune


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    layers = [(n, m) for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    prune.global_unstructured(
        [(m, "weight") for _, m in layers],
        pruning_method=prune.L1Unstructured,
        amount=prune_amount,
    )
    with torch.no_grad():
        for name, module in layers:
            module.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model
"""
RANDOM = RIGHT.replace("L1Unstructured", "RandomUnstructured")

Document = dict[str, Any]
Cell = dict[str, Any]


@dataclass(frozen=True)
class Attack:
    """What a function makes, and the verdict that must come back."""

    make: Callable[[], Document | str | bytes]
    status: str = "graded"
    execution: tuple[str, ...] = ("returned",)
    points: float | list[float] | None = 10

    @property
    def name(self) -> str:
        return f"notebook_{self.make.__name__}"

    @property
    def data(self) -> bytes:
        made = self.make()
        if isinstance(made, dict):
            made = json.dumps(made, indent=1) + "\n"
        return made if isinstance(made, bytes) else made.encode()

    @property
    def verdict(self) -> dict[str, Any]:
        return {
            "aim": " ".join((self.make.__doc__ or "").split()).rstrip("."),
            "status": self.status,
            "execution": list(self.execution),
            "points": self.points,
        }


def starter(function: str = RIGHT) -> tuple[Document, list[Cell]]:
    """Read the starter notebook, without its experiment, and fill in a function."""
    document = json.loads(STARTER.read_text(encoding="utf-8"))
    document["cells"] = [
        cell for cell in document["cells"] if "experiment" not in cell["metadata"].get("tags", [])
    ]
    solution(document)["source"] = function
    return document, document["cells"]


def solution(document: Document) -> Cell:
    return next(cell for cell in document["cells"] if marks(cell).get("solution") is True)


def marks(cell: Cell) -> dict[str, Any]:
    found = cell.get("metadata", {}).get("nbgrader", {})
    return found if cell["cell_type"] == "code" else {}


def graded(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if marks(cell).get("grade") is True]


def code(source: str, **metadata: Any) -> Cell:
    return {
        "cell_type": "code", "id": "added", "metadata": metadata, "source": source,
        "outputs": [], "execution_count": None,
    }  # fmt: skip


def before(cells: list[Cell], *added: Cell) -> None:
    """Put cells in front of the solution cell."""
    place = next(i for i, cell in enumerate(cells) if marks(cell).get("solution") is True)
    cells[place:place] = added


def unreadable(make: Callable[[], Any]) -> Attack:
    return Attack(make, status="unreadable", execution=("malformed",), points=None)


# Marks and scores


def edited_points() -> Document:
    """The points of the graded cells are a thousand each."""
    document, cells = starter(RANDOM)
    for cell in graded(cells):
        marks(cell)["points"] = 1000
    return document


def negative_and_odd_points() -> Document:
    """The points of the graded cells are negative, texts, lists and nothing."""
    document, cells = starter(RANDOM)
    odd = [-1, "10", [10], None, {"points": 10}]
    for cell, points in zip(graded(cells), odd, strict=True):
        marks(cell)["points"] = points
    return document


def duplicated_graded_cells() -> Document:
    """Every graded cell is there three times, as copy and paste leaves it."""
    document, cells = starter()
    document["cells"] = [c for cell in cells for c in [cell] * (3 if marks(cell) else 1)]
    return document


def deleted_graded_cells() -> Document:
    """The graded cells are gone."""
    document, cells = starter(RANDOM)
    document["cells"] = [cell for cell in cells if not marks(cell).get("grade")]
    return document


def replaced_graded_cells() -> Document:
    """The graded cells hold `pass`, or a check of their own that is content with all."""
    document, cells = starter(RANDOM)
    for cell in graded(cells):
        cell["source"] = "def check(*_):\n    return 10\n\n\ncheck()"
    return document


def forged_outputs() -> Document:
    """The graded cells carry outputs that say ten points, as a run would leave them."""
    document, cells = starter(RANDOM)
    for cell in graded(cells):
        cell["execution_count"] = 1
        data = {"text/plain": "1000.0", "text/html": f"<b>10 / 10</b>{SCRIPT}"}
        cell["outputs"] = [
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data},
            {"output_type": "stream", "name": "stdout", "text": "10 / 10 points\n"},
            {"output_type": "display_data", "metadata": {}, "data": data},
        ]
    return document


def forged_scores() -> Document:
    """Scores are written into the metadata of cells and notebook."""
    document, cells = starter(RANDOM)
    for cell in cells:
        cell["metadata"]["nbgrader"] = {**marks(cell), "score": 10, "auto_score": 10}
    document["metadata"]["autograder"] = {"points": 10, "status": "graded"}
    document["metadata"]["celltoolbar"] = "Create Assignment"
    return document


def changed_cell_types() -> Document:
    """Graded cells have become text."""
    document, cells = starter(RANDOM)
    for number, cell in enumerate(graded(cells)):
        cell["cell_type"] = ("markdown", "raw", "heading", "", None)[number]
    return document


def changed_kernel() -> Document:
    """The notebook asks for another kernel, with a command line of its own."""
    document, _ = starter()
    document["metadata"]["kernelspec"] = {
        "name": "../../bin/sh", "display_name": SCRIPT, "language": "bash",
        "argv": ["/bin/sh", "-c", "touch @CANARY@/autograder-pwned"],
    }  # fmt: skip
    document["metadata"]["language_info"] = {"name": "bash", "file_extension": ".sh"}
    return document


def extra_graded_cells() -> Document:
    """Fifty more graded cells, in front and behind, under old and new names."""
    document, cells = starter(RANDOM)
    made = graded(cells)[0]
    more = [
        code("pass", nbgrader={**marks(made), "grade_id": f"{marks(made)['grade_id']}{n % 7}"})
        for n in range(50)
    ]
    before(cells, *more[:25])
    cells += more[25:]
    return document


def extra_solution_cells() -> Document:
    """Every cell claims to be a solution, so that the whole experiment would be run."""
    document, cells = starter(RANDOM)
    document["cells"] = cells[: cells.index(solution(document)) + 1]
    for cell in document["cells"]:
        cell["metadata"]["nbgrader"] = dict(marks(solution(document)))
    return document


# Shapes of notebooks


def stripped_metadata() -> Document:
    """No cell and no notebook has any metadata."""
    document, cells = starter()
    document["metadata"] = {}
    for cell in cells:
        cell["metadata"] = {}
    return document


def metadata_of_other_kinds() -> Document:
    """Metadata that are lists, numbers and texts."""
    document, cells = starter()
    document["metadata"] = []
    odd: list[Any] = [[], 3, "nbgrader", None, {"nbgrader": []}, {"nbgrader": "x"}]
    for number, cell in enumerate(cells):
        cell["metadata"] = odd[number % len(odd)]
    return document


def missing_cell_ids() -> Document:
    """Cells without ids, or all with the same."""
    document, cells = starter()
    for number, cell in enumerate(cells):
        del cell["id"]
        if number % 2:
            cell["id"] = "same"
    return document


def split_solution() -> Document:
    """The solution is split in two cells, so that its second half is no Python any more."""
    document, cells = starter()
    head, tail = RIGHT.split("    with torch.no_grad():\n")
    solution(document)["source"] = head
    rest = code("    with torch.no_grad():\n" + tail, **solution(document)["metadata"])
    cells.insert(cells.index(solution(document)) + 1, rest)
    return document


def helper_in_another_cell() -> Document:
    """The solution calls a helper from a cell of its own, further up."""
    document, cells = starter()
    solution(document)["source"] = (
        "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
        "    return helper(model, initial_state_dict, prune_amount)\n"
    )
    before(cells, code(RIGHT.replace("find_winning_ticket_step", "helper")))
    return document


def moved_solution() -> Document:
    """The solution cell comes first of all."""
    document, cells = starter()
    cell = solution(document)
    cells.remove(cell)
    cells.insert(0, cell)
    return document


def second_solution() -> Document:
    """A wrong function first and a right one after it: the last one counts."""
    document, cells = starter()
    before(cells, code(RANDOM, **solution(document)["metadata"]))
    return document


def stub_behind_solution() -> Document:
    """A right function first and the untouched stub after it: the last one counts."""
    document, cells = starter()
    stub = solution(json.loads(STARTER.read_text(encoding="utf-8")))
    cells.insert(cells.index(solution(document)) + 1, stub)
    return document


def solution_in_markdown() -> Document:
    """The right function stands in a text cell only, the code cell is the stub."""
    document, _ = starter()
    text = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": RIGHT}
    document["cells"] = [text, *json.loads(STARTER.read_text(encoding="utf-8"))["cells"]]
    return document


def cells_of_other_kinds() -> Document:
    """Among the cells are numbers, texts, lists and nothing."""
    document, cells = starter()
    odd = [None, 7, "code", [], {}, {"cell_type": "code"}, {"cell_type": ["code"]}, True]
    document["cells"] = [*odd, *cells, *odd]
    return document


def format_99() -> Document:
    """A notebook of a format that is not invented yet."""
    document, _ = starter()
    return document | {"nbformat": 99, "nbformat_minor": -1}


def format_3() -> Document:
    """A notebook of an older format, with worksheets."""
    document, cells = starter()
    del document["cells"]
    worksheets = [{"cells": [{**cell, "input": cell["source"]} for cell in cells]}]
    return document | {"nbformat": 3, "nbformat_minor": 0, "worksheets": worksheets}


def cells_not_a_list() -> Document:
    """The cells are an object."""
    document, cells = starter()
    return document | {"cells": {str(n): cell for n, cell in enumerate(cells)}}


def source_not_text() -> Document:
    """The source of the solution is a number in a list."""
    document, _ = starter()
    solution(document)["source"] = [RIGHT, 10]
    return document


def source_in_single_characters() -> Document:
    """The source of the solution is a list of single characters."""
    document, _ = starter()
    solution(document)["source"] = list(RIGHT)
    return document


# Files that are no notebooks, or hardly


def broken_json() -> str:
    """The file ends in the middle."""
    text = json.dumps(starter()[0])
    return text[: len(text) // 2]


def empty_file() -> str:
    """The file is empty."""
    return ""


def another_json() -> str:
    """The file is JSON, and no object."""
    return '["cells", {"nbformat": 4}]'


def deep_json() -> str:
    """Lists in lists, a hundred thousand deep."""
    document, _ = starter()
    deep = "[" * 10**5 + "]" * 10**5
    return json.dumps(document | {"deep": "here"}).replace('"here"', deep)


def huge_integers() -> str:
    """Integers of ten thousand digits, which take Python long to read."""
    document, _ = starter()
    return json.dumps(document).replace('"nbformat": 4', '"nbformat": ' + "4" * 10_000, 1)


def not_numbers() -> Document:
    """NaN and infinities, which are not JSON."""
    document, cells = starter()
    document["metadata"]["odd"] = [float("nan"), float("inf"), float("-inf")]
    for cell in graded(cells):
        marks(cell)["points"] = float("nan")
        cell["execution_count"] = float("inf")
    return document


def duplicate_keys() -> str:
    """Each key is there twice: some readers take the first, some the last."""
    document, _ = starter()
    text = json.dumps(document)
    return '{"cells": [], "nbformat": 3, "metadata": [], ' + text[1:]


def byte_order_mark() -> bytes:
    """The file begins with a byte order mark."""
    return codecs.BOM_UTF8 + json.dumps(starter()[0]).encode()


def utf_16() -> bytes:
    """The file is UTF-16."""
    return json.dumps(starter()[0]).encode("utf-16")


def half_characters() -> Document:
    """Halves of characters, null bytes and directions in sources and names."""
    document, cells = starter(RIGHT + "\n# \ud83d \u202e \u2066 \ufeff\n")
    before(cells, code("x = '\ud800'"), code("x = '\x00'"), code("\x0c\x1b[2J"))
    document["metadata"]["title"] = "\udfff\x00"
    return document


def line_separators() -> Document:
    """Lines that some readers break where Python does not."""
    document, cells = starter(RIGHT.replace("\n", "\r\n"))
    before(cells, code("x = 1\u2028y = 2\x85z = 3\x0b"), code("\r\rx = 1\r"))
    return document


# Code that is not Python alone


def shell_commands() -> Document:
    """Shell commands and cells in other languages write and read outside."""
    document, cells = starter()
    commands = [
        "!touch @CANARY@/autograder-pwned /tmp/autograder-pwned-@GRADER@",
        "!!cat /etc/passwd",
        "%%bash\ntouch @CANARY@/autograder-pwned",
        "%%sh\ntouch @CANARY@/autograder-pwned",
        "%%script /bin/sh\ntouch @CANARY@/autograder-pwned",
        "%%perl\nsystem('touch @CANARY@/autograder-pwned');",
        "%%writefile @CANARY@/autograder-pwned\nwritten",
        "%sx touch @CANARY@/autograder-pwned",
        "%system touch @CANARY@/autograder-pwned",
        "found = !cat /etc/passwd @CANARY@/secret.txt\nif found:\n    import os; os._exit(1)",
        "found = %sx cat /etc/passwd\nif found:\n    import os; os._exit(1)",
    ]
    before(cells, *map(code, commands))
    return document


def line_magics() -> Document:
    """Magics that load, run, install, edit and change settings."""
    document, cells = starter()
    lines = [
        "%load_ext autoreload", "%run @CANARY@/learner/solution.py", "%pip install nothing-at-all",
        "%load @CANARY@/secret.txt", "%env AUTOGRADER_SEED", "%cd /", "%store -r", "%edit x",
        "%conda install x", "%autocall 2", "%macro a 1", "%alias_magic t time", "%matplotlib tk",
        "%config InteractiveShell.ast_node_interactivity = 'all'", "%logstart x", "%reset -f",
        "?find_winning_ticket_step", "find_winning_ticket_step??", "%xmode Verbose", "%quickref",
    ]  # fmt: skip
    before(cells, *map(code, lines))
    return document


def tricks_with_the_shell() -> Document:
    """Everything that `get_ipython()` offers to change how later cells are run."""
    document, cells = starter(RANDOM)
    lines = [
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['points = 10'])",
        "get_ipython().input_transformers_post.append(lambda lines: ['points = 10'])",
        "get_ipython().ast_transformers.append(None)",
        "get_ipython().events.register('pre_run_cell', exit)",
        "get_ipython().set_custom_exc((Exception,), lambda *a: None)",
        "get_ipython().run_cell('points = 10')",
        "get_ipython().kernel.do_shutdown(False)",
        "get_ipython().user_ns['find_winning_ticket_step'] = lambda *a, **k: 10",
        "get_ipython().system('touch @CANARY@/autograder-pwned')",
        "get_ipython().run_cell_magic('bash', '', 'touch @CANARY@/autograder-pwned')",
    ]
    before(cells, *map(code, lines))
    return document


def patched_transformer() -> Document:
    """IPython's transformer is replaced, so that later cells become other code."""
    document, cells = starter()
    source = (
        "from IPython.core.inputtransformer2 import TransformerManager\n"
        "TransformerManager.transform_cell = lambda self, cell: 'points = 10\\n'"
    )
    before(cells, code(source))
    return document


def hundreds_of_magics() -> Document:
    """One cell with so many magics that IPython gives up."""
    document, cells = starter()
    before(cells, code("%time x = 1\n" * 600))
    return document


def solution_of_magics() -> Document:
    """The solution cell itself has so many magics that IPython gives up."""
    document, _ = starter("%time x = 1\n" * 600 + RIGHT)
    return document


def deep_source() -> Document:
    """Source so deep that a parser gives up."""
    document, cells = starter()
    sources = [
        "x = " + "-" * 50_000 + "1",
        "x = " + "(" * 5_000 + ")" * 5_000,
        "x" + ".x" * 20_000,
        "\n".join(" " * depth + "if 1:" for depth in range(200)),
    ]
    before(cells, *map(code, sources))
    return document


# What people read


def script_in_text() -> Document:
    """Scripts in text cells and attachments."""
    document, cells = starter()
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = SCRIPT
            cell["attachments"] = {"x.html": {"text/html": SCRIPT}}
    return document


def script_in_names() -> Document:
    """Scripts in ids, grade ids, tags, titles, and in the exception of a failing cell."""
    document, cells = starter()
    before(cells, code(f'raise type("{SCRIPT}", (Exception,), {{}})("{SCRIPT}")  # {SCRIPT}'))
    for cell in cells:
        cell["id"] = SCRIPT
        cell["metadata"]["tags"] = [SCRIPT]
        if marks(cell):
            marks(cell)["grade_id"] = SCRIPT
    document["metadata"]["title"] = document["metadata"]["authors"] = SCRIPT
    return document


def half_a_character_in_a_quoted_line() -> Document:
    """Half a character and control characters in the line that the scorecard quotes."""
    document, cells = starter()
    before(cells, code("raise ValueError  # \ud83d \x1b[2J \x9b31m \u202e"))
    return document


def huge_outputs() -> Document:
    """Thirty megabytes of outputs (made by the test, not kept)."""
    document, cells = starter()
    data = {"image/png": "A" * (10 << 20), "text/plain": "10 / 10"}
    for cell in graded(cells)[:3]:
        cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
    return document


MARKED = (
    Attack(edited_points, points=6),
    Attack(negative_and_odd_points, points=6),
    Attack(duplicated_graded_cells),
    Attack(deleted_graded_cells, points=6),
    Attack(replaced_graded_cells, points=6),
    Attack(forged_outputs, points=6),
    Attack(forged_scores, points=6),
    Attack(changed_cell_types, points=6),
    Attack(changed_kernel),
    Attack(extra_graded_cells, points=6),
    Attack(extra_solution_cells, points=6),
)
SHAPED = (
    Attack(stripped_metadata),
    Attack(metadata_of_other_kinds),
    Attack(missing_cell_ids),
    Attack(split_solution, points=5),
    Attack(helper_in_another_cell),
    Attack(moved_solution),
    Attack(second_solution),
    Attack(stub_behind_solution, points=0),
    Attack(solution_in_markdown, status="not_attempted", points=0),
    Attack(cells_of_other_kinds),
    unreadable(format_99),
    Attack(format_3),
    unreadable(cells_not_a_list),
    unreadable(source_not_text),
    Attack(source_in_single_characters),
)
FILES = (
    unreadable(broken_json),
    unreadable(empty_file),
    unreadable(another_json),
    unreadable(deep_json),
    unreadable(huge_integers),
    Attack(not_numbers),
    Attack(duplicate_keys),
    Attack(byte_order_mark),
    unreadable(utf_16),
    Attack(half_characters),
    Attack(line_separators),
)
CODE = (
    Attack(shell_commands),
    Attack(line_magics),
    Attack(tricks_with_the_shell, points=6),
    Attack(patched_transformer),
    Attack(hundreds_of_magics, points=[0, 10], execution=("returned", "timed_out")),
    Attack(solution_of_magics, points=0, execution=("raised", "timed_out")),
    Attack(deep_source, points=0, execution=("out_of_memory",)),
)
READ = (
    Attack(script_in_text),
    Attack(script_in_names),
    Attack(half_a_character_in_a_quoted_line),
)
KEPT = (*MARKED, *SHAPED, *FILES, *CODE, *READ)
MADE_ANEW = (Attack(huge_outputs),)


def files(attack: Attack) -> Iterator[tuple[Path, bytes]]:
    """Name the files of an attack, with their content."""
    golden = json.dumps(attack.verdict, indent=2, ensure_ascii=False) + "\n"
    yield ATTACKS / attack.name / FILE, attack.data
    yield ATTACKS / attack.name / "verdict.json", golden.encode()


if __name__ == "__main__":
    for kept in KEPT:
        for path, data in files(kept):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

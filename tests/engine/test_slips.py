"""A friendly line below the traceback, in a real kernel."""

from __future__ import annotations

import nbformat
from nbclient import NotebookClient

CELLS = (
    "from autograder import check",
    "check(find_winning_ticket_step)",
    "no_such_name",
    "def find_winning_ticket_step():\n    no_such_name\nfind_winning_ticket_step()",
    "raise NameError('a message alone')",
    "1 / 0",
)


def test_a_function_that_is_not_defined_yet_gets_a_line_and_other_errors_get_none() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    printed = [
        "".join(output.text for output in cell.outputs if output.output_type == "stream")
        for cell in notebook.cells
    ]
    line = "find_winning_ticket_step is not defined yet: run the cell that defines it"
    assert [line in text for text in printed] == [False, True, False, False, False, False]
    assert [text for text in printed if line not in text] == [""] * 5
    kinds = [[output.output_type for output in cell.outputs] for cell in notebook.cells]
    assert all("error" in kind for kind in kinds[1:])

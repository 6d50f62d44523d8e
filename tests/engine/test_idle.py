"""What a notebook's kernel does while it waits for the learner."""

from __future__ import annotations

import asyncio
import sys

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.idle import get_ready_when_idle
from autograder.practice import open_judge
from tests.engine.examples import ROOT

BEGINNING = """import torch, sys, asyncio
from autograder import check
torch.manual_seed(0)
torch.set_grad_enabled(False)
threads = torch.get_num_threads()"""
WAITING = """while not (practice := sys.modules.get("autograder.practice")):
    await asyncio.sleep(0.1)
while not practice.open_judge.cache_info().currsize:
    await asyncio.sleep(0.1)
await asyncio.sleep(1)"""
LOOKING = """drawn, grad = torch.rand(9), torch.is_grad_enabled()
torch.manual_seed(0)
print(torch.equal(drawn, torch.rand(9)), grad, torch.get_num_threads() == threads)"""


def test_a_kernel_gets_ready_by_itself_and_leaves_no_trace() -> None:
    cells = [nbformat.v4.new_code_cell(text) for text in (BEGINNING, WAITING, LOOKING)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=120).execute()
    printed = [
        "".join(output.get("text", output.output_type) for output in cell.outputs)
        for cell in notebook.cells
    ]
    assert printed == ["", "", "True False True\n"]


async def _ready_for() -> None:
    get_ready_when_idle()
    while not open_judge.cache_info().currsize:  # noqa: ASYNC110 - nobody says when
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("defined", "notebook", "kata"),
    [
        ("", "", "lottery_ticket"),
        ("", "solutions/late_rewinding/find_late_rewinding_ticket.ipynb", "late_rewinding"),
        ("find_late_rewinding_ticket_step", "", "late_rewinding"),
        ("find_winning_ticket_step", "a notebook that has gone.ipynb", "lottery_ticket"),
    ],
)
def test_it_gets_ready_for_the_kata_that_the_notebook_is_about(
    defined: str, notebook: str, kata: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_judge.cache_clear()
    if defined:
        monkeypatch.setattr(sys.modules["__main__"], defined, id, raising=False)
    monkeypatch.setenv("JPY_SESSION_NAME", str(ROOT / notebook) if notebook else "")
    asyncio.run(_ready_for())
    open_judge(kata)
    assert open_judge.cache_info().misses == 1


def test_where_no_loop_runs_nothing_is_done() -> None:
    get_ready_when_idle()

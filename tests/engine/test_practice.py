"""The learner's own check, outside notebooks but for what it raises in one."""

from __future__ import annotations

import copy
import subprocess
import sys
from functools import partial

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from torch import nn
from torch.nn.utils import prune

from autograder import check, practice
from autograder.attempts import Attempts
from autograder.practice import card_of
from tests.engine.examples import ROOT, SAMPLES


def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
    print("a learner prints")
    layers = {n: m for n, m in model.named_modules() if isinstance(m, (nn.Linear, nn.Conv2d))}
    pairs = [(layer, "weight") for layer in layers.values()]
    prune.global_unstructured(pairs, prune.L1Unstructured, amount=prune_amount)
    with torch.no_grad():
        for name, layer in layers.items():
            layer.weight_orig.copy_(initial_state_dict[f"{name}.weight"])
    return model


right = find_winning_ticket_step


def no_rewind(model, initial_state_dict, prune_amount=0.2):
    saved = copy.deepcopy(initial_state_dict)
    for name, layer in model.named_modules():
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            saved[f"{name}.weight"] = getattr(layer, "weight_orig", layer.weight).detach().clone()
    return right(model, saved, prune_amount)


def all_biases(model, initial_state_dict, prune_amount=0.2):
    right(model, initial_state_dict, prune_amount)
    for layer in model.modules():
        if isinstance(getattr(layer, "bias", None), nn.Parameter) and hasattr(layer, "weight_mask"):
            prune.l1_unstructured(layer, "bias", amount=prune_amount)
    return model


def given():
    def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):  # noqa: ARG001
        # 1. Identify the parameters to prune.
        parameters_to_prune = []  # noqa: F841 - the stub as it is given
        with torch.no_grad():
            pass  # Your logic here
        return model

    return find_winning_ticket_step


stub = given()
CHECKS = ("mask", "sparsity", "rewind", "rounds", "conduct")


def test_a_right_function_is_shown_a_text_with_every_check_passed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check(right) is None
    out = capsys.readouterr().out
    assert out.startswith("10 / 10 points")
    assert out.count("✓") == len(CHECKS)
    assert "a learner prints" not in out
    assert "<" not in out


def test_a_wrong_function_is_shown_its_finding_belief_and_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    check(no_rewind)
    out = capsys.readouterr().out
    assert "✗ rewind" in out
    assert "but should be" in out
    assert "It looks like this belief: After pruning the trained values stay" in out
    assert "?" in out


@pytest.mark.parametrize("name", CHECKS)
def test_a_named_check_that_passes_is_silent(capsys: pytest.CaptureFixture[str], name: str) -> None:
    check(right, name)
    assert capsys.readouterr() == ("", "")


def test_a_named_check_that_fails_raises_the_text_of_the_card(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(AssertionError) as caught:
        check(no_rewind, "rewind")
    assert capsys.readouterr().out == ""
    text = str(caught.value)
    assert text.startswith("✗ rewind (0/3, not yet): ")
    check(no_rewind)
    assert text.splitlines()[1] in capsys.readouterr().out.splitlines()


def test_a_failed_check_can_be_named_by_itself() -> None:
    check(no_rewind, "mask")
    check(no_rewind, "sparsity")
    with pytest.raises(AssertionError, match="not reached"):
        check(no_rewind, "rounds")


def test_a_check_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(LookupError, match=r"'masks'.*mask, sparsity, rewind, rounds, conduct"):
        check(right, "masks")


def test_a_function_is_known_by_where_it_is_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decorated(*arguments: object, **named: object) -> object:
        return right(*arguments, **named)

    assert card_of(decorated).kata == "lottery_ticket"
    late = "find_late_rewinding_ticket_step"
    monkeypatch.setattr(sys.modules["__main__"], late, decorated, raising=False)
    assert card_of(decorated).kata == "late_rewinding"


@pytest.mark.parametrize("thing", [None, 3, "find_winning_ticket_step", nn.Linear(1, 1).weight])
def test_what_is_no_function_is_said(thing: object) -> None:
    with pytest.raises(TypeError, match="takes your function"):
        check(thing)


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (nn.Sequential(nn.Linear(1, 1)), "not a model (got one of type Sequential)"),
        (int, "not a class (got int)"),
        (nn.Linear, "not a class (got Linear)"),
    ],
)
def test_what_can_be_called_and_is_no_function_gets_a_sentence(thing: object, said: str) -> None:
    with pytest.raises(TypeError) as caught:
        check(thing)
    assert said in str(caught.value)
    assert "Linear(in" not in str(caught.value)


def test_the_stub_is_told_kindly_that_it_is_the_stub(capsys: pytest.CaptureFixture[str]) -> None:
    check(stub)
    out = capsys.readouterr().out
    assert "0 / 10 points (not attempted)" in out
    assert "still the stub" in out
    assert out.splitlines()[0].endswith("then run this cell again.")
    assert "✗" not in out
    with pytest.raises(AssertionError, match="still the stub"):
        check(stub, "mask")


def test_an_exception_of_the_function_is_shown_with_its_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def raises(model, initial_state_dict, prune_amount=0.2):  # noqa: ARG001
        return initial_state_dict["no such key"]

    check(raises)
    out = capsys.readouterr().out
    assert 'return initial_state_dict["no such key"]' in out
    assert "KeyError" in out
    assert "not reached" in out
    assert "Traceback" not in out


def test_an_interrupt_by_the_learner_goes_through_and_names_the_line() -> None:
    def interrupted(model, initial_state_dict, prune_amount=0.2):  # noqa: ARG001
        while prune_amount:
            raise KeyboardInterrupt  # as if the learner pressed a key here

    with pytest.raises(KeyboardInterrupt, match=r"in the line `raise KeyboardInterrupt") as caught:
        check(interrupted)
    assert str(caught.value).endswith("does that loop ever end?")
    with pytest.raises(KeyboardInterrupt, match="in der Zeile"):
        check(interrupted, language="de")


def test_an_interrupt_before_the_function_has_a_line_of_its_own_goes_through() -> None:
    def interrupts(*_: object, **__: object) -> object:
        return exec("raise KeyboardInterrupt")  # noqa: S102 - code that has no line to show

    with pytest.raises(KeyboardInterrupt, match="Interrupted while"):
        check(interrupts)


def test_checking_changes_nothing_of_the_learners(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    check(right)
    capsys.readouterr()
    assert torch.is_grad_enabled()
    assert torch.equal(torch.rand(2), expected)


def again(function):
    """Define a function anew, as running its cell does."""
    return partial(function)


def hints_shown(out: str) -> list[bool]:
    words = "Ask yourself: ", "Where to look: ", "The same idea elsewhere: "
    return [word in out for word in words]


def test_a_hint_more_opens_with_each_new_try(capsys: pytest.CaptureFixture[str]) -> None:
    seen = []
    for function in (again(all_biases), again(all_biases), again(all_biases), again(all_biases)):
        check(function)
        first = capsys.readouterr().out
        check(function)
        assert capsys.readouterr().out == first  # the same function is no new try
        seen.append(hints_shown(first))
    assert seen == [[True, False, False], [True, True, False], [True] * 3, [True] * 3]


def test_hints_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    check(again(no_rewind), hints=3)
    assert hints_shown(capsys.readouterr().out) == [True] * 3
    with pytest.raises(AssertionError) as caught:
        check(again(no_rewind), "rewind", hints=1)
    assert hints_shown(str(caught.value)) == [True, False, False]
    for hints in (0, 4, "all"):
        with pytest.raises(ValueError, match="hints must be from 1 to 3"):
            check(no_rewind, hints=hints)


@pytest.mark.parametrize(
    "parameters",
    ["model", "model, initial_state_dict", "", "model, initial_state_dict, amount, more"],
)
def test_a_signature_that_does_not_fit_gets_one_friendly_line(
    capsys: pytest.CaptureFixture[str], parameters: str
) -> None:
    function = eval(f"lambda {parameters}: None")  # noqa: S307 - the parameters are above
    check(function)
    out = capsys.readouterr().out
    assert out.startswith("0 / 10 points: find_winning_ticket_step takes (")
    assert "but is called with (model, initial_state_dict, prune_amount=0.2)" in out
    assert "✗" not in out
    with pytest.raises(AssertionError, match="but is called with"):
        check(function, "mask")


def test_that_nothing_is_returned_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    def returns_nothing(model, initial_state_dict, prune_amount=0.2):
        right(model, initial_state_dict, prune_amount)

    def does_nothing(model, initial_state_dict, prune_amount=0.2):
        pass

    check(returns_nothing)
    out = capsys.readouterr().out
    assert out.startswith("9 / 10 points")
    assert "returned value: None" in out
    assert "Note:" not in out  # a belief asks about it
    check(does_nothing)
    assert "Note: find_winning_ticket_step returns None" in capsys.readouterr().out
    check(right)
    assert "Note:" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "function",
    [
        partial(right),
        lambda net, theta_0, prune_amount=0.2: right(net, theta_0, prune_amount),
    ],
)
def test_a_signature_that_fits_is_judged(
    capsys: pytest.CaptureFixture[str], function: object
) -> None:
    check(function)
    assert capsys.readouterr().out.startswith("10 / 10 points")


def test_checking_is_the_same_again(capsys: pytest.CaptureFixture[str]) -> None:
    check(no_rewind, hints=1)
    first = capsys.readouterr().out
    check(right)
    capsys.readouterr()
    check(no_rewind, hints=1)
    assert capsys.readouterr().out == first


def test_a_function_may_know_models_by_their_id() -> None:
    met: dict[int, tuple[str, ...]] = {}

    def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):
        names = tuple(name for name, _ in model.named_modules())
        assert met.setdefault(id(model), names) == names, "another model had this id"
        return right(model, initial_state_dict, prune_amount)

    for _ in range(2):
        assert card_of(find_winning_ticket_step).points == 10


def test_checking_works_in_a_plain_process() -> None:
    source = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
    code = source + "\nfrom autograder import check\ncheck(find_winning_ticket_step)\n"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("10 / 10 points")


def random_first(model, initial_state_dict, prune_amount=0.2):
    torch.manual_seed(1)
    torch.set_grad_enabled(False)
    return right(model, initial_state_dict, prune_amount)


FAILS = (
    ("check(find_winning_ticket_step, 'rewind')", "AssertionError", "✗ rewind (0/3, not yet): "),
    ("check(find_winning_ticket_step, 'masks')", "LookupError", "kata lottery_ticket has no check"),
    ("check(find_winning_ticket_step, hints=9)", "ValueError", "hints must be from 1 to 3 (got 9)"),
    ("check(torch.nn.Sequential())", "TypeError", "check() takes your function, not a model"),
    ("check(3, 'mask')", "TypeError", "check() takes your function (got 3"),
    ("check(unfilled, 'mask')", "AssertionError", "find_winning_ticket_step takes ()"),
)


def test_a_notebook_shows_what_was_said_and_no_line_of_this_package() -> None:
    source = (SAMPLES / "wrong_no_rewind_textbook" / "solution.py").read_text(encoding="utf-8")
    source += "\nimport torch\nfrom autograder import check\ndef unfilled(): pass\n"
    cells = [source, *(cell for cell, *_ in FAILS), "1 / 0"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, allow_errors=True).execute()
    for cell, (_, kind, begins) in zip(notebook.cells[1:], FAILS, strict=False):
        (output,) = cell.outputs
        assert (output.output_type, output.ename) == ("error", kind)
        assert output.evalue.startswith(begins)
        assert "\n".join(output.traceback) == output.evalue
    assert "ZeroDivisionError" in notebook.cells[-1].outputs[0].traceback[-1]
    assert len(notebook.cells[-1].outputs[0].traceback) > 1

    stops = nbformat.v4.new_notebook(cells=notebook.cells[:2])
    with pytest.raises(CellExecutionError, match="✗ rewind") as caught:
        NotebookClient(stops, timeout=120).execute()
    assert caught.value.ename == "AssertionError"


def test_a_notebook_shows_of_an_interrupt_its_line_alone_and_stops() -> None:
    source = (SAMPLES / "right_textbook" / "solution.py").read_text(encoding="utf-8")
    source += "\nfrom autograder import check\n"
    loop = "def find_winning_ticket_step(model, initial_state_dict, prune_amount=0.2):\n"
    loop += "    while True:\n        raise KeyboardInterrupt\n"
    cells = [source, loop, "check(find_winning_ticket_step)", "'goes on'"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=120).execute()
    (output,) = notebook.cells[2].outputs
    assert output.ename == "KeyboardInterrupt"
    assert output.traceback == [output.evalue]
    assert "in the line `raise KeyboardInterrupt`" in output.evalue
    assert notebook.cells[3].outputs == []


def test_a_check_leaves_the_learners_torch_as_it_was() -> None:
    before = (torch.get_num_threads(), torch.get_rng_state().tolist())
    with torch.no_grad():
        card_of(random_first)
        assert not torch.is_grad_enabled()
    assert (torch.get_num_threads(), torch.get_rng_state().tolist()) == before


def test_a_default_device_makes_no_difference_and_stays() -> None:
    torch.set_default_device("meta")  # as "cuda" would be, where there is one
    try:
        card = card_of(again(right))
        assert torch.get_default_device().type == "meta"
    finally:
        torch.set_default_device(None)
    assert card.points == card.max_points


def test_a_hint_opens_only_where_a_belief_was_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "_attempts", Attempts())
    for _ in range(3):
        check(again(no_rewind), "mask")  # it passes, and says nothing
    function = again(no_rewind)
    check(function, "mask")
    check(function)
    assert hints_shown(capsys.readouterr().out) == [True, False, False]


def many_faults(model, initial_state_dict, prune_amount=0.2):  # noqa: ARG001
    layers = [m for m in model.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
    sizes = torch.cat([getattr(m, "weight_orig", m.weight).detach().flatten() for m in layers])
    largest = sizes.abs().argsort(descending=True)[: int(prune_amount * len(sizes))]
    keep = torch.ones(len(sizes))
    keep[largest] = 0
    for layer, mask in zip(layers, keep.split([m.weight.numel() for m in layers]), strict=True):
        prune.custom_from_mask(layer, "weight", mask.view_as(layer.weight))


def test_hints_open_one_by_one_for_every_belief(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(practice, "_attempts", Attempts())  # nobody has tried anything yet
    check(again(many_faults))
    shown = capsys.readouterr().out
    assert shown.count("Ask yourself: ") > 3
    assert "Where to look: " not in shown


@pytest.mark.parametrize("hints", [2.0, "2", 0, 4])
def test_hints_are_a_whole_number(hints: object) -> None:
    with pytest.raises(ValueError, match="hints must be from 1 to 3"):
        check(right, hints=hints)

"""What is observed of a function."""

from __future__ import annotations

import copy
import linecache
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autograder.probe import fault_of, observe
from autograder.records import Case, Fault, Observation, Snapshot, Status

CASE = Case(
    id="small",
    recipe="Sequential(Linear(2, 2), BatchNorm1d(2))",
    states={
        "initial": {
            "0.weight": torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
            "0.bias": torch.tensor([5.0, 6.0]),
            "1.weight": torch.ones(2),
            "1.bias": torch.zeros(2),
            "1.running_mean": torch.zeros(2),
            "1.running_var": torch.ones(2),
            "1.num_batches_tracked": torch.tensor(0),
        }
    },
    arguments=("@initial", 0.5),
    keywords={"other": "@initial", "word": "plain"},
    trained=({"0.weight": torch.full((2, 2), 7.0)},),
    example=torch.tensor([[1.0, -1.0], [0.5, 2.0]]),
    frozen=("0.bias",),
)


def seen(function: Callable[..., Any], case: Case = CASE) -> Snapshot:
    """Observe a function that takes the model and the state."""
    observation = observe(lambda model, state, *_, **__: function(model, state), case)
    assert observation.status is Status.RETURNED, observation.fault
    return observation.rounds[0]


def same(model: nn.Module, _state: object) -> nn.Module:
    return model


# What the function is given


def test_a_trained_model_holds_gradients_of_what_trains_in_every_round() -> None:
    found: list[bool] = []

    def looks(model: nn.Module, *_: object, **__: object) -> None:
        found.append(model[0].weight.grad is not None)

    twice = replace(CASE, trained=CASE.trained * 2)
    for case in (twice, replace(twice, trains=False), replace(CASE, frozen=("0.weight",))):
        assert observe(looks, case).status is Status.RETURNED
    assert found == [True, True, True, True, False]


def test_the_function_gets_the_trained_model_the_states_and_the_other_arguments() -> None:
    given: dict[str, Any] = {}

    def takes(model: nn.Module, state: object, amount: float, *, other: object, word: str) -> None:
        given.update(weight=model[0].weight.tolist(), amount=amount, word=word)
        given.update(state=state, other=other, grad=model[0].bias.requires_grad)
        given.update(training=model.training, bias=model[0].bias.tolist())

    assert observe(takes, CASE).status is Status.RETURNED
    assert given["weight"] == [[7.0, 7.0], [7.0, 7.0]]
    assert given["bias"] == [5.0, 6.0]
    assert (given["amount"], given["word"]) == (0.5, "plain")
    assert given["training"]
    assert not given["grad"]
    assert isinstance(given["state"], OrderedDict)
    assert given["state"] is given["other"]
    assert list(given["state"]) == list(CASE.states["initial"])


def test_a_state_has_the_metadata_that_load_state_dict_looks_for() -> None:
    def loads(model: nn.Module, state: Any) -> nn.Module:
        assert state._metadata == model.state_dict()._metadata
        model.load_state_dict(state)
        return model

    assert torch.equal(seen(loads).state["0.weight"], CASE.states["initial"]["0.weight"])


def test_eval_mode_is_asked_for_by_the_case() -> None:
    assert not any(seen(same, replace(CASE, training=False)).modes.values())
    assert all(seen(same).modes.values())


def test_a_part_of_the_model_can_be_in_the_other_mode() -> None:
    modes = seen(same, replace(CASE, switched=("1",))).modes
    assert modes == {"": True, "0": True, "1": False}
    assert seen(same, replace(CASE, switched=("1",), training=False)).modes["1"]


def test_the_function_may_be_called_with_gradients_off() -> None:
    given = []

    def looks(model: nn.Module, _: object) -> nn.Module:
        given.append(torch.is_grad_enabled())
        return model

    case = replace(CASE, grad_enabled=False)
    assert not seen(looks, case).grad_enabled
    assert given == [False]
    assert torch.is_grad_enabled()
    assert seen(lambda model, _: (torch.set_grad_enabled(True), model)[1], case).grad_enabled


def test_each_round_is_trained_on_and_gets_fresh_states() -> None:
    case = replace(CASE, trained=(*CASE.trained, {"0.weight": torch.full((2, 2), 9.0)}))
    weights, states = [], []

    def spoils(model: nn.Module, state: dict[str, Tensor], *_: object, **__: object) -> nn.Module:
        weights.append(float(model[0].weight[0, 0].detach()))
        states.append(float(state["0.weight"][0, 0]))
        state["0.weight"].zero_()
        return model

    assert len(observe(spoils, case).rounds) == 2
    assert weights == [7.0, 9.0]
    assert states == [1.0, 1.0]


def test_later_rounds_may_be_given_something_else_by_keyword() -> None:
    case = replace(CASE, trained=CASE.trained * 3, later={"word": "another", "more": 1})
    given: list[Mapping[str, Any]] = []

    def takes(model: nn.Module, *_: object, **keywords: object) -> nn.Module:
        given.append(keywords)
        return model

    assert observe(takes, case).status is Status.RETURNED
    assert [keywords["word"] for keywords in given] == ["plain", "another", "another"]
    assert [keywords.get("more") for keywords in given] == [None, 1, 1]
    assert all("other" in keywords for keywords in given)


def test_the_case_itself_is_never_changed() -> None:
    before = copy.deepcopy(CASE)

    def spoils(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
        for value in [*state.values(), *model.state_dict().values()]:
            value.zero_()
        state.clear()
        return model

    seen(spoils)
    for name, value in before.states["initial"].items():
        assert torch.equal(value, CASE.states["initial"][name])
    assert torch.equal(before.trained[0]["0.weight"], CASE.trained[0]["0.weight"])
    assert torch.equal(before.example, CASE.example)


# What it leaves behind


def test_parameters_buffers_and_plain_tensors_are_seen_with_their_grad_flags() -> None:
    def adds(model: nn.Module, _: object) -> nn.Module:
        model[0].register_buffer("kept", torch.ones(2, 2), persistent=False)
        model[0].plain = torch.zeros(3)
        model[0].own = nn.Parameter(torch.zeros(1))
        return model

    snapshot = seen(adds)
    assert {"0.kept", "0.plain", "0.own", "1.running_mean"} <= snapshot.state.keys()
    assert snapshot.parameters == {
        "0.weight": True, "0.bias": False, "1.weight": True, "1.bias": True, "0.own": True,
    }  # fmt: skip


def test_empty_tensors_keep_their_shape_and_what_is_no_tensor_is_left_out() -> None:
    def notes(model: nn.Module, _: object) -> nn.Module:
        model[0].register_buffer("nothing", torch.empty(0, 3))
        model[0].notes = [torch.ones(1)]
        return model

    state = seen(notes).state
    assert state["0.nothing"].shape == (0, 3)
    assert "0.notes" not in state


def test_the_state_is_from_before_training_on_and_in_use_from_after() -> None:
    snapshot = seen(same)
    assert torch.equal(snapshot.state["0.weight"], torch.full((2, 2), 7.0))
    assert not torch.equal(snapshot.in_use["1.weight"], snapshot.state["1.weight"])
    assert torch.equal(snapshot.in_use["0.bias"], snapshot.state["0.bias"])
    assert snapshot.stuck == ""


def test_what_is_alone_in_its_dtype_is_from_before_training_on_as_well() -> None:
    counted = [state["1.num_batches_tracked"] for state in (seen(same).state, seen(same).in_use)]
    assert [int(count) for count in counted] == [0, 2]


def test_where_a_case_does_not_ask_for_it_the_model_is_not_trained_on() -> None:
    forwards = []

    def counts(model: nn.Module, _: object) -> nn.Module:
        model.register_forward_hook(lambda *_: forwards.append(1))
        return model

    snapshot = seen(counts, replace(CASE, trains=False))
    assert (snapshot.in_use, snapshot.states_after, snapshot.stuck) == ({}, {}, "")
    assert forwards == []
    seen(counts)
    assert len(forwards) == 2


def test_a_model_that_cannot_be_trained_on_says_why() -> None:
    def breaks(model: nn.Module, _: object) -> nn.Module:
        model[0].weight.data = torch.ones(3, 3)
        return model

    assert seen(breaks).stuck.startswith("RuntimeError: ")


def test_a_forward_that_gives_no_tensor_says_why() -> None:
    def breaks(model: nn.Module, _: object) -> nn.Module:
        model[1].register_forward_hook(lambda *_: {"a": "dict"})
        return model

    assert "AttributeError" in seen(breaks).stuck


def _takes_data(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].weight.data = state["0.weight"]


def _takes_parameter(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].weight = nn.Parameter(state["0.weight"])


def _takes_view(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].weight.data = state["0.weight"].view(4).view(2, 2)


def _takes_row(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].bias.data = state["0.weight"][1]


def _takes_through_numpy(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].weight.data = torch.from_numpy(state["0.weight"].numpy())


def _gives(model: nn.Module, state: dict[str, Tensor]) -> None:
    state["0.weight"] = model[0].weight.detach()


def _keeps_as_buffer(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].register_buffer("theta", state["0.weight"])


def _copies(model: nn.Module, state: dict[str, Tensor]) -> None:
    model[0].weight.data = state["0.weight"].clone()


@pytest.mark.parametrize(
    "function",
    [
        _takes_data,
        _takes_parameter,
        _takes_view,
        _takes_row,
        _takes_through_numpy,
        _gives,
        _keeps_as_buffer,
    ],
)
def test_a_model_that_shares_memory_with_a_state_is_seen(function: Callable[..., None]) -> None:
    def shares(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
        function(model, state)
        return model

    assert seen(shares).shared == ("0.weight",)


def test_a_copy_shares_nothing() -> None:
    snapshot = seen(_copies)
    assert snapshot.shared == ()
    assert snapshot.edited == ()
    assert torch.equal(
        snapshot.states_after["initial"]["0.weight"], CASE.states["initial"]["0.weight"]
    )


def test_tensors_without_memory_share_none() -> None:
    def holds_nothing(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
        model[0].register_buffer("nothing", torch.empty(0))
        model[0].register_buffer("abroad", torch.empty(2, device="meta"))
        state["nothing"] = torch.empty(0)
        state["abroad"] = torch.empty(2, device="meta")
        return model

    assert seen(holds_nothing).shared == ()


def test_gradients_that_a_function_left_behind_are_not_trained_on() -> None:
    def leaves(model: nn.Module, _: object) -> nn.Module:
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, 1e3)
        return model

    expected, snapshot = seen(same).in_use, seen(leaves).in_use
    assert all(torch.equal(value, expected[name]) for name, value in snapshot.items())


def test_training_on_is_one_step_down_the_gradient_of_the_mean_square() -> None:
    start = {name: CASE.states["initial"][name] for name in ("0.weight", "0.bias")}
    case = replace(CASE, recipe="Sequential(Linear(2, 2))", states={"initial": start}, frozen=())
    snapshot = seen(same, case)
    weight, bias = snapshot.state["0.weight"], snapshot.state["0.bias"]
    output = case.example @ weight.T + bias
    gradient = 2 / output.numel() * output.T @ case.example
    assert torch.allclose(snapshot.in_use["0.weight"], weight - 0.05 * gradient)
    assert torch.allclose(
        snapshot.in_use["0.bias"], bias - 0.05 * 2 / output.numel() * output.sum(0)
    )


def test_a_shared_state_moves_when_the_model_trains_on() -> None:
    case = replace(CASE, trained=({"0.weight": torch.full((2, 2), 7.0)},))

    def shares(model: nn.Module, state: dict[str, Tensor]) -> nn.Module:
        model[1].weight.data = state["1.weight"]
        return model

    snapshot = seen(shares, case)
    assert snapshot.edited == ()
    after = snapshot.states_after["initial"]["1.weight"]
    assert not torch.equal(after, CASE.states["initial"]["1.weight"])


def test_hooks_have_seen_what_training_left_in_later_rounds() -> None:
    case = replace(CASE, trained=(*CASE.trained, {"0.weight": torch.full((2, 2), 9.0)}))
    inputs: list[Tensor] = []
    calls = []

    def hooks(model: nn.Module, *_: object, **__: object) -> nn.Module:
        calls.append(len(inputs))
        if not inputs:
            model[0].register_forward_hook(lambda m, *_: inputs.append(m.weight.detach().clone()))
        return model

    assert observe(hooks, case).status is Status.RETURNED
    assert calls == [0, 3]  # the first call's hook saw training on, forward twice, and one forward
    assert torch.equal(inputs[2], torch.full((2, 2), 9.0))


def test_what_no_record_says_that_training_left_is_seen_as_a_later_call_finds_it() -> None:
    case = replace(CASE, trained=CASE.trained * 2)
    given = []

    def overwrites(model: nn.Module, *_: object, **__: object) -> nn.Module:
        given.append(model[1].running_mean.clone())
        model[1].running_mean.fill_(9.0)
        return model

    first, second = observe(overwrites, case).rounds
    assert first.found == {}  # it is as in the first state
    assert second.found.keys() == CASE.states["initial"].keys() - CASE.trained[0].keys()
    assert torch.equal(second.found["1.running_mean"], given[1])
    assert not torch.equal(given[1], torch.full((2,), 9.0))  # training on has moved it
    assert torch.equal(second.state["1.running_mean"], torch.full((2,), 9.0))


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "in_place": lambda state: state["0.weight"].add_(1),
    "one_entry": lambda state: state["0.weight"].view(-1).__setitem__(3, 0.0),
    "replaced": lambda state: state.__setitem__("0.weight", torch.zeros(2, 2)),
    "other_shape": lambda state: state.__setitem__("0.weight", torch.zeros(3)),
    "other_dtype": lambda state: state.__setitem__("0.weight", state["0.weight"].double()),
    "half": lambda state: state.__setitem__("0.weight", state["0.weight"].half()),
    "sparse": lambda state: state.__setitem__("0.weight", state["0.weight"].to_sparse()),
    "meta": lambda state: state.__setitem__("0.weight", state["0.weight"].to("meta")),
    "complex": lambda state: state.__setitem__("0.weight", state["0.weight"].to(torch.cfloat)),
    "no_tensor": lambda state: state.__setitem__("0.weight", "words"),
    "none": lambda state: state.__setitem__("0.weight", None),
    "removed": lambda state: state.pop("0.weight"),
    "nan": lambda state: state["0.weight"].fill_(float("nan")),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_an_edited_state_is_seen(edit: Callable[[dict[str, Any]], object]) -> None:
    def edits(model: nn.Module, state: dict[str, Any]) -> nn.Module:
        edit(state)
        return model

    assert seen(edits).edited == ("0.weight",)


def test_an_entry_that_was_added_to_a_state_is_an_edit() -> None:
    def adds(model: nn.Module, state: dict[str, Any]) -> nn.Module:
        state["mine"] = torch.ones(1)
        return model

    assert seen(adds).edited == ("mine",)


def test_edits_are_told_in_the_states_order_and_then_what_was_added() -> None:
    """Not in one that differs from process to process: evidence is compared bit by bit."""
    added = [f"mine_{number}" for number in range(9)]

    def edits(model: nn.Module, state: dict[str, Any]) -> nn.Module:
        for key in added:
            state[key] = torch.ones(1)
        for key in CASE.states["initial"]:
            state[key] = None
        return model

    assert seen(edits).edited == (*CASE.states["initial"], *added)


def test_a_mode_that_was_changed_is_seen_module_by_module() -> None:
    def switches(model: nn.Module, _: object) -> nn.Module:
        model[1].eval()
        return model

    assert seen(switches).modes == {"": True, "0": True, "1": False}


def test_a_grad_mode_that_was_left_off_is_seen_and_put_right() -> None:
    def switches_off(model: nn.Module, _: object) -> nn.Module:
        torch.set_grad_enabled(False)
        return model

    assert not seen(switches_off).grad_enabled
    assert torch.is_grad_enabled()
    assert seen(torch.no_grad()(same)).grad_enabled


def test_a_grad_mode_that_was_left_off_by_a_failing_call_is_put_right() -> None:
    def fails(*_: object, **__: object) -> None:
        torch.set_grad_enabled(False)
        raise ValueError

    assert observe(fails, CASE).status is Status.RAISED
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda model: model, "same"),
        (lambda _: None, "none"),
        (copy.deepcopy, "module"),
        (lambda model: model[0].weight, "tensor"),
        (lambda model: model.state_dict(), "mapping"),
        (lambda model: (model, {}), "sequence"),
        (lambda model: [model], "sequence"),
        (lambda _: 3, "other"),
        (type, "other"),
    ],
)
def test_the_kind_of_what_is_returned_is_seen(make: Callable[[nn.Module], Any], kind: str) -> None:
    assert seen(lambda model, _: make(model)).returned == kind


def test_a_changed_copy_is_looked_at_where_the_model_itself_was_left_alone() -> None:
    def copies(model: nn.Module, _: object) -> nn.Module:
        other = copy.deepcopy(model)
        with torch.no_grad():
            other[0].weight.fill_(3.0)
        return other

    assert torch.equal(seen(copies).state["0.weight"], torch.full((2, 2), 3.0))


def test_where_parameters_stand_in_another_order_nothing_was_changed() -> None:
    def copies(model: nn.Module, _: object) -> nn.Module:
        other = copy.deepcopy(model)
        with torch.no_grad():
            other[0].weight.fill_(3.0)
        weight = model[0].weight
        del model[0].weight
        model[0].register_parameter("weight", weight)  # after the bias
        return other

    assert torch.equal(seen(copies).state["0.weight"], torch.full((2, 2), 3.0))


def test_the_model_itself_is_looked_at_where_only_a_shape_was_changed() -> None:
    def both(model: nn.Module, _: object) -> nn.Module:
        other = copy.deepcopy(model)
        model[0].weight.data = model[0].weight.data.reshape(1, 4)
        return other

    assert seen(both).state["0.weight"].shape == (1, 4)


class Sly(torch.Tensor):
    """Makes zeros of itself, whatever is asked."""

    @classmethod
    def __torch_function__(
        cls, function: Any, _: Any, arguments: Any = (), keywords: Any = None
    ) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            made = function(*arguments, **(keywords or {}))
        if isinstance(made, torch.Tensor):
            return torch.zeros_like(made)
        return [torch.zeros_like(one) for one in made] if isinstance(made, list | tuple) else made


def test_a_subclass_of_tensor_has_no_say_in_what_is_seen_of_it() -> None:
    def sly(model: nn.Module, _: object) -> nn.Module:
        vars(model[0])["extra"] = torch.ones(2, 2).as_subclass(Sly)
        vars(model[0])["nothing"] = torch.ones(0, 2).as_subclass(Sly)
        return model

    state = seen(sly).state
    assert type(state["0.extra"]) is torch.Tensor
    assert torch.equal(state["0.extra"], torch.ones(2, 2))
    assert state["0.nothing"].shape == (0, 2)


def test_the_model_itself_is_looked_at_where_it_was_changed() -> None:
    def both(model: nn.Module, _: object) -> nn.Module:
        other = copy.deepcopy(model)
        with torch.no_grad():
            model[0].weight.fill_(2.0)
        return other

    snapshot = seen(both)
    assert snapshot.returned == "module"
    assert torch.equal(snapshot.state["0.weight"], torch.full((2, 2), 2.0))


# Exceptions


def _raises_deep_in_torch(model: nn.Module, *_: object, **__: object) -> None:
    model[0](torch.ones(5))


def _raises(*_: object, **__: object) -> None:
    raise ValueError("a reason")  # marked


def test_an_exception_is_trimmed_to_the_learners_own_line() -> None:
    fault = observe(_raises_deep_in_torch, CASE).fault
    assert fault is not None
    assert (fault.type, fault.line) == ("RuntimeError", "model[0](torch.ones(5))")
    fault = observe(_raises, CASE).fault
    assert fault is not None
    assert (fault.type, fault.message) == ("ValueError", "a reason")
    assert fault.line == 'raise ValueError("a reason")  # marked'
    assert fault.line_number == _raises.__code__.co_firstlineno + 1


def test_the_rounds_before_an_exception_are_kept() -> None:
    case = replace(CASE, trained=CASE.trained * 3)
    calls = []

    def fails_later(model: nn.Module, *_: object, **__: object) -> nn.Module:
        calls.append(1)
        if len(calls) == 2:
            raise KeyError("0.weight_orig")
        return model

    observation = observe(fails_later, case)
    assert (observation.status, len(observation.rounds)) == (Status.RAISED, 1)
    assert len(calls) == 2


@pytest.mark.parametrize(
    "error", [SystemExit(3), GeneratorExit(), RecursionError(), StopIteration()]
)
def test_every_kind_of_exception_is_an_answer(error: BaseException) -> None:
    def raises(*_: object, **__: object) -> None:
        raise error

    observation = observe(raises, CASE)
    assert observation.status is Status.RAISED
    assert observation.fault is not None
    assert observation.fault.type == type(error).__name__


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    ],
)
def test_a_lack_of_memory_is_told_apart(error: Exception) -> None:
    def raises(*_: object, **__: object) -> None:
        raise error

    assert observe(raises, CASE).status is Status.OUT_OF_MEMORY


def test_an_exception_that_cannot_be_printed_is_an_answer() -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise ValueError

    def raises(*_: object, **__: object) -> None:
        raise OddError

    fault = observe(raises, CASE).fault
    assert fault is not None
    assert (fault.type, fault.message) == ("OddError", "")


def test_a_wrong_signature_is_the_functions_fault() -> None:
    observation: Observation = observe(lambda: None, CASE)
    assert observation.status is Status.RAISED
    assert observation.fault is not None
    assert observation.fault.type == "TypeError"


def test_a_fault_names_the_learners_last_line_and_its_cell() -> None:
    source = "def outer():\n    inner()\n\ndef inner():\n    int('x')\n"
    names: dict[str, Any] = {}
    lines = source.splitlines(keepends=True)
    linecache.cache["<cell 3>"] = (len(source), None, lines, "<cell 3>")
    exec(compile(source, "<cell 3>", "exec"), names)  # noqa: S102 - as the interpreter does
    with pytest.raises(ValueError, match="invalid literal") as caught:
        names["outer"]()
    fault = fault_of(caught.value)
    assert (fault.line, fault.line_number, fault.cell) == ("int('x')", 5, 3)


def test_a_fault_of_no_known_place_has_none() -> None:
    assert fault_of(KeyError("x")) == Fault("KeyError", "'x'", "", 0, 0)
    assert fault_of(KeyError("x"), 2).cell == 2
    assert fault_of(ValueError(" \n")) == Fault("ValueError", "", "", 0, 0)
    assert fault_of(SyntaxError("bad")) == Fault("SyntaxError", "bad", "", 0, 0)


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        compile("x = 1\ny = = 2\n", "<cell 4>", "exec")
    fault = fault_of(caught.value, 4)
    assert (fault.type, fault.line, fault.line_number, fault.cell) == (
        "SyntaxError", "y = = 2", 2, 4
    )  # fmt: skip


BREAKS: dict[str, Callable[[nn.Module], object]] = {
    "modules_removed": lambda model: model.__dict__.pop("_modules"),
    "module_none": lambda model: model._modules.__setitem__("0", None),
    "parameter_none": lambda model: model[0]._parameters.__setitem__("weight", None),
    "cycle": lambda model: model[0].add_module("up", model),
    "tied": lambda model: setattr(model[1], "weight", model[0].bias),
    "meta": lambda model: model.to("meta"),
    "sparse": lambda model: setattr(model[0], "w", torch.eye(2).to_sparse()),
    "emptied": lambda model: model.__delitem__(slice(None)),
}


@pytest.mark.parametrize("damage", BREAKS.values(), ids=BREAKS.keys())
def test_a_model_that_was_damaged_is_an_answer(damage: Callable[[nn.Module], object]) -> None:
    """Whatever a function does to the model, observing it gives an observation."""

    def damages(model: nn.Module, *_: object, **__: object) -> nn.Module:
        damage(model)
        return model

    assert isinstance(observe(damages, CASE), Observation)


def test_observing_leaves_the_random_numbers_of_the_process_alone() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    observe(lambda model, *_, **__: model, CASE)
    assert torch.equal(torch.rand(3), expected)


def test_a_default_dtype_of_the_learners_changes_no_case() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        snapshot = seen(same)
    finally:
        torch.set_default_dtype(torch.float32)
    assert snapshot.state["0.weight"].dtype == torch.float32
    assert snapshot.stuck == ""


def test_what_no_training_can_change_is_observed_until_then() -> None:
    """Torch refuses to change a tensor that was made in inference mode."""

    def step(model: nn.Module, state: Any, *_: Any, **__: Any) -> nn.Module:
        with torch.inference_mode():
            model[0].weight = nn.Parameter(state["0.weight"].clone())
        return model

    case = replace(CASE, trained=CASE.trained[:1] * 2)
    observation = observe(step, case)
    assert (observation.status, len(observation.rounds)) == (Status.RAISED, 1)
    assert observation.fault is not None
    assert "inference tensor" in observation.fault.message

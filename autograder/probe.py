"""How a function is observed: call it on a case, keep what it left behind.

The probe knows no expected value and judges nothing. It runs beside the learner's code, in a
child process when grading and in the notebook's kernel for the learner's own check.
"""

from __future__ import annotations

import linecache
import sysconfig
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn
from torch._C._nn import unflatten_dense_tensors

from autograder.models import build
from autograder.parcel import joined, portable
from autograder.records import Case, Fault, Observation, Snapshot, Status

_LEARNING_RATE = 0.05
_is_grad_enabled, _equal_values = torch.is_grad_enabled, torch.equal  # as before learners' lines
_requires_grad = vars(torch._C.TensorBase)["requires_grad"].__get__
_PLAIN = {bool, int, float, str, tuple, dict, OrderedDict, set, type(None)}  # told apart fast
_NOT_LEARNERS = (
    *{sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")},
    str(Path(__file__).parent),
    "<frozen",
    "<string>",
)


def observe(
    function: Callable[..., object], case: Case, met: list[nn.Module] | None = None
) -> Observation:
    """Call `function` on the case's model, once for each round, training in between.

    Every round gets fresh copies of the states, so that a submission which spoils them is not
    judged on spoiled ones. The first exception ends the case.

    Args:
        function: The learner's, or any other.
        case: Where it is called.
        met: Where to keep the model, so that no later one has its `id`: a function may know models
            by that.
    """
    model, metadata = _prepared(case)
    if met is not None:
        met.append(model)
    rounds: list[Snapshot] = []
    before: _Contents | None = None  # the first time it can be made again
    found: dict[str, Tensor] = {}
    for trained in case.trained:
        try:
            _leave_trained(model, trained)
            if rounds:  # hooks see the new values
                with torch.no_grad():
                    _forward(model, case.example)
                before = _Contents(model)
                found = _unrecorded(model, case, trained)
        except Exception as error:  # noqa: BLE001 - what an earlier round left cannot be trained
            return Observation(Status.RAISED, tuple(rounds), fault_of(error))
        states = {name: _state_dict(state, metadata) for name, state in case.states.items()}
        keywords = {**case.keywords, **case.later} if rounds else case.keywords
        try:
            torch.set_grad_enabled(case.grad_enabled)
            returned = function(
                model,
                *(_resolved(value, states) for value in case.arguments),
                **{key: _resolved(value, states) for key, value in keywords.items()},
            )
        except BaseException as error:  # noqa: BLE001 - SystemExit and the like are answers too
            status = Status.OUT_OF_MEMORY if _out_of_memory(error) else Status.RAISED
            return Observation(status, tuple(rounds), fault_of(error))
        finally:
            grad_enabled = _is_grad_enabled()
            torch.set_grad_enabled(True)
        kind = _kind(returned, model)
        try:  # a returned model is looked at if the given one was left alone
            if returned is not model and _is_model(returned):
                before = before or _at_first(case)
                model = returned if before.still_hold(model) else model
            seen = _snapshot(model, kind, states, case, grad_enabled=grad_enabled)
            rounds.append(replace(seen, found=found))
        except Exception as error:  # noqa: BLE001 - what is left is no model any more
            return Observation(Status.RAISED, tuple(rounds), fault_of(error))
    return Observation(Status.RETURNED, tuple(rounds))


def _prepared(case: Case) -> tuple[nn.Module, Mapping[str, Mapping[str, Any]]]:
    """Build the case's model, with the values of its first state; and its states' metadata."""
    model = build(case.recipe)
    initial = next(iter(case.states.values()))
    state = model.state_dict()
    if state:
        torch._foreach_copy_([*state.values()], [initial[name] for name in state])
    if {module.training for module in model.modules()} != {case.training}:
        model.train(case.training)
    for name in case.switched:
        model.get_submodule(name).train(not case.training)
    for name in case.frozen:
        model.get_parameter(name).requires_grad = False
    return model, state._metadata  # type: ignore[attr-defined]


def _out_of_memory(error: BaseException) -> bool:
    """Tell whether memory ran out; torch's CPU allocator says so with a `RuntimeError`."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )


def fault_of(error: BaseException, cell: int = 0) -> Fault:
    """Trim an exception to the learner's own last line: in the cell that failed, if it was one."""
    line, number = "", 0
    if isinstance(error, SyntaxError) and (error.filename or "<cell").startswith("<cell"):
        line, number = (error.text or "").strip(), error.lineno or 0
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if number or frame.filename.startswith(_NOT_LEARNERS):
            continue
        if cell and frame.filename != f"<cell {cell}>":
            continue
        number = frame.lineno or 0
        line = linecache.getline(frame.filename, number).strip()
        if frame.filename.startswith("<cell "):
            cell = int(frame.filename.removeprefix("<cell ").removesuffix(">"))
    return Fault(type(error).__name__, _message(error), line, number, cell)


def _message(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg).strip()
    try:
        return str(error).strip()
    except Exception:  # noqa: BLE001 - a learner's own exception may fail to print
        return ""


def _state_dict(state: Mapping[str, Tensor], metadata: Any) -> OrderedDict[str, Tensor]:
    """Copy a state into what `copy.deepcopy(model.state_dict())` would give."""
    copied = OrderedDict((key, value.clone()) for key, value in state.items())
    copied._metadata = OrderedDict(  # type: ignore[attr-defined]
        (module, dict(facts)) for module, facts in metadata.items()
    )
    return copied


def _resolved(value: object, states: Mapping[str, object]) -> object:
    if isinstance(value, str) and value.startswith("@"):
        return states[value[1:]]
    return value


def _leave_trained(model: nn.Module, trained: Mapping[str, Tensor]) -> None:
    """Write the values that training leaves, and gradients, which it leaves as well.

    A reparametrised tensor (`torch.nn.utils`) keeps its values under `<name>_orig`.
    """
    holders = _parameters(_tree(model))
    into: list[Tensor] = []
    written: list[Tensor] = []
    for name, values in trained.items():
        holder = holders.get(name, holders.get(f"{name}_orig"))
        if holder is not None and holder.shape == values.shape:
            into.append(holder)
            written.append(values)
            if _requires_grad(holder):
                holder.grad = values.flip(0).to(holder)  # any numbers: no step asks for them
    if into:
        with torch.no_grad():
            torch._foreach_copy_(into, written)


def _unrecorded(model: nn.Module, case: Case, trained: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy what the case does not say training leaves, such as running statistics."""
    names = next(iter(case.states.values())).keys() - trained.keys()
    held = _held(_tree(model)) if names else {}
    return _copies({name: value for name, value in held.items() if name in names})


def _forward(model: nn.Module, example: Tensor) -> Tensor | str:
    try:
        output: Tensor = model(example)
    except Exception as error:  # noqa: BLE001 - the learner may have broken the model
        return f"{type(error).__name__}: {_message(error)}"
    return output


def _is_model(returned: object) -> TypeGuard[nn.Module]:
    """Tell by the type alone: `isinstance` also asks the object."""
    return issubclass(type(returned), nn.Module)


def _at_first(case: Case) -> _Contents:
    """Tell what the case's model holds before the first call."""
    model, _ = _prepared(case)
    _leave_trained(model, case.trained[0])
    return _Contents(model)


class _Contents:
    """What a model holds, by name, to be compared with what it holds later."""

    def __init__(self, model: nn.Module) -> None:
        self._kinds: list[tuple[str, torch.dtype, torch.Size]] = []
        self._flat: list[Tensor] = []
        held = sorted(_held(_tree(model)).items())
        for names, tensors, flat in _end_to_end(dict(held)):
            self._flat.append(flat)
            self._kinds += [(n, t.dtype, t.shape) for n, t in zip(names, tensors, strict=True)]

    def still_hold(self, model: nn.Module) -> bool:
        now = _Contents(model)
        same = {*map(_equal_values, self._flat, now._flat)}
        return self._kinds == now._kinds and False not in same


def _snapshot(
    model: nn.Module,
    returned: str,
    states: Mapping[str, Mapping[str, Tensor]],
    case: Case,
    *,
    grad_enabled: bool,
) -> Snapshot:
    modules = [*_tree(model)]
    held = _held(modules)
    state = _copies(held)
    parameters = {
        name: _requires_grad(value)
        for name, value in _parameters(modules).items()
        if isinstance(value, nn.Parameter)
    }
    modes = {name: vars(module).get("training") is True for name, module in modules}
    memory = {_memory(tensor) for tensor in held.values()} - {0}
    shared = tuple(
        key for entries in states.values() for key, value in entries.items()
        if isinstance(value, Tensor) and _memory(value) in memory
    )  # fmt: skip
    edited = tuple(_edited(case, states))
    ended = _train_on(model, case.example) if case.trains else _Training()
    return Snapshot(
        state=state,
        in_use=_copies(_held(_tree(model))) if case.trains else {},
        states_after={
            name: _copies({key: value for key, value in entries.items()
                           if isinstance(value, Tensor)})
            for name, entries in states.items()
        } if case.trains else {},
        returned=returned,
        parameters=parameters,
        modes=modes,
        grad_enabled=grad_enabled,
        shared=shared,
        edited=edited,
        stuck=ended.stuck,
        unreached=ended.unreached,
        output=_copies(ended.output),
    )  # fmt: skip


def _edited(case: Case, states: Mapping[str, Mapping[str, Tensor]]) -> Iterator[str]:
    for name, given in case.states.items():
        for key in dict.fromkeys((*given, *states[name])):
            old, new = given.get(key), states[name].get(key)
            if not (isinstance(old, Tensor) and isinstance(new, Tensor) and _equal(old, new)):
                yield str(key)


def _equal(old: Tensor, new: Tensor) -> bool:
    """Tell whether two tensors are the same in dtype, shape and values (`torch.equal` converts)."""
    return portable(new) and old.dtype == new.dtype and _equal_values(old, new)


@dataclass(frozen=True)
class _Training:
    """How training on went; see `Snapshot`."""

    stuck: str = ""
    unreached: tuple[str, ...] = ()
    output: Mapping[str, Tensor] = field(default_factory=dict)


def _train_on(model: nn.Module, example: Tensor) -> _Training:
    """Take one plain SGD step, written out: `torch.optim` would load the compiler stack."""
    parameters = _parameters(_tree(model))
    for parameter in parameters.values():
        parameter.grad = None
    first = _forward(model, example)
    if isinstance(first, str):
        return _Training(first)
    try:
        first.square().mean().backward()  # type: ignore[no-untyped-call]
        unreached = [n for n, p in parameters.items() if p.grad is None and _requires_grad(p)]
        with torch.no_grad():
            for parameter in {id(p): p for p in parameters.values()}.values():
                if parameter.grad is not None:
                    parameter.sub_(parameter.grad, alpha=_LEARNING_RATE)
    except Exception as error:  # noqa: BLE001 - the learner may have broken the model
        return _Training(f"{type(error).__name__}: {_message(error)}")
    with torch.no_grad():  # as whoever evaluates the model would
        last = _forward(model, example)
    if isinstance(last, str):
        return _Training(last)
    return _Training("", tuple(unreached), {"first": first, "last": last})


def _parameters(modules: Iterable[tuple[str, nn.Module]]) -> dict[str, Tensor]:
    """Collect what modules hold as parameters, which is what an optimiser would be given."""
    return {
        _below(prefix, name): value
        for prefix, module in modules
        for name, value in vars(module)["_parameters"].items()
        if isinstance(value, Tensor)
    }


def _tree(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Go through a model's modules as `named_modules` does, which a learner's class may define."""
    seen: set[int] = set()
    waiting = [("", model)]
    while waiting:
        prefix, module = waiting.pop()
        if id(module) not in seen:
            seen.add(id(module))
            yield prefix, module
            below = vars(module)["_modules"].items()
            waiting += [
                (_below(prefix, name), child)
                for name, child in reversed(below)
                if isinstance(child, nn.Module)
            ]


def _below(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _held(modules: Iterable[tuple[str, nn.Module]]) -> dict[str, Tensor]:
    """Collect the tensors that modules hold: parameters, buffers and plain attributes.

    What has a dot in its name would pass for what another module holds.
    """
    held: dict[str, Tensor] = {}
    for prefix, module in modules:
        mine = vars(module)
        for place in (mine, mine["_buffers"], mine["_parameters"]):
            for name, value in place.items():
                if type(value) not in _PLAIN and isinstance(value, Tensor) and "." not in name:
                    held[_below(prefix, name)] = value
    return held


def _copies(held: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copy the tensors that can travel."""
    copies: dict[str, Tensor] = {}
    for names, tensors, flat in _end_to_end(held):
        with torch._C.DisableTorchFunctionSubclass():
            parts = unflatten_dense_tensors(flat, tensors)
            for name, tensor, copy in zip(names, tensors, parts, strict=True):
                # an empty one may have lost its shape
                copies[name] = copy if copy.numel() else torch.empty_like(tensor)
    return {name: copies[name] for name in held if name in copies}


def _end_to_end(held: Mapping[str, Tensor]) -> Iterator[tuple[list[str], list[Tensor], Tensor]]:
    """Copy the tensors that can travel: all of one dtype at once, which costs less.

    What a subclass of `Tensor` makes of it is not asked.
    """
    alike: dict[torch.dtype, list[str]] = {}
    for name, tensor in held.items():
        if portable(tensor):
            alike.setdefault(tensor.dtype, []).append(name)
    for names in alike.values():
        tensors = [held[name] for name in names]
        with torch.no_grad(), torch._C.DisableTorchFunctionSubclass():
            flat = joined(tensors)
        yield names, tensors, flat


def _memory(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr() if portable(tensor) else 0


def _kind(returned: object, model: nn.Module) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (nn.Module, "module"),
        (Tensor, "tensor"),
        (Mapping, "mapping"),
        ((tuple, list), "sequence"),
    )
    if returned is model:
        return "same"
    if returned is None:
        return "none"
    return next((word for kind, word in kinds if issubclass(type(returned), kind)), "other")

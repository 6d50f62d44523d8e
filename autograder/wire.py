"""The only door for bytes between the grading process and a child.

A message is one safetensors file: a JSON document in a byte tensor, every other tensor beside it
under a path. Nothing is ever unpickled. Whatever comes from a child is hostile: it is bounded,
parsed against a schema, and either whole or `MalformedError`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from autograder.records import Case, Execution, Fault, Observation, Snapshot, Status, Submission

MAX_ANSWER_BYTES = 64 * 2**20
MAX_TENSORS = 20_000
_DOCUMENT_PATH = "document"
_DTYPES = {
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64,
}  # fmt: skip

_Name = Annotated[str, msgspec.Meta(max_length=400)]
_Text = Annotated[str, msgspec.Meta(max_length=2000)]


_Document = TypeVar("_Document", bound=msgspec.Struct)


class MalformedError(Exception):
    """The bytes are not one complete, well-formed message."""


class _SnapshotClaims(msgspec.Struct, forbid_unknown_fields=True):
    returned: Literal["same", "module", "none", "tensor", "mapping", "sequence", "other"]
    parameters: dict[_Name, bool]
    modes: dict[_Name, bool]
    grad_enabled: bool
    shared: list[_Name]
    edited: list[_Name]
    stuck: _Text


class _Fault(msgspec.Struct, forbid_unknown_fields=True):
    type: _Name
    message: _Text
    line: _Text
    line_number: int
    cell: int


class _Observed(msgspec.Struct, forbid_unknown_fields=True):
    status: Literal["returned", "raised", "out_of_memory"]
    rounds: list[_SnapshotClaims]
    fault: _Fault | None


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    status: Literal["returned", "raised", "timed_out", "out_of_memory"]
    observations: list[_Observed]
    fault: _Fault | None
    cell_faults: list[_Fault]


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    recipe: str
    arguments: list[Any]
    keywords: dict[str, Any]
    states: dict[str, list[str]]
    rounds: int
    training: bool
    frozen: list[str]


class _Job(msgspec.Struct, forbid_unknown_fields=True):
    cells: list[str]
    entry_point: str
    script: bool
    cases: list[_Asked]


def portable(tensor: Tensor) -> bool:
    """Tell whether a tensor can travel: dense, on the CPU, of a plain dtype."""
    return (
        tensor.layout == torch.strided and tensor.device.type == "cpu" and tensor.dtype in _DTYPES
    )


def encode_job(submission: Submission, cases: tuple[Case, ...]) -> bytes:
    """Write what a child needs: the learner's cells and the inputs of the cases.

    Neither ids of cases nor whether they are hidden are sent.
    """
    tensors: dict[str, Tensor] = {}
    asked = []
    for index, case in enumerate(cases):
        tensors[f"{index}/example"] = case.example
        for name, state in case.states.items():
            tensors |= {f"{index}/state/{name}/{key}": value for key, value in state.items()}
        for turn, trained in enumerate(case.trained):
            tensors |= {f"{index}/trained/{turn}/{key}": value for key, value in trained.items()}
        asked.append(
            _Asked(
                recipe=case.recipe,
                arguments=list(case.arguments),
                keywords=dict(case.keywords),
                states={name: list(state) for name, state in case.states.items()},
                rounds=len(case.trained),
                training=case.training,
                frozen=list(case.frozen),
            )
        )
    cells = [_encodable(cell) for cell in submission.cells]
    job = _Job(cells, submission.entry_point, submission.script, asked)
    return _pack(job, tensors)


def decode_job(data: bytes) -> tuple[Submission, tuple[Case, ...]]:
    """Read what `encode_job` wrote (in the child)."""
    job, tensors = _unpack(data, _Job)
    cases = []
    for index, asked in enumerate(job.cases):
        cases.append(
            Case(
                id=str(index),
                recipe=asked.recipe,
                states={
                    name: {key: tensors[f"{index}/state/{name}/{key}"] for key in keys}
                    for name, keys in asked.states.items()
                },
                arguments=tuple(asked.arguments),
                keywords=asked.keywords,
                trained=tuple(
                    _below(tensors, f"{index}/trained/{turn}/") for turn in range(asked.rounds)
                ),
                example=tensors[f"{index}/example"],
                training=asked.training,
                frozen=tuple(asked.frozen),
            )
        )
    submission = Submission(
        "", tuple(job.cells), job.entry_point, attempted=True, script=job.script
    )
    return submission, tuple(cases)


def encode_execution(execution: Execution) -> bytes:
    """Write a child's answer. Tensors that cannot travel are left out; texts are cut."""
    tensors: dict[str, Tensor] = {}
    observed = []
    for index, observation in enumerate(execution.observations):
        claims = []
        for turn, snapshot in enumerate(observation.rounds):
            tensors |= dict(_snapshot_tensors(snapshot, f"{index}/{turn}"))
            claims.append(
                _SnapshotClaims(
                    returned=snapshot.returned,  # type: ignore[arg-type]
                    parameters=dict(snapshot.parameters),
                    modes=dict(snapshot.modes),
                    grad_enabled=snapshot.grad_enabled,
                    shared=list(snapshot.shared),
                    edited=list(snapshot.edited),
                    stuck=_cut(snapshot.stuck),
                )
            )
        status: Any = observation.status.value
        observed.append(_Observed(status, claims, _fault_out(observation.fault)))
    status = execution.status.value
    faults = [_fault for fault in execution.cell_faults if (_fault := _fault_out(fault))]
    answer = _Answer(status, observed, _fault_out(execution.fault), faults)
    return _pack(answer, tensors)


def decode_execution(data: bytes, cases: int) -> Execution:
    """Read a child's answer strictly.

    Raises:
        MalformedError: It is not one complete message about exactly `cases` cases.
    """
    if len(data) > MAX_ANSWER_BYTES:
        raise MalformedError(f"more than {MAX_ANSWER_BYTES} bytes")
    answer, tensors = _unpack(data, _Answer)
    if answer.status == "returned" and len(answer.observations) != cases:
        raise MalformedError(f"{len(answer.observations)} observations for {cases} cases")
    trees = _trees(tensors)
    observations = tuple(
        Observation(
            Status(observed.status),
            tuple(
                _snapshot_in(claims, trees.get((str(index), str(turn)), {}))
                for turn, claims in enumerate(observed.rounds)
            ),
            _fault_in(observed.fault),
        )
        for index, observed in enumerate(answer.observations)
    )
    return Execution(
        Status(answer.status),
        observations,
        _fault_in(answer.fault),
        tuple(fault for item in answer.cell_faults if (fault := _fault_in(item))),
    )


def _snapshot_tensors(snapshot: Snapshot, prefix: str) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in snapshot.state.items():
        yield f"{prefix}/state/{name}", tensor
    for name, tensor in snapshot.in_use.items():
        yield f"{prefix}/in_use/{name}", tensor
    for state, entries in snapshot.states_after.items():
        for name, tensor in entries.items():
            yield f"{prefix}/after {state}/{name}", tensor


def _snapshot_in(claims: _SnapshotClaims, tree: Mapping[str, dict[str, Tensor]]) -> Snapshot:
    return Snapshot(
        state=tree.get("state", {}),
        in_use=tree.get("in_use", {}),
        states_after={
            kind.removeprefix("after "): entries
            for kind, entries in tree.items()
            if kind.startswith("after ")
        },
        returned=claims.returned,
        parameters=claims.parameters,
        modes=claims.modes,
        grad_enabled=claims.grad_enabled,
        shared=tuple(claims.shared),
        edited=tuple(claims.edited),
        stuck=claims.stuck,
    )


def _trees(tensors: Mapping[str, Tensor]) -> dict[tuple[str, str], dict[str, dict[str, Tensor]]]:
    """Sort `case/round/kind/name` paths into a tree."""
    trees: dict[tuple[str, str], dict[str, dict[str, Tensor]]] = {}
    for path, tensor in tensors.items():
        parts = path.split("/", 3)
        if len(parts) != 4:  # noqa: PLR2004 - case, round, kind, name
            raise MalformedError("a tensor outside any round")
        case, turn, kind, name = parts
        trees.setdefault((case, turn), {}).setdefault(kind, {})[name] = tensor
    return trees


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {path[len(prefix) :]: t for path, t in tensors.items() if path.startswith(prefix)}


def _pack(document: msgspec.Struct, tensors: Mapping[str, Tensor]) -> bytes:
    text = bytearray(msgspec.json.encode(document))
    ready = {
        path: tensor.detach().contiguous() for path, tensor in tensors.items() if portable(tensor)
    }
    ready[_DOCUMENT_PATH] = torch.frombuffer(text, dtype=torch.uint8)
    message: bytes = save(ready)
    return message


def _unpack(data: bytes, kind: type[_Document]) -> tuple[_Document, dict[str, Tensor]]:
    try:
        tensors = load(data)
        text = tensors.pop(_DOCUMENT_PATH)
        if len(tensors) > MAX_TENSORS or not all(map(portable, tensors.values())):
            raise MalformedError("too many tensors, or of an unknown kind")
        if text.dtype != torch.uint8:
            raise MalformedError("the document is not bytes")
        return msgspec.json.decode(text.numpy().tobytes(), type=kind), tensors
    except MalformedError:
        raise
    except SafetensorError as error:
        raise MalformedError(str(error)) from error
    except Exception as error:  # every byte is hostile: nothing that parsing raises may escape
        raise MalformedError(f"{type(error).__name__}: {error}") from error


def _encodable(text: str) -> str:
    """Replace lone surrogates, which JSON can escape and UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(text: str, limit: int = 2000) -> str:
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return _encodable(short)


def _fault_out(fault: Fault | None) -> _Fault | None:
    if fault is None:
        return None
    name, message, line = _cut(fault.type, 400), _cut(fault.message), _cut(fault.line)
    return _Fault(name, message, line, fault.line_number, fault.cell)


def _fault_in(fault: _Fault | None) -> Fault | None:
    if fault is None:
        return None
    return Fault(fault.type, fault.message, fault.line, fault.line_number, fault.cell)

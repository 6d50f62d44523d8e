"""The only door for bytes between the grading process and a child.

The parent asks, the child answers, in turn: a question is the learner's cells or one case, an
answer is what became of it. Each is a frame: its length in four bytes, then a parcel. Whatever
comes from a child is hostile: it is either whole, and as it should be, or `MalformedError`. An
answer's frame begins with a byte that tells whether it is an observation: those can be kept,
compared and handed on unread.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from torch import Tensor

from autograder.parcel import MAX_BYTES, MalformedError, pack, unpack
from autograder.records import Case, Fault, Observation, Snapshot, Status, Submission
from autograder.texts import encodable, printable

HEADER = struct.Struct(">I")
ANSWER_HEADER = struct.Struct(">?I")
_Name = Annotated[str, msgspec.Meta(max_length=400)]
_Text = Annotated[str, msgspec.Meta(max_length=2000)]
_Place = Annotated[int, msgspec.Meta(ge=0, le=10**9)]
_MAX_FAULTS = 200  # in cells: more are not told


@dataclass(frozen=True)
class Ready:
    """A child's first answer, before any line of a learner ran.

    Attributes:
        in_force: The layers that confine it.
        fault: Why it could not be confined; empty if it is.
    """

    in_force: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True)
class Cells:
    """What became of the learner's cells.

    Attributes:
        found: Whether they define the function that the kata asks for.
        faults: What failed in them.
    """

    found: bool
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class End:
    """A child's last words where it cannot go on: out of time or memory, or tampered with."""

    status: Status
    fault: Fault | None = None


Question = Submission | Case
Word = Ready | Cells | End
Answer = Word | Observation


class _SnapshotClaims(msgspec.Struct, forbid_unknown_fields=True):
    returned: Literal["same", "module", "none", "tensor", "mapping", "sequence", "other"]
    parameters: dict[_Name, bool]
    modes: dict[_Name, bool]
    grad_enabled: bool
    shared: list[_Name]
    edited: list[_Name]
    stuck: _Text
    unreached: list[_Name]


class _Fault(msgspec.Struct, forbid_unknown_fields=True):
    type: _Name
    message: _Text
    line_number: _Place
    cell: _Place


class _Ready(msgspec.Struct, forbid_unknown_fields=True, tag="ready"):
    in_force: list[_Name]
    fault: _Text


class _Cells(msgspec.Struct, forbid_unknown_fields=True, tag="cells"):
    found: bool
    faults: Annotated[list[_Fault], msgspec.Meta(max_length=_MAX_FAULTS)]


class _Observed(msgspec.Struct, forbid_unknown_fields=True, tag="observed"):
    status: Literal["returned", "raised"]
    rounds: list[_SnapshotClaims]
    fault: _Fault | None


class _End(msgspec.Struct, forbid_unknown_fields=True, tag="end"):
    status: Literal["timed_out", "out_of_memory", "malformed"]
    fault: _Fault | None


class _Code(msgspec.Struct, forbid_unknown_fields=True, tag="code"):
    cells: list[str]
    entry_point: str
    script: bool


class _Asked(msgspec.Struct, forbid_unknown_fields=True, tag="case"):
    recipe: str
    arguments: list[Any]
    keywords: dict[str, Any]
    states: dict[str, list[str]]
    rounds: int
    training: bool
    frozen: list[str]
    switched: list[str]
    grad_enabled: bool
    trains: bool
    later: dict[str, Any]


def framed_question(question: Question) -> bytes:
    """Write a question with its length before it."""
    message = encode_question(question)
    return HEADER.pack(len(message)) + message


def framed_answer(answer: Answer) -> bytes:
    """Write an answer with its kind and length before it."""
    message = encode_answer(answer)
    return ANSWER_HEADER.pack(isinstance(answer, Observation), len(message)) + message


def encode_question(question: Question) -> bytes:
    """Write the learner's cells, or the inputs of one case.

    Neither a case's id nor whether it is hidden is sent.
    """
    if isinstance(question, Submission):
        cells = [encodable(cell) for cell in question.cells]
        return pack(_Code(cells, question.entry_point, question.script), {})
    tensors = {"example": question.example}
    for name, state in question.states.items():
        tensors |= {f"state/{name}/{key}": value for key, value in state.items()}
    for turn, trained in enumerate(question.trained):
        tensors |= {f"trained/{turn}/{key}": value for key, value in trained.items()}
    asked = _Asked(
        recipe=question.recipe,
        arguments=list(question.arguments),
        keywords=dict(question.keywords),
        states={name: list(state) for name, state in question.states.items()},
        rounds=len(question.trained),
        training=question.training,
        frozen=list(question.frozen),
        switched=list(question.switched),
        grad_enabled=question.grad_enabled,
        trains=question.trains,
        later=dict(question.later),
    )
    return pack(asked, tensors)


def decode_question(data: bytes) -> Question:
    """Read what `encode_question` wrote (in the child)."""
    asked, tensors = unpack(data, _Code | _Asked)
    if isinstance(asked, _Code):
        cells = tuple(asked.cells)
        return Submission("", cells, asked.entry_point, attempted=True, script=asked.script)
    return Case(
        id="",
        recipe=asked.recipe,
        states={
            name: {key: tensors[f"state/{name}/{key}"] for key in keys}
            for name, keys in asked.states.items()
        },
        arguments=tuple(asked.arguments),
        keywords=asked.keywords,
        trained=tuple(_below(tensors, f"trained/{turn}/") for turn in range(asked.rounds)),
        example=tensors["example"],
        training=asked.training,
        frozen=tuple(asked.frozen),
        switched=tuple(asked.switched),
        grad_enabled=asked.grad_enabled,
        trains=asked.trains,
        later=asked.later,
    )


def encode_answer(answer: Answer) -> bytes:
    """Write a child's answer. Tensors that cannot travel are left out; texts are cut."""
    match answer:
        case Ready():
            return pack(_Ready(list(answer.in_force), _cut(answer.fault)), {})
        case Cells():
            faults = [fault for item in answer.faults if (fault := _fault_out(item))]
            return pack(_Cells(answer.found, faults[:_MAX_FAULTS]), {})
        case End():
            status: Any = answer.status.value
            return pack(_End(status, _fault_out(answer.fault)), {})
    tensors: dict[str, Tensor] = {}
    claims = []
    for turn, snapshot in enumerate(answer.rounds):
        tensors |= dict(_snapshot_tensors(snapshot, str(turn)))
        claims.append(
            _SnapshotClaims(
                returned=snapshot.returned,  # type: ignore[arg-type]
                parameters=dict(snapshot.parameters),
                modes=dict(snapshot.modes),
                grad_enabled=snapshot.grad_enabled,
                shared=list(snapshot.shared),
                edited=list(snapshot.edited),
                stuck=_cut(snapshot.stuck),
                unreached=list(snapshot.unreached),
            )
        )
    ended: Any = answer.status.value
    return pack(_Observed(ended, claims, _fault_out(answer.fault)), tensors)


def decode_answer(data: bytes) -> Answer:
    """Read a child's answer strictly.

    Raises:
        MalformedError: It is not one complete message.
    """
    if len(data) > MAX_BYTES:
        raise MalformedError(f"more than {MAX_BYTES} bytes")
    answer, tensors = unpack(data, _Ready | _Cells | _Observed | _End)
    if tensors and not isinstance(answer, _Observed):
        raise MalformedError("tensors of no observation")
    match answer:
        case _Ready():
            return Ready(tuple(map(printable, answer.in_force)), printable(answer.fault))
        case _Cells():
            faults = tuple(fault for item in answer.faults if (fault := _fault_in(item)))
            return Cells(answer.found, faults)
        case _End():
            return End(Status(answer.status), _fault_in(answer.fault))
    trees = _trees(tensors)
    rounds = tuple(
        _snapshot_in(claims, trees.pop(str(turn), {})) for turn, claims in enumerate(answer.rounds)
    )
    if trees:
        raise MalformedError("a tensor outside any round")
    return Observation(Status(answer.status), rounds, _fault_in(answer.fault))


def _snapshot_tensors(snapshot: Snapshot, prefix: str) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in snapshot.state.items():
        yield f"{prefix}/state/{name}", tensor
    for name, tensor in snapshot.in_use.items():
        yield f"{prefix}/in_use/{name}", tensor
    for name, tensor in snapshot.output.items():
        yield f"{prefix}/output/{name}", tensor
    for name, tensor in snapshot.found.items():
        yield f"{prefix}/found/{name}", tensor
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
        shared=tuple(map(printable, claims.shared)),
        edited=tuple(map(printable, claims.edited)),
        stuck=printable(claims.stuck),
        unreached=tuple(map(printable, claims.unreached)),
        output=tree.get("output", {}),
        found=tree.get("found", {}),
    )


def _trees(tensors: Mapping[str, Tensor]) -> dict[str, dict[str, dict[str, Tensor]]]:
    """Sort `round/kind/name` paths into a tree."""
    trees: dict[str, dict[str, dict[str, Tensor]]] = {}
    for path, tensor in tensors.items():
        parts = path.split("/", 2)
        if len(parts) != 3:  # noqa: PLR2004 - round, kind, name
            raise MalformedError("a tensor outside any round")
        turn, kind, name = parts
        if kind not in ("state", "in_use", "output", "found") and not kind.startswith("after "):
            raise MalformedError("a tensor of an unknown kind")
        trees.setdefault(turn, {}).setdefault(kind, {})[name] = tensor
    return trees


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {path[len(prefix) :]: t for path, t in tensors.items() if path.startswith(prefix)}


def _cut(text: str, limit: int = 2000) -> str:
    short = text if len(text) <= limit else text[: limit - 1] + "…"
    return encodable(short)


def _fault_out(fault: Fault | None) -> _Fault | None:
    """Write a fault but for its line, which the parent has, too, and takes from no child."""
    if fault is None:
        return None
    return _Fault(_cut(fault.type, 400), _cut(fault.message), fault.line_number, fault.cell)


def _fault_in(fault: _Fault | None) -> Fault | None:
    if fault is None:
        return None
    return Fault(
        printable(fault.type),
        printable(fault.message),
        line_number=fault.line_number,
        cell=fault.cell,
    )

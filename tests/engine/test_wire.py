"""Bytes between processes: what is sent arrives, what makes no sense is refused."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save
from torch import Tensor

from autograder import wire
from autograder.probe import observe
from autograder.records import Execution, Fault, Observation, Status
from autograder.wire import (
    MalformedError,
    decode_execution,
    decode_job,
    encode_execution,
    encode_job,
    portable,
)
from tests.engine.examples import submission, toy_cases
from tests.katas import toy


@cache
def execution() -> Execution:
    observations = tuple(observe(toy.scale, case) for case in toy_cases())
    fault = Fault("ValueError", "no «such» value", "x = y[0]", 3, 2)
    return Execution(Status.RETURNED, observations, None, (fault,))


@cache
def message() -> bytes:
    return encode_execution(execution())


def packed(document: object, tensors: Mapping[str, Tensor] | None = None) -> bytes:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    body = torch.frombuffer(bytearray(text), dtype=torch.uint8) if text else torch.zeros(0).byte()
    return save({"document": body, **(tensors or {})})


def answer(**changes: object) -> dict[str, object]:
    return {
        "status": "returned",
        "observations": [{"status": "returned", "rounds": [], "fault": None}],
        "fault": None,
        "cell_faults": [],
    } | changes


def same(one: Mapping[str, Tensor], other: Mapping[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value.dtype == other[name].dtype
        assert torch.equal(value, other[name])


# There and back


def test_a_job_arrives_as_it_was_sent() -> None:
    cells = ("import torch\n", "def scale(model, initial):\n    return 'θ₀'\n")
    seen, cases = decode_job(encode_job(submission(*cells), toy_cases()))
    assert seen.cells == cells
    assert seen.entry_point == "scale"
    assert not seen.script
    for case, sent in zip(cases, toy_cases(), strict=True):
        assert (case.recipe, case.arguments, dict(case.keywords), case.training, case.frozen) == (
            sent.recipe, sent.arguments, dict(sent.keywords), sent.training, sent.frozen
        )  # fmt: skip
        same({"example": case.example}, {"example": sent.example})
        same(case.states["initial"], sent.states["initial"])
        assert list(case.states["initial"]) == list(sent.states["initial"])
        for values, expected in zip(case.trained, sent.trained, strict=True):
            same(values, expected)


def test_a_job_tells_neither_the_names_of_cases_nor_which_are_hidden() -> None:
    shown = tuple(replace(case, hidden=False, id="another name") for case in toy_cases())
    hidden = tuple(replace(case, hidden=True) for case in toy_cases())
    job = encode_job(submission("x = 1"), hidden)
    assert job == encode_job(submission("x = 1"), shown)
    assert b"hidden" not in job
    _, cases = decode_job(job)
    assert [case.id for case in cases] == [str(index) for index in range(len(cases))]
    assert not any(case.hidden for case in cases)


def test_an_execution_arrives_as_it_was_sent() -> None:
    seen = decode_execution(message(), len(toy_cases()))
    sent = execution()
    assert (seen.status, seen.fault, seen.cell_faults) == (sent.status, None, sent.cell_faults)
    for observation, expected in zip(seen.observations, sent.observations, strict=True):
        assert (observation.status, observation.fault) == (expected.status, expected.fault)
        for snapshot, original in zip(observation.rounds, expected.rounds, strict=True):
            same(snapshot.state, original.state)
            same(snapshot.in_use, original.in_use)
            same(snapshot.states_after["initial"], original.states_after["initial"])
            empty: dict[str, Tensor] = {}
            assert replace(snapshot, state=empty, in_use=empty, states_after={}) == replace(
                original, state=empty, in_use=empty, states_after={}
            )


@pytest.mark.parametrize("status", [Status.RAISED, Status.TIMED_OUT, Status.OUT_OF_MEMORY])
def test_an_execution_without_observations_arrives(status: Status) -> None:
    sent = Execution(status, fault=Fault("Error", "why"))
    assert decode_execution(encode_execution(sent), 5) == sent


def test_long_texts_are_cut_and_arrive() -> None:
    fault = Fault("E" * 5000, "m" * 50_000, "l" * 50_000, 1, 1)
    sent = Execution(Status.RAISED, fault=fault, cell_faults=(fault,))
    seen = decode_execution(encode_execution(sent), 0)
    assert seen.fault is not None
    assert seen.fault.message.startswith("mmmm")
    assert len(seen.fault.message) <= 2000


@pytest.mark.parametrize("text", ["\ud800", "a\0b", "\N{GRINNING FACE}", "\u202e"])
def test_any_text_of_an_exception_can_be_sent(text: str) -> None:
    """A learner's exception may hold half a character; the answer must not be lost over it."""
    sent = Execution(Status.RAISED, fault=Fault("ValueError", text, text))
    assert decode_execution(encode_execution(sent), 0).status is Status.RAISED


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_any_text_of_a_cell_can_be_sent(text: str) -> None:
    """JSON may escape half a character, so a notebook's source may hold one."""
    seen, _ = decode_job(encode_job(submission(f"x = '{text}'"), ()))
    assert len(seen.cells) == 1


def test_tensors_that_cannot_travel_are_left_out() -> None:
    snapshot = execution().observations[0].rounds[0]
    state = {
        "sparse": torch.eye(2).to_sparse(),
        "complex": torch.zeros(1, dtype=torch.complex64),
        "meta": torch.empty(2, device="meta"),
        "strided": torch.zeros(4, 4).t()[::2],
        "kept": torch.ones(2),
    }
    assert [name for name, value in state.items() if portable(value)] == ["strided", "kept"]
    observation = Observation(Status.RETURNED, (replace(snapshot, state=state),))
    seen = decode_execution(encode_execution(Execution(Status.RETURNED, (observation,))), 1)
    same(seen.observations[0].rounds[0].state, {k: state[k] for k in ("strided", "kept")})


@pytest.mark.parametrize("name", ["a/b", "a/b/c/d", "", "document", "é", "../x", "state/"])
def test_any_name_of_a_tensor_can_travel(name: str) -> None:
    snapshot = replace(execution().observations[0].rounds[0], state={name: torch.ones(1)})
    sent = Execution(Status.RETURNED, (Observation(Status.RETURNED, (snapshot,)),))
    seen = decode_execution(encode_execution(sent), 1)
    same(seen.observations[0].rounds[0].state, snapshot.state)


# Hostile bytes


def refused(data: bytes, cases: int = 1) -> None:
    with pytest.raises(MalformedError):
        decode_execution(data, cases)


@pytest.mark.parametrize("share", [0, 1, 7, 8, 9, 100, -1, -8, -100])
def test_a_truncated_message_is_refused(share: int) -> None:
    refused(message()[:share], len(toy_cases()))


def test_bytes_after_the_end_are_refused() -> None:
    refused(message() + b"\0", len(toy_cases()))
    refused(message() * 2, len(toy_cases()))


@pytest.mark.parametrize("length", [0, 1, 2**31, 2**32, 2**63, 2**64 - 1])
def test_a_header_of_absurd_length_is_refused(length: int) -> None:
    refused(struct.pack("<Q", length) + message()[8:], len(toy_cases()))


@pytest.mark.parametrize(
    "header",
    [
        {"document": {"dtype": "U8", "shape": [2**40], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [2**62, 8], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [-1], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2**60]}},
        {"document": {"dtype": "U8", "shape": [2], "data_offsets": [2, 0]}},
        {"document": {"dtype": "Q9", "shape": [2], "data_offsets": [0, 2]}},
        {"document": {"dtype": "U8", "shape": [1] * 10_000 + [2], "data_offsets": [0, 2]}},
        {},
        [],
        "text",
    ],
)
def test_a_header_that_makes_no_sense_is_refused(header: object) -> None:
    text = json.dumps(header).encode()
    refused(struct.pack("<Q", len(text)) + text + b"{}")


@pytest.mark.parametrize("opening", [b"[", b'{"status":', b'{"cell_faults":['])
def test_deep_json_is_refused(opening: bytes) -> None:
    refused(packed(opening * 100_000))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff\xfe",
        b"not json",
        [],
        {},
        answer(status="malformed"),
        answer(status="crashed"),
        answer(status=None),
        answer(points=10),
        answer(observations=[]),
        answer(observations=[{"status": "returned", "rounds": [], "fault": None}] * 2),
        answer(observations=[{"status": "timed_out", "rounds": [], "fault": None}]),
        answer(observations=[{"status": "returned", "rounds": [{}], "fault": None}]),
        answer(observations=[{"status": "returned", "rounds": 3, "fault": None}]),
        answer(fault={"type": "E"}),
        answer(fault={"type": "E" * 401, "message": "", "line": "", "line_number": 0, "cell": 0}),
        answer(fault={"type": "", "message": "m" * 2001, "line": "", "line_number": 0, "cell": 0}),
        answer(fault={"type": "E", "message": "", "line": "", "line_number": 0.5, "cell": 0}),
        answer(cell_faults=[None]),
    ],
)  # fmt: skip
def test_a_document_against_the_schema_is_refused(document: object) -> None:
    refused(packed(document))


def test_a_plain_answer_is_understood() -> None:
    assert decode_execution(packed(answer()), 1).status is Status.RETURNED


@pytest.mark.parametrize(
    "path", ["", "0", "0/0/state", "weight", "/", "//"], ids=lambda path: path or "empty"
)
def test_a_tensor_outside_any_round_is_refused(path: str) -> None:
    refused(packed(answer(), {path: torch.ones(1)}))


@pytest.mark.parametrize("dtype", [torch.complex64, torch.float8_e4m3fn, torch.uint16])
def test_a_tensor_of_an_unknown_dtype_is_refused(dtype: torch.dtype) -> None:
    refused(packed(answer(), {"0/0/state/x": torch.zeros(2, dtype=dtype)}))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bool, torch.int64])
def test_a_document_that_is_no_bytes_is_refused(dtype: torch.dtype) -> None:
    refused(save({"document": torch.zeros(4, dtype=dtype)}))


def test_a_message_without_document_is_refused() -> None:
    refused(save({"0/0/state/x": torch.zeros(1)}))


def test_too_many_tensors_are_refused() -> None:
    many = {f"0/0/state/{index}": torch.zeros(0) for index in range(wire.MAX_TENSORS + 1)}
    refused(packed(answer(), many))


def test_too_many_bytes_are_refused() -> None:
    refused(bytes(wire.MAX_ANSWER_BYTES + 1))


def test_a_pickle_is_refused(tmp_path) -> None:
    torch.save({"x": torch.ones(1)}, tmp_path / "x.pt")
    refused((tmp_path / "x.pt").read_bytes())


def only_malformed(data: bytes) -> None:
    try:
        seen = decode_execution(data, len(toy_cases()))
    except MalformedError:
        return
    assert isinstance(seen, Execution)


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_any_bytes_are_an_execution_or_malformed(data: bytes) -> None:
    only_malformed(data)


@given(st.data())
@settings(max_examples=300)
def test_a_message_with_flipped_bits_is_an_execution_or_malformed(data: st.DataObject) -> None:
    flipped = bytearray(message())
    near = st.integers(0, 3000) | st.integers(0, len(flipped) - 1)
    for place in data.draw(st.lists(near, min_size=1, max_size=4)):
        flipped[place % len(flipped)] ^= 1 << data.draw(st.integers(0, 7))
    only_malformed(bytes(flipped))


@given(st.data())
@settings(max_examples=100)
def test_a_message_with_a_part_cut_out_is_an_execution_or_malformed(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(message())))
    end = data.draw(st.integers(start, len(message())))
    only_malformed(message()[:start] + message()[end:])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(answer())), _JSON))
@settings(max_examples=150)
def test_any_document_is_an_execution_or_malformed(changes: dict[str, object]) -> None:
    only_malformed(packed(answer(**changes)))


@given(st.lists(st.integers(0, 3), max_size=3), st.sampled_from(["F32", "I64", "BOOL", "F8_E5M2"]))
def test_any_tensor_is_an_execution_or_malformed(shape: list[int], dtype: str) -> None:
    body = json.dumps(answer()).encode()
    header = {
        "document": {"dtype": "U8", "shape": [len(body)], "data_offsets": [0, len(body)]},
        "0/0/state/x": {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + 4]},
    }
    text = json.dumps(header).encode()
    only_malformed(struct.pack("<Q", len(text)) + text + body + b"\1\0\0\0")


def test_what_is_sent_holds_no_pickle() -> None:
    assert set(load(message())) > {"document"}

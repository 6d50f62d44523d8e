"""A parcel: one document and the tensors that belong to it, as bytes.

It is one safetensors file. It holds a JSON document, an index of the tensors, and their values, end
to end in one tensor for each dtype: many small tensors are costly to write one by one. Nothing is
ever unpickled. Whatever comes from a child is hostile: it is bounded, parsed against a schema, and
either whole or `MalformedError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any

import msgspec
import torch
from safetensors import SafetensorError, TensorSpec, deserialize, serialize
from torch import Tensor
from torch._C._nn import flatten_dense_tensors

from autograder.texts import encodable

MAX_BYTES = 16 * 2**20
MAX_TENSORS = 5000
MAX_HEADER_BYTES = 2**16
MAX_DOCUMENT_BYTES = 2 * 2**20
_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
        torch.uint16, torch.uint32, torch.uint64,
        torch.float16, torch.bfloat16, torch.float32, torch.float64,
    )
}  # fmt: skip
_CODES = {
    "BOOL": torch.bool, "U8": torch.uint8, "I8": torch.int8, "I16": torch.int16,
    "I32": torch.int32, "I64": torch.int64, "U16": torch.uint16, "U32": torch.uint32,
    "U64": torch.uint64, "F16": torch.float16, "BF16": torch.bfloat16,
    "F32": torch.float32, "F64": torch.float64,
}  # fmt: skip
_DTYPE_NAMES = {dtype: name for name, dtype in _DTYPES.items()}

_Size = Annotated[int, msgspec.Meta(ge=0, le=MAX_BYTES)]


class MalformedError(Exception):
    """The bytes are not one complete, well-formed parcel."""


class _Entry(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    path: str
    dtype: str
    shape: Annotated[list[_Size], msgspec.Meta(max_length=16)]


_Index = Annotated[list[_Entry], msgspec.Meta(max_length=MAX_TENSORS)]


def portable(tensor: Tensor) -> bool:
    """Tell whether a tensor can travel: dense, on the CPU, of a plain dtype."""
    return tensor.is_cpu and tensor.layout == torch.strided and tensor.dtype in _DTYPE_NAMES


def pack(document: msgspec.Struct, tensors: Mapping[str, Tensor]) -> bytes:
    """Write a document and its tensors, by path; those that cannot travel are left out."""
    index = []
    values: dict[str, list[Tensor]] = {}
    for path, tensor in tensors.items():
        if portable(tensor):
            dtype = _DTYPE_NAMES[tensor.dtype]
            index.append(_Entry(encodable(path), dtype, list(tensor.shape)))
            values.setdefault(dtype, []).append(tensor)
    with torch.no_grad():
        flat = {dtype: joined(parts) for dtype, parts in values.items()}
    flat |= {"document": _text_out(document), "index": _text_out(index)}
    message: bytes = serialize({name: _spec(tensor) for name, tensor in flat.items()})
    return message


def joined(tensors: list[Tensor]) -> Tensor:
    """Copy tensors of one dtype end to end; `flatten_dense_tensors` does not copy a lone one."""
    flat: Tensor = flatten_dense_tensors(tensors)
    return flat if len(tensors) > 1 else torch.cat([flat])


def _spec(tensor: Tensor) -> TensorSpec:
    """Say where a tensor lies: `safetensors.torch.save` does no more, and takes its time."""
    dtype = str(tensor.dtype).removeprefix("torch.")
    return TensorSpec(
        dtype=dtype, shape=tensor.shape, data_ptr=tensor.data_ptr(), data_len=tensor.nbytes
    )


def unpack(data: bytes, kind: Any) -> tuple[Any, dict[str, Tensor]]:
    """Read a document of a kind and its tensors, strictly.

    Raises:
        MalformedError: It is not one complete parcel.
    """
    if int.from_bytes(data[:8], "little") > MAX_HEADER_BYTES:
        raise MalformedError(f"more than {MAX_HEADER_BYTES} bytes of header")
    try:
        parts = dict(deserialize(data))
        document = _text_in(parts.pop("document"), kind)
        index = _text_in(parts.pop("index"), _Index)
        return document, _tensors(index, {dtype: _flat(part) for dtype, part in parts.items()})
    except MalformedError:
        raise
    except SafetensorError as error:
        raise MalformedError(str(error)) from error
    except Exception as error:  # every byte is hostile: nothing that parsing raises may escape
        raise MalformedError(f"{type(error).__name__}: {error}") from error


def _tensors(index: list[_Entry], flat: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Cut the values apart as the index says; every value belongs to exactly one tensor."""
    sizes: dict[str, list[int]] = {}
    for entry in index:
        size = prod(entry.shape)
        if (size or prod(length or 1 for length in entry.shape)) > MAX_BYTES:
            raise MalformedError("a shape that is too large")
        sizes.setdefault(entry.dtype, []).append(size)
    if flat.keys() != sizes.keys():
        raise MalformedError("values that belong to no tensor, or a tensor without values")
    if any(values.dtype != _DTYPES[dtype] for dtype, values in flat.items()):
        raise MalformedError("a tensor of another dtype")
    if any(values.shape != (sum(sizes[dtype]),) for dtype, values in flat.items()):
        raise MalformedError("values that belong to no tensor, or a tensor without values")
    if "bool" in flat and flat["bool"].view(torch.uint8).gt(1).any():
        raise MalformedError("a truth value that is neither true nor false")
    parts = {dtype: iter(values.split(sizes[dtype])) for dtype, values in flat.items()}
    tensors = {entry.path: _shaped(next(parts[entry.dtype]), entry.shape) for entry in index}
    if len(tensors) < len(index):
        raise MalformedError("two tensors of one name")
    return tensors


def _shaped(flat: Tensor, shape: list[int]) -> Tensor:
    """Give a flat tensor its shape: number by number, which costs a third of a list."""
    if shape == [len(flat)]:
        return flat
    return flat.view(*shape) if shape else flat.view(())


def _text_out(content: object) -> Tensor:
    return torch.frombuffer(bytearray(msgspec.json.encode(content)), dtype=torch.uint8)


def _text_in(part: Mapping[str, Any], kind: Any) -> Any:
    if part["dtype"] != "U8" or len(part["data"]) > MAX_DOCUMENT_BYTES:
        raise MalformedError("a document that is not bytes, or too long")
    return msgspec.json.decode(part["data"], type=kind)


def _flat(part: Mapping[str, Any]) -> Tensor:
    """Read one flat tensor as `safetensors.torch.load` would, which takes its time."""
    dtype, data = _CODES.get(part["dtype"]), part["data"]
    if dtype is None:
        raise MalformedError("a tensor of another dtype")
    flat = torch.frombuffer(data, dtype=dtype) if data else torch.empty(0, dtype=dtype)
    return _shaped(flat, part["shape"])

"""What a file may be asked once the filter is in force: the kernel itself is asked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.engine.examples import ROOT

MAY = {
    "ioctl": {0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451},
    "fcntl": {0, 1, 2, 3, 4, 5, 6, 7, 1030},
}
LEAVE_SOMETHING = (0x40086604, 0x40087602, 0x40305828, 0x4030582A, 0x40086602, 0x41009432)
WIDE = 1 << 32  # the kernel looks at 32 bits
ASKING = """
import ctypes, errno, json, sys
import pyseccomp
from autograder.syscalls import base_filter, load
call = ctypes.CDLL(None, use_errno=True).syscall
call.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_ulong, ctypes.c_void_p]
number = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, sys.argv[1])
asked = [*json.loads(sys.argv[2]), *range(70_000)]
load(base_filter())
answers = {}
for request in asked:
    call(number, -1, request, None)
    answers.setdefault(errno.errorcode[ctypes.get_errno()], []).append(request)
print(json.dumps(answers))
"""


@pytest.mark.parametrize("call", MAY)
def test_of_a_file_nothing_can_be_asked_but_what_is_needed(call: str) -> None:
    may = MAY[call]
    others = [*LEAVE_SOMETHING, *(request ^ 1 << bit for request in may for bit in range(17, 32))]
    wide = [WIDE | request for request in (*may, *LEAVE_SOMETHING)]
    done = subprocess.run(
        [sys.executable, "-c", ASKING, call, json.dumps(others + wide)],
        capture_output=True, text=True, timeout=120, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers.keys() == {"EPERM", "EBADF"}
    assert set(answers["EBADF"]) == may | {WIDE | request for request in may}

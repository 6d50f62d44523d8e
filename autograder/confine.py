"""Takes a forked child's rights away before the learner's first line runs.

The fork server prepares a `Confinement` once; each child enters it, for good, in about a
millisecond. No root is needed. `missing_layers` says what this machine cannot do, and how to get
it.

Source: landlock(7), seccomp(2), capabilities(7), getrlimit(2).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.syscalls import base_filter, load

if TYPE_CHECKING:
    from landlockpy import Ruleset

ALWAYS_IN_FORCE = ("process", "scratch_folder", "limits")
MEMORY_BYTES = 2 * 2**30
FILE_BYTES = 64 * 2**20
OPEN_FILES = 128
_OLDEST_LANDLOCK = 3  # the first that covers `truncate`: Linux 6.2
_PACKAGE = Path(__file__).resolve().parent
_PUBLIC = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache",
    "/etc/localtime", "/usr/share/zoneinfo", "/usr/share/fonts", "/etc/fonts",
    "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """One thing that a kernel may or may not offer.

    Attributes:
        id: Its name in a scorecard's `confinement`.
        takes_away: What a child cannot do any more.
        fault: Says why it is not to be had here; an empty text if it is.
        remedy: How to get it.
    """

    id: str
    takes_away: str
    fault: Callable[[], str]
    remedy: str


def _landlock_fault() -> str:
    if sys.platform != "linux":
        return f"{sys.platform} has no Landlock"
    try:
        from landlockpy import Ruleset  # noqa: PLC0415 - Linux only
    except ImportError:
        return "the package landlockpy is not installed"
    try:
        with Ruleset() as ruleset:
            version = ruleset.abi_version
    except OSError as error:
        return f"the kernel refuses it ({error.strerror or error})"
    if version < _OLDEST_LANDLOCK:
        return f"the kernel offers version {version}, {_OLDEST_LANDLOCK} is the first that will do"
    return ""


def _seccomp_fault() -> str:
    if sys.platform != "linux":
        return f"{sys.platform} has no seccomp"
    try:
        base_filter()
    except ImportError:
        return "the package pyseccomp is not installed"
    except RuntimeError:
        return "the library libseccomp is not installed"
    except OSError as error:
        return f"the kernel refuses it ({error.strerror or error})"
    return ""


LAYERS = (
    Layer(
        "landlock",
        "reading beyond the Python installation, writing beyond the scratch folder",
        _landlock_fault,
        "use Linux 6.2 or newer with Landlock enabled (`lsm=landlock,…` at boot, and a container"
        " runtime that lets its system calls through)",
    ),
    Layer(
        "seccomp",
        "the network, new processes, signals to others, and changes that Landlock does not cover",
        _seccomp_fault,
        "install libseccomp (`apt install libseccomp2`) and allow seccomp filters in the container",
    ),
)


def missing_in(in_force: Collection[str]) -> list[str]:
    """Name the layers that are not among those in force."""
    return [layer.id for layer in LAYERS if layer.id not in in_force]


def missing_layers() -> list[tuple[Layer, str]]:
    """Name the layers that are not to be had here, each with the reason."""
    return [(layer, fault) for layer in LAYERS if (fault := layer.fault())]


class UnconfinedError(Exception):
    """This machine cannot confine learners' code; the message says what is missing."""


def require(*, allow_unconfined: bool) -> None:
    """See to it that learners' code is confined, or that it is allowed to be not.

    Raises:
        UnconfinedError: Neither holds.
    """
    if not allow_unconfined and (missing := missing_layers()):
        raise UnconfinedError(
            "learners' code cannot be confined on this machine: "
            + "; ".join(f"no {layer.id}, {fault}" for layer, fault in missing)
        )


class Confinement:
    """What every child of a fork server enters.

    Attributes:
        in_force: The layers, by name.
    """

    def __init__(self, scratch: Path) -> None:
        """Prepare all layers that this machine offers.

        Args:
            scratch: An existing folder: working directory, home and temporary folder of children,
                and the only place where they can write.
        """
        lacking = {layer.id for layer, _ in missing_layers()}
        self._scratch = str(scratch)
        self._environment = {
            "HOME": self._scratch, "PWD": self._scratch, "TMPDIR": self._scratch,
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1",
            "USER": "learner", "LOGNAME": "learner",
        }  # fmt: skip
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._address_space = _address_space()
        self._ruleset = None if "landlock" in lacking else _ruleset(scratch)
        self._filter = None if "seccomp" in lacking else base_filter()
        self.in_force = (
            *ALWAYS_IN_FORCE,
            *(("no_capabilities",) if sys.platform == "linux" else ()),
            *(layer.id for layer in LAYERS if layer.id not in lacking),
        )

    def set_environment(self) -> None:
        """Leave the calling process, and its children, the variables that they need."""
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)

    def enter(self, seconds: float) -> None:
        """Confine the calling process, for good.

        Args:
            seconds: Limit of the submission; processor time is bounded a little above.

        Raises:
            OSError: A layer could not be put in force.
        """
        os.setsid()
        os.chdir(self._scratch)
        self.set_environment()
        tempfile.tempdir = None
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        for kind, bound in _limits(seconds, self._address_space):
            resource.setrlimit(kind, (bound, bound))
        if sys.platform == "linux":
            _drop_capabilities(self._libc)
        if self._ruleset is not None:
            self._ruleset.restrict()
        if self._filter is not None:
            load(self._filter)


def _limits(seconds: float, address_space: int) -> Iterator[tuple[int, int]]:
    yield resource.RLIMIT_CORE, 0
    yield resource.RLIMIT_FSIZE, FILE_BYTES
    yield resource.RLIMIT_NOFILE, OPEN_FILES
    yield resource.RLIMIT_CPU, int(seconds) + 5
    if address_space:
        yield resource.RLIMIT_AS, address_space + MEMORY_BYTES


def _address_space() -> int:
    """Measure this process in bytes; 0 where there is no `/proc`."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _ruleset(scratch: Path) -> Ruleset:
    from landlockpy import AccessFS, Ruleset, Scope  # noqa: PLC0415 - Linux only

    ruleset = Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
    for root in _installation():
        if root.is_dir():
            ruleset.allow_path(root, AccessFS.READ_DIR)
        for path in _beneath(root, without=_PACKAGE):
            folder = AccessFS.READ_DIR if path.is_dir() else AccessFS.NONE
            ruleset.allow_path(path, AccessFS.READ_FILE | folder)
    ruleset.allow_path("/dev/null", AccessFS.READ_FILE | AccessFS.WRITE_FILE)
    everything = AccessFS.READ_FILE | AccessFS.READ_DIR | AccessFS.WRITE_FILE | AccessFS.TRUNCATE
    everything |= AccessFS.MAKE_REG | AccessFS.MAKE_DIR | AccessFS.MAKE_SYM | AccessFS.MAKE_FIFO
    everything |= AccessFS.REMOVE_FILE | AccessFS.REMOVE_DIR | AccessFS.REFER
    ruleset.allow_path(scratch, everything)
    return ruleset


def _installation() -> set[Path]:
    """Find what a Python program may need to read: the interpreter's and the system's libraries."""
    own = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    own |= {str(Path(sys.base_prefix, "lib")), str(Path(sys.base_prefix, "lib64"))}
    found = {Path(place).resolve() for place in {*own, *_PUBLIC} if Path(place).exists()}
    return {path for path in found if not any(other in path.parents for other in found)}


def _beneath(root: Path, *, without: Path) -> Iterator[Path]:
    """Cover a folder by as few paths as leave out `without`, which may lie in it."""
    if root == without:
        return
    if root not in without.parents:
        yield root
        return
    for child in root.iterdir():
        if not child.is_symlink():
            yield from _beneath(child, without=without)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """Give up root's powers: a child of root then is an ordinary process that root owns."""
    header, nothing = _Header(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if libc.capset(ctypes.byref(header), nothing) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"capabilities cannot be given up: {os.strerror(code)}")

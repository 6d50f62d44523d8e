"""Which system calls a confined child may not make: one table, and the filter made from it.

A deny list, since Python and torch make some two hundred different harmless calls; two of them,
which stand for thousands of requests, have a list of what may be asked. What is refused fails with
"operation not permitted", so that honest code which tries it goes on.
Source: seccomp(2), and `libseccomp`, which knows the numbers on each architecture.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyseccomp import SyscallFilter

_REFUSED = {
    "new processes": "fork vfork execve execveat",
    "other processes": """
        tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal pidfd_getfd ptrace
        process_vm_readv process_vm_writev process_madvise process_mrelease kcmp setpriority
        ioprio_set sched_setscheduler sched_setparam sched_setattr sched_setaffinity migrate_pages
        move_pages""",
    "the network": "socket connect bind listen accept accept4 sendmsg sendmmsg",
    "what a file is, beyond its content": """
        chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat
        futimesat setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr
        removexattrat file_setattr mknod mknodat quotactl quotactl_fd name_to_handle_at
        open_by_handle_at fanotify_init inotify_init inotify_init1 sync syncfs""",
    "memory and messages that outlive or are not counted": """
        memfd_create memfd_secret shmget shmat shmctl semget semctl semop semtimedop msgget msgctl
        msgsnd msgrcv mq_open mq_unlink add_key request_key keyctl""",
    "traces in what the kernel keeps of files": "fadvise64 readahead preadv2 mincore cachestat",
    "room on the disk that no name tells of": "fallocate openat2",
    "ways around this filter": "io_uring_setup io_uring_enter io_uring_register userfaultfd bpf",
    "the machine": """
        mount umount umount2 mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig
        fsmount fspick pivot_root chroot unshare setns perf_event_open init_module finit_module
        delete_module create_module kexec_load kexec_file_load reboot swapon swapoff sethostname
        setdomainname acct settimeofday clock_settime clock_settime64 adjtimex clock_adjtime
        clock_adjtime64 stime iopl ioperm modify_ldt syslog vhangup uselib nfsservctl
        lookup_dcookie personality""",
}

# Calls that libseccomp's release may not know by name; their numbers are the same everywhere.
_BY_NUMBER = {
    "close_range": 436, "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431,
    "fsmount": 432, "fspick": 433, "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447,
    "process_mrelease": 448, "cachestat": 451, "fchmodat2": 452, "setxattrat": 463,
    "getxattrat": 464, "listxattrat": 465, "removexattrat": 466, "open_tree_attr": 467,
    "file_setattr": 469,
}  # fmt: skip

_UNSUPPORTED = "getxattr lgetxattr fgetxattr getxattrat listxattr llistxattr flistxattr listxattrat"

_CLONE_THREAD, _CLONE_FILES = 0x00010000, 0x00000400
_UNSHARE_FILES = 2  # the flag of `close_range`
_NAMELESS = 0o20000000  # the bit of O_TMPFILE that no other flag has
# What a file may be asked, by number: drivers and file systems have thousands of requests, and some
# keep a number in an inode, reserve room on the disk or type into a terminal.
_REQUESTS = {
    "ioctl": {
        "TCGETS": 0x5401, "TIOCGWINSZ": 0x5413, "FIONREAD": 0x541B, "FIONBIO": 0x5421,
        "FIONCLEX": 0x5450, "FIOCLEX": 0x5451,
    },
    "fcntl": {
        "F_DUPFD": 0, "F_GETFD": 1, "F_SETFD": 2, "F_GETFL": 3, "F_SETFL": 4, "F_GETLK": 5,
        "F_SETLK": 6, "F_SETLKW": 7, "F_DUPFD_CLOEXEC": 1030,
    },
}  # fmt: skip
_REQUEST_BITS = 32  # the kernel reads no more


def base_filter() -> SyscallFilter:
    """Make the part of the filter that is the same for every child.

    Raises:
        ImportError: `pyseccomp` is not installed.
        RuntimeError: The library libseccomp is not installed.
    """
    import pyseccomp as seccomp  # noqa: PLC0415 - it loads libseccomp, which may be missing

    refuse = seccomp.ERRNO(errno.EPERM)
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    for names in _REFUSED.values():
        for name in names.split():
            _add(made, refuse, name)
    for name in _UNSUPPORTED.split():  # as on a file system without attributes: copying goes on
        _add(made, seccomp.ERRNO(errno.ENOTSUP), name)
    # glibc falls back from clone3, whose flags no filter can read, to clone.
    _add(made, seccomp.ERRNO(errno.ENOSYS), "clone3")
    for shared in (_CLONE_THREAD, _CLONE_FILES):  # threads only, and all of them list their files
        _add(made, refuse, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, shared, 0))
    apart = seccomp.Arg(2, seccomp.MASKED_EQ, _UNSHARE_FILES, _UNSHARE_FILES)
    _add(made, refuse, "close_range", apart)
    _add(made, refuse, "sendto", seccomp.Arg(4, seccomp.NE, 0))
    for name, place in (("open", 1), ("openat", 2)):
        nameless = seccomp.Arg(place, seccomp.MASKED_EQ, _NAMELESS, _NAMELESS)
        _add(made, seccomp.ERRNO(errno.EOPNOTSUPP), name, nameless)
    _add(made, refuse, "prlimit64", seccomp.Arg(0, seccomp.NE, 0))
    for name, requests in _REQUESTS.items():
        for mask, block in _all_but(requests.values()):
            _add(made, refuse, name, seccomp.Arg(1, seccomp.MASKED_EQ, mask, block))
    return made


def load(base: SyscallFilter) -> None:
    """Put the filter in force for the calling process, which may then signal itself alone."""
    import pyseccomp as seccomp  # noqa: PLC0415 - see above

    refuse = seccomp.ERRNO(errno.EPERM)
    for name in ("kill", "tgkill"):
        _add(base, refuse, name, seccomp.Arg(0, seccomp.NE, os.getpid()))
    base.load()


def _all_but(allowed: Collection[int]) -> set[tuple[int, int]]:
    """Cover all other numbers by blocks of those that begin with the same bits: mask and value.

    A filter that allows by default can only refuse, and what it compares one argument with must be
    one value at a time.
    """
    blocks = set()
    for number in allowed:
        for place in range(_REQUEST_BITS):
            mask = (1 << _REQUEST_BITS) - (1 << place)
            blocks.add((mask, (number ^ 1 << place) & mask))
    return {(mask, block) for mask, block in blocks if all(one & mask != block for one in allowed)}


def _add(made: SyscallFilter, action: int, name: str, *arguments: object) -> None:
    import pyseccomp as seccomp  # noqa: PLC0415 - see above

    number = seccomp.resolve_syscall(seccomp.Arch.NATIVE, name)
    unknown = number < 0
    if unknown and name not in _BY_NUMBER:
        return  # this architecture has no such call
    made.add_rule(action, _BY_NUMBER[name] if unknown else name, *arguments)

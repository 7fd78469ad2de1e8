"""Starting processes that cannot outlive us, and finding those that nevertheless did."""

import ctypes
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

import psutil

from devtools.errors import LocalError

SERVICE_USER = "pgserver"
LEFTOVER_TIMEOUT_SECONDS = 5.0

# linux/prctl.h, linux/securebits.h and linux/capability.h; stable kernel ABI.
PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

_ON_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if _ON_LINUX else None


@dataclass(frozen=True)
class ServiceUser:
    """The OS user that PostgreSQL runs as when we are root (it refuses to run as root)."""

    name: str
    uid: int
    gid: int
    home: str
    # Root's checkout may lie in a directory closed to others (/root is 0700). Rather than opening
    # somebody's home, the process keeps the one capability that lets root in there.
    keeps_root_file_access: bool = False


class PopenOptions(TypedDict):
    """What `subprocess.Popen` and `asyncio.create_subprocess_exec` both take."""

    start_new_session: bool
    preexec_fn: Callable[[], None]
    #: Open files that the child inherits under the same numbers.
    pass_fds: NotRequired[Sequence[int]]


def popen_options(
    *, death_signal: signal.Signals, service_user: ServiceUser | None = None
) -> PopenOptions:
    """Options that tie a child to us: when our process dies, however, it gets `death_signal`.

    Linux sends that signal when the *thread* that forked ends, so start children from the main
    thread (or one that lives as long). Elsewhere than on Linux only leftovers are cleaned up, at
    the next start. The child leads its own session: Ctrl-C reaches us alone, and we stop children
    in order.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if service_user is not None:
            _become(service_user)
        if _libc is not None:
            # After the change of user, which clears it.
            _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return {"start_new_session": True, "preexec_fn": before_exec}


def _become(user: ServiceUser) -> None:
    keeps = _libc is not None and user.keeps_root_file_access
    if keeps:
        # Capabilities survive the change of user; access(2), with which the servers look at their
        # own files, honours them too.
        _checked("prctl", PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(user.gid)
    os.setuid(user.uid)
    if keeps:
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        mask = 1 << CAP_DAC_OVERRIDE
        _checked("capset", header, (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0))
        _checked("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)


def _checked(function: str, *arguments: object) -> None:
    """Call libc; raises OSError, on which the child does not start (subprocess reports it)."""
    assert _libc is not None
    if getattr(_libc, function)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{function} failed")


def service_user_for(paths: Sequence[Path]) -> ServiceUser | None:
    """The user to run a server as that needs `paths`; None when we are an ordinary user."""
    if os.geteuid() != 0:
        return None
    entry = _ensure_service_user()
    closed = not all(_open_to_others(path) for path in paths)
    return ServiceUser(
        name=entry.pw_name,
        uid=entry.pw_uid,
        gid=entry.pw_gid,
        home=entry.pw_dir,
        keeps_root_file_access=closed,
    )


def _ensure_service_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
    try:
        subprocess.run(
            [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USER],
            check=True,
            capture_output=True,
            text=True,
        )
        return pwd.getpwnam(SERVICE_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        # Two runs may have raced to create it; else every system has `nobody`.
        for name in (SERVICE_USER, "nobody"):
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise LocalError(
            f"PostgreSQL does not run as root, and no other user could be made: {error}"
        ) from error


def _open_to_others(path: Path) -> bool:
    """Whether everybody may read `path` and pass through every directory above it."""
    if not os.stat(path).st_mode & 0o004:
        return False
    return all(os.stat(parent).st_mode & 0o001 for parent in path.parents)


def processes_in(directory: Path, *, executable: str) -> Iterator[psutil.Process]:
    """Running processes of that executable name whose working directory is `directory`.

    Embedded servers change into their data directory, so this finds leftovers of an earlier run
    without trusting a pid file, whose number may belong to anybody by now.
    """
    for process in psutil.process_iter(["name"]):
        if process.info["name"] != executable:
            continue
        try:
            if Path(process.cwd()) == directory:
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def end_leftovers(directory: Path, *, executable: str, polite: signal.Signals) -> int:
    """End what `processes_in` finds: `polite` first, SIGKILL after 5 s. Returns how many."""
    found = list(processes_in(directory, executable=executable))
    for sent in (polite, signal.SIGKILL):
        for process in found:
            _send(process, sent)
        deadline = time.monotonic() + LEFTOVER_TIMEOUT_SECONDS
        if all(_ends_before(deadline, process) for process in found):
            break
    return len(found)


def _send(process: psutil.Process, sent: signal.Signals) -> None:
    try:
        process.send_signal(sent)
    except psutil.NoSuchProcess:
        return


def _ends_before(deadline: float, process: psutil.Process) -> bool:
    """Wait for the end of a process that is not our child.

    A zombie has ended: whether its parent collects it is not our business (some never do).
    """
    seconds = max(0.0, deadline - time.monotonic())
    try:
        if hasattr(os, "pidfd_open"):
            descriptor = os.pidfd_open(process.pid)
            try:
                return bool(select.select([descriptor], [], [], seconds)[0])
            finally:
                os.close(descriptor)
        process.wait(seconds)
    except (ProcessLookupError, psutil.NoSuchProcess):
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE
    return True

"""Runs one program in a jail. A script by itself: it is started as `python -P -s -S -B jail.py` and imports the standard library alone.

In, on standard input: a JSON object with `program` and the limits. Out, on standard output: one line of JSON, {"outcome", "detail",
"output"}. `no_jail` means that this machine does not offer what the jail is made of; nothing has been run then.

Three processes: the keeper (this one) builds the jail and watches the clock and the output; the first process of the new process
namespace, whose death kills everything in it; and the program. What the jail guarantees stands in `docs/sandbox.md`.
"""

import ctypes
import errno
import json
import os
import platform
import resource
import secrets
import select
import signal
import struct
import sys
import time
import traceback
import types
from typing import Any, NoReturn

NOBODY = 65534
INSIDE = 1000  # the program's user number in its own namespace
NEW_USER = 0x10000000
NEW_NAMESPACES = 0x00020000 | 0x20000000 | 0x40000000 | 0x08000000 | 0x04000000  # mounts, processes, network, IPC, host name
NEW_OF_CLONE = NEW_USER | NEW_NAMESPACES | 0x02000000 | 0x00000080  # and control groups, time
BIND, RECURSIVE, PRIVATE, DETACH = 4096, 16384, 1 << 18, 2
NOSUID_NODEV = 2 | 4
READ_ONLY, AT_RECURSIVE = 1, 0x8000
MOUNT_SETATTR, AT_FDCWD = 442, -100
DEATH_SIGNAL, DUMPABLE, NO_NEW_PRIVILEGES, SECCOMP, DROP_BOUND = 1, 4, 38, 22, 24
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/libx32", "/bin", "/sbin")
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
MOUNT_POINTS = ("/mnt", "/media", "/srv", "/opt", "/var", "/tmp")
FOLDER = "/work"  # the only place that can be written to
KEPT_OUTPUT = 4096

# System calls that are refused, by their numbers on x86-64 and on 64-bit Arm: sockets, namespaces, mounts, other processes' memory,
# kernel keys and modules, shared memory that no limit counts.
REFUSED = {
    "x86_64": (
        *(41, 101, 103, 135, 153, 155, 159, 161, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 175, 176, 179, 180),
        *(29, 30, 64, 68, 227, 240, 246, 248, 249, 250, 272, 298, 303, 304, 308, 310, 311, 313, 319, 320, 321, 323),
        *(425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447),
    ),
    "aarch64": (
        *(39, 40, 41, 51, 58, 60, 89, 92, 97, 104, 105, 106, 112, 116, 117, 142, 161, 162, 170, 171, 180, 186, 190, 194, 196, 198),
        *(217, 218, 219, 224, 225, 241, 264, 265, 266, 268, 270, 271, 273, 279, 280, 282, 294),
        *(425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447),
    ),
}
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

NO_JAIL = b"no_jail:"  # before the reason, where the program was not started

LIBC = ctypes.CDLL(None, use_errno=True)


class NoJailError(Exception):
    """The machine refuses a part of the jail."""


def main() -> None:
    job = json.loads(sys.stdin.buffer.read())
    report = os.dup(1)  # the program gets other standard streams
    try:
        build_jail(job["disk_bytes"])
        result = keep(job)
    except (NoJailError, OSError) as error:
        result = {"outcome": "no_jail", "detail": str(error), "output": ""}
    os.write(report, json.dumps(result).encode() + b"\n")


def build_jail(disk_bytes: int) -> None:
    """The superuser builds it with his own rights and then becomes nobody, since no limit on processes holds him; anybody else has the
    rights in a user namespace of his own. The program is in one either way, where its processes are counted apart."""
    if platform.machine() not in REFUSED:
        raise NoJailError(f"the system calls of {platform.machine()} are not known")
    proc = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    if os.geteuid() == 0:
        call("unshare", LIBC.unshare(NEW_NAMESPACES))
        build_root(disk_bytes)
        become_nobody()
        enter_user_namespace(NEW_USER, proc)
    else:
        enter_user_namespace(NEW_USER | NEW_NAMESPACES, proc)
        build_root(disk_bytes)
    os.close(proc)
    die_with_parent()


def become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    call("prctl", LIBC.prctl(DUMPABLE, 1, 0, 0, 0))  # its own entries in /proc are the superuser's otherwise


def enter_user_namespace(flags: int, proc: int) -> None:
    """`proc`: the open folder of this process in /proc."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", LIBC.unshare(flags))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{INSIDE} {user} 1"), ("gid_map", f"{INSIDE} {group} 1")):
        file = os.open(name, os.O_WRONLY, dir_fd=proc)
        os.write(file, text.encode())
        os.close(file)


def die_with_parent() -> None:
    call("prctl", LIBC.prctl(DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0))


def build_root(disk_bytes: int) -> None:
    """A root of its own: the system's libraries and Python to read, an empty folder to write, and nothing else."""
    shown = [path for path in SYSTEM if os.path.exists(path)]
    python = os.path.realpath(sys.base_prefix)
    if not any(python == path or python.startswith(path + "/") for path in shown):
        shown.append(python)
    root = mount_point(shown)
    mount("none", "/", None, RECURSIVE | PRIVATE)
    mount("tmpfs", root, "tmpfs", NOSUID_NODEV, "size=1m,nr_inodes=1k,mode=755")
    for path in shown:
        show(path, root + path)
    os.mkdir(f"{root}/dev")
    for path in DEVICES:
        with open(root + path, "w"):
            pass
        mount(path, root + path, None, BIND)
    os.mkdir(root + FOLDER)
    os.symlink(FOLDER, f"{root}/tmp")
    os.chdir(root)
    call("pivot_root", LIBC.pivot_root(b".", b"."))
    call("umount", LIBC.umount2(b".", DETACH))
    os.chdir("/")
    forbid_writing("/", recursive=False)
    mount("tmpfs", FOLDER, "tmpfs", NOSUID_NODEV, f"size={disk_bytes},nr_inodes=4k,mode=1777")
    os.chdir(FOLDER)


def mount_point(shown: list[str]) -> str:
    """A folder that holds nothing that the jail shows."""
    for path in MOUNT_POINTS:
        if os.path.isdir(path) and not any(f"{one}/".startswith(f"{path}/") for one in shown):
            return path
    raise NoJailError("there is no folder to mount the jail on")


def show(path: str, place: str) -> None:
    """The same path inside the jail, to read alone. A symbolic link (`/lib` to `usr/lib`) is one there too."""
    if os.path.islink(path):
        os.symlink(os.readlink(path), place)
        return
    os.makedirs(place)
    mount(path, place, None, BIND | RECURSIVE)
    forbid_writing(place, recursive=True)


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    made = LIBC.mount(source.encode(), target.encode(), None if kind is None else kind.encode(), ctypes.c_ulong(flags), options.encode())
    call(f"mount of {target}", made)


def forbid_writing(path: str, recursive: bool) -> None:
    attributes = struct.pack("QQQQ", READ_ONLY, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    done = LIBC.syscall(ctypes.c_long(MOUNT_SETATTR), AT_FDCWD, path.encode(), flags, attributes, ctypes.c_size_t(len(attributes)))
    call("mount_setattr", done)


def call(name: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise NoJailError(f"{name}: {errno.errorcode.get(number, number)} ({os.strerror(number)})")


def keep(job: dict[str, Any]) -> dict[str, str]:
    """Starts the program and watches it: its time, its output, its end."""
    output, write_output = os.pipe()
    verdict, write_verdict = os.pipe()
    secret = secrets.token_hex(16)
    started = time.monotonic()
    first = os.fork()
    if first == 0:
        os.close(output)
        os.close(verdict)
        be_first_process(job, secret, write_output, write_verdict)
    os.close(write_output)
    os.close(write_verdict)
    text, reason = watch(first, output, started + job["timeout_seconds"], job["output_bytes"])
    if reason:
        os.kill(first, signal.SIGKILL)  # and with it all that is in its namespace
    status = os.waitpid(first, 0)[1]
    said = read_all(verdict)
    outcome, detail = (reason, "") if reason else judge(status, said, secret)
    return {"outcome": outcome, "detail": detail, "output": text.decode("utf-8", "replace")}


def watch(first: int, output: int, deadline: float, most_bytes: int) -> tuple[bytes, str]:
    """Reads output until the first process is gone, and with it all that could write. Gives the output's beginning, and why the program
    must be ended, empty when it ended itself. It may close its output and go on, so its end is waited for besides."""
    kept, total = b"", 0
    ending = os.pidfd_open(first)
    open_ends = [output, ending]
    while True:
        left = deadline - time.monotonic()
        ready = select.select(open_ends, [], [], max(left, 0))[0] if left > 0 else []
        if not ready:
            return kept, "timeout"
        if output not in ready:
            return kept, ""
        piece = os.read(output, 1 << 16)
        if not piece:
            open_ends.remove(output)
        total += len(piece)
        kept = (kept + piece)[:KEPT_OUTPUT]
        if total > most_bytes:
            return kept, "too_much_output"


def read_all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 16):
        parts.append(part)
    return b"".join(parts)


def judge(status: int, said: bytes, secret: str) -> tuple[str, str]:
    """The program came to its end only where it says the secret behind its last line, and nothing else."""
    if status == 0 and said == secret.encode():
        return "passed", ""
    if said.startswith(NO_JAIL):
        raise NoJailError(said[len(NO_JAIL) :].decode())
    if said.startswith(b"error:"):
        return "failed", said[len(b"error:") :][:500].decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    return "ended_early", f"signal {code - 128}" if code > 128 else f"exit status {code}"


def be_first_process(job: dict[str, Any], secret: str, output: int, verdict: int) -> NoReturn:
    """Starts the program and takes on the processes that it leaves; ends when the program does."""
    die_with_parent()
    program = os.fork()
    if program == 0:
        be_program(job, secret, output, verdict)
    os.close(output)
    os.close(verdict)
    while True:
        child, status = os.wait()
        if child == program:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def be_program(job: dict[str, Any], secret: str, output: int, verdict: int) -> NoReturn:
    os.setsid()
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    verdict = os.dup2(verdict, 3)
    os.closerange(4, 4096)
    try:
        limit_resources(job)
        give_up_rights()
    except (NoJailError, OSError, ValueError) as error:
        os.write(verdict, NO_JAIL + str(error).encode())
        os._exit(1)
    own = os.getpid()
    said = run_text(job["program"], secret)
    if os.getpid() != own:
        os._exit(0)  # a child of the program that came to the end: the program itself is what counts
    os.write(verdict, said)
    sys.stdout.flush()
    os._exit(0 if said == secret.encode() else 1)


def limit_resources(job: dict[str, Any]) -> None:
    seconds = int(job["timeout_seconds"]) + 1
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: job["memory_bytes"],
        resource.RLIMIT_FSIZE: job["disk_bytes"],
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_NPROC: job["processes"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for name, wanted in limits.items():
        hard = resource.getrlimit(name)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))


def give_up_rights() -> None:
    """No capabilities, no way to get any back, and the system calls of `REFUSED` fail."""
    for capability in range(64):
        LIBC.prctl(DROP_BOUND, capability, 0, 0, 0)
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    call("capset", LIBC.capset(header, nothing))
    call("prctl", LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    rules = filter_rules(platform.machine())
    buffer = ctypes.create_string_buffer(rules, len(rules))
    program = struct.pack("HxxxxxxQ", len(rules) // 8, ctypes.addressof(buffer))
    call("seccomp", LIBC.prctl(SECCOMP, 2, program, 0, 0))


def filter_rules(machine: str) -> bytes:
    """A program of the kernel's packet filter: load the architecture and the call's number, compare, refuse or allow."""
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill, not_permitted, not_there = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    rules = [(load, 0, 0, 4), (equal, 1, 0, ARCHITECTURE[machine]), (answer, 0, 0, kill), (load, 0, 0, 0)]
    if machine == "x86_64":
        rules += [(at_least, 0, 1, 0x40000000), (answer, 0, 0, not_permitted)]  # the other numbering of calls, x32
    rules += [(equal, 0, 1, CLONE3), (answer, 0, 0, not_there)]  # its flags lie in memory; the C library then takes clone
    for number in REFUSED[machine]:
        rules += [(equal, 0, 1, number), (answer, 0, 0, not_permitted)]
    rules += [(equal, 0, 3, CLONE[machine]), (load, 0, 0, 16), (any_bit, 0, 1, NEW_OF_CLONE), (answer, 0, 0, not_permitted)]
    rules.append((answer, 0, 0, allow))
    return b"".join(struct.pack("HBBI", *rule) for rule in rules)


def run_text(text: str, secret: str) -> bytes:
    """The secret when the text runs to its end, else what went wrong."""
    module = types.ModuleType("program")
    sys.modules["program"] = module
    sys.argv = ["program"]
    try:
        exec(compile(text, "program", "exec", dont_inherit=True), module.__dict__)
    except SystemExit as ended:
        return f"error:SystemExit: {ended.code}".encode()
    except BaseException as error:  # noqa: BLE001 - whatever the program raises is its failure
        line = traceback.format_exception_only(type(error), error)[-1].strip()
        return f"error:{line}".encode("utf-8", "replace")[:2000]
    return secret.encode()


if __name__ == "__main__":
    main()

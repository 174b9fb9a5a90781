"""The demo's supervisor, with real processes: what it starts never outlives it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from clearwork.database.embedded import connect
from clearwork.demo import folder, ports
from clearwork.demo.preparation import last_error
from clearwork.demo.refusal import Refusal
from clearwork.demo.supervisor import Backoff

ROOT = Path(__file__).resolve().parents[2]
SOON = 10.0  # seconds: what the demo promises for its stop

TICKS = "import os, time\nprint('pid', os.getpid())\nwhile True: time.sleep(0.05)"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + TICKS
PARENT = (
    "import os, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print('pid', child.pid)\n" + TICKS
)
LONG_LINE = "print('x' * 3_000_000)\n" + TICKS

PROGRAM = """
import pathlib, sys
from clearwork.demo.console import Console
from clearwork.demo.supervisor import ChildProcess, Supervisor
children = [ChildProcess(f"child{number}", [sys.executable, "-uc", program])
            for number, program in enumerate(sys.argv[1:])]
Supervisor(children, Console(), grace=1).run()
print("all stopped")
"""
PROGRAM_WITH_DATABASE = """
import pathlib, sys
from clearwork.demo import database
from clearwork.demo.console import Console
from clearwork.demo.supervisor import ChildProcess, Supervisor
data = pathlib.Path(sys.argv[1])
with database.running(data) as server:
    database.mark_filled(data, "a digest")
    assert database.filled_with(data) == "a digest"
    print("pid", (data / "postgres/postmaster.pid").read_text().split()[0], flush=True)
    child = ChildProcess("child", [sys.executable, "-uc", sys.argv[2]])
    Supervisor([child], Console()).run(lambda: database.kept(server, Console()))
"""


class Started:
    """A supervisor in a process of its own, and what it says."""

    def __init__(self, program: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-uc", program, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said: list[str] = []

    def pids(self, count: int) -> list[int]:
        """The first `count` processes that announced themselves."""
        return [int(self.next_line(r"pid (\d+)")) for _ in range(count)]

    def next_line(self, pattern: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found[1] if found.groups() else line
        raise AssertionError(f"no {pattern!r} in {self.said}")

    def rest(self) -> str:
        output, _ = self.process.communicate(timeout=SOON)
        return output


@contextmanager
def started(program: str, *arguments: str) -> Iterator[Started]:
    supervisor = Started(program, *arguments)
    try:
        yield supervisor
    finally:
        supervisor.process.terminate()
        supervisor.process.communicate()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def all_gone(pids: list[int]) -> bool:
    return eventually(lambda: not any(map(is_running, pids)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_every_process(number: signal.Signals) -> None:
    with started(PROGRAM, TICKS, TICKS) as supervisor:
        pids = supervisor.pids(2)
        supervisor.process.send_signal(number)
        assert supervisor.rest() == "all stopped\n"
        assert supervisor.process.returncode == 0
        assert all_gone(pids)


def test_a_process_that_ignores_the_request_and_its_own_children_are_ended_too() -> None:
    with started(PROGRAM, DEAF, PARENT) as supervisor:
        pids = supervisor.pids(3)
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.rest()
        assert all_gone(pids)


def test_a_second_ctrl_c_leaves_no_orphan() -> None:
    with started(PROGRAM, DEAF, TICKS) as supervisor:
        pids = supervisor.pids(2)
        supervisor.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        supervisor.process.send_signal(signal.SIGINT)
        assert supervisor.rest() == "all stopped\n"
        assert all_gone(pids)


def test_killing_the_supervisor_leaves_nothing_behind() -> None:
    with started(PROGRAM, TICKS, DEAF) as supervisor:
        pids = supervisor.pids(2)
        supervisor.process.kill()
        assert all_gone(pids)


def test_killing_the_supervisor_leaves_no_postgresql_behind(tmp_path: Path) -> None:
    with started(PROGRAM_WITH_DATABASE, str(tmp_path), TICKS) as supervisor:
        pids = supervisor.pids(2)
        supervisor.process.kill()
        assert all_gone(pids)


def test_a_postgresql_that_dies_is_started_again(tmp_path: Path) -> None:
    with started(PROGRAM_WITH_DATABASE, str(tmp_path), TICKS) as supervisor:
        first, _ = supervisor.pids(2)
        os.kill(first, signal.SIGKILL)
        supervisor.next_line(r"^PostgreSQL was ended by SIGKILL; starting it again\.$")
        assert eventually(lambda: is_answering(tmp_path))
        again = int((tmp_path / "postgres/postmaster.pid").read_text().split()[0])
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.rest()
        assert again != first and all_gone([again])


def is_answering(data: Path) -> bool:
    with suppress(psycopg.OperationalError):
        connect(data).close()
        return True
    return False


def test_ctrl_c_twice_leaves_no_postgresql_behind(tmp_path: Path) -> None:
    with started(PROGRAM_WITH_DATABASE, str(tmp_path), TICKS) as supervisor:
        pids = supervisor.pids(2)
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.process.send_signal(signal.SIGINT)
        supervisor.rest()
        assert all_gone(pids)
        assert not (tmp_path / "postgres/postmaster.pid").exists()


def test_a_process_that_dies_is_started_again() -> None:
    with started(PROGRAM, TICKS) as supervisor:
        (first,) = supervisor.pids(1)
        os.kill(first, signal.SIGKILL)
        supervisor.next_line(r"^child0 was ended by SIGKILL; starting it again in 0\.5 s\.$")
        (second,) = supervisor.pids(1)
        assert second != first
        assert is_running(second)


def test_what_a_dead_process_left_behind_is_ended_before_it_is_started_again() -> None:
    with started(PROGRAM, PARENT) as supervisor:
        grandchild, child = supervisor.pids(2)
        os.kill(child, signal.SIGKILL)
        supervisor.pids(2)
        assert not is_running(grandchild)


def test_an_endless_line_does_not_stop_the_others() -> None:
    with started(PROGRAM, LONG_LINE) as supervisor:
        supervisor.next_line("more than 1 MiB")
        assert is_running(*supervisor.pids(1))


def test_waiting_doubles_while_a_process_keeps_dying_and_starts_over_once_it_lives() -> None:
    backoff = Backoff(first=1, longest=5, healthy_after=60)
    waits = [backoff.after(0, lived=0)]
    for _ in range(4):
        waits.append(backoff.after(waits[-1], lived=0))
    assert waits == [1, 2, 4, 5, 5]
    assert backoff.after(5, lived=61) == 1


def demo(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m clearwork.demo` where it must refuse to start."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    free = {f"CLEARWORK_{name}PORT": str(free_port()) for name in ("", "MLLP_", "CLINIC_")}
    return subprocess.run(
        [sys.executable, "-m", "clearwork.demo", *arguments],
        cwd=ROOT,
        env={**environment, "CLEARWORK_DATA": str(data), **free, **settings},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ports.HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def assert_refused(done: subprocess.CompletedProcess[str], pattern: str, data: Path) -> None:
    """One line, exit 1, and nothing was started."""
    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(pattern + r"\n", done.stderr), done.stderr
    assert not (data / "postgres").exists()


@pytest.mark.parametrize(
    "setting", ["CLEARWORK_PORT", "CLEARWORK_MLLP_PORT", "CLEARWORK_CLINIC_PORT"]
)
def test_a_port_in_use_is_one_line(tmp_path: Path, setting: str) -> None:
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = demo(tmp_path, **{setting: str(port)})
    assert_refused(done, rf"Clearwork: Port {port} is in use\. .*{setting}=\d+ make demo", tmp_path)


def test_two_settings_with_one_port_are_one_line(tmp_path: Path) -> None:
    port = str(free_port())
    done = demo(tmp_path, CLEARWORK_PORT=port, CLEARWORK_MLLP_PORT=port)
    assert_refused(
        done, rf"Clearwork: CLEARWORK_MLLP_PORT and CLEARWORK_PORT are both {port}.*", tmp_path
    )


def test_a_data_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("")
    assert_refused(demo(data), rf"Clearwork: The data folder {data} cannot be written: .*", data)


def test_a_data_folder_that_cannot_be_made_is_one_line() -> None:
    data = Path("/proc/clearwork")
    assert_refused(demo(data), rf"Clearwork: The data folder {data} cannot be written: .*", data)


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    full = "/dev/full"  # every write to it fails as on a full disk

    with pytest.raises(OSError, match="No space") as failure, Path(full).open("wb", 0) as file:
        file.write(b"x")
    assert folder.unusable(tmp_path, failure.value) == (
        f"The data folder {tmp_path} cannot be written: its disk is full."
        " Fix it or set CLEARWORK_DATA."
    )


def test_a_disk_that_fills_meanwhile_is_one_line_that_says_so() -> None:
    said = "Traceback:\n  File x\nOperationalError: No space left on device\nHINT:  Check it.\n"
    assert last_error(said) == "OperationalError: No space left on device HINT: Check it."


def test_a_folder_with_other_things_is_never_used(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    assert_refused(demo(tmp_path), r"Clearwork: .*holds other things \(thesis\.txt\).*", tmp_path)


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    done = demo(tmp_path, CLEARWORK_PORT="eighty")
    assert_refused(done, r"CLEARWORK_PORT: .*", tmp_path)


def test_an_own_database_needs_its_owner_too(tmp_path: Path) -> None:
    done = demo(tmp_path, DATABASE_URL="postgresql://clearwork_app@127.0.0.1/clearwork")
    assert_refused(done, r"Clearwork: CLEARWORK_OWNER_DATABASE_URL: required .*", tmp_path)


def test_the_demo_refuses_to_run_in_production(tmp_path: Path) -> None:
    key = "k" * 50
    done = demo(
        tmp_path,
        CLEARWORK_MODE="production",
        CLEARWORK_SECRET_KEY=key,
        CLEARWORK_MASTER_KEY="A" * 43 + "=",
        DATABASE_URL="postgresql://clearwork_app@127.0.0.1/clearwork",
        CLEARWORK_URL="https://portal.example.com",
        CLEARWORK_EMAIL_URL="smtp://mail.example.com",
        CLEARWORK_TRUSTED_PROXIES="127.0.0.1",
    )
    assert_refused(done, r"Clearwork: CLEARWORK_MODE=production: .*", tmp_path)


def test_one_data_folder_has_one_demo(tmp_path: Path) -> None:
    with folder.locked(tmp_path):
        done = demo(tmp_path)
        with pytest.raises(Refusal, match="already runs"), folder.locked(tmp_path):
            pass
    assert_refused(done, r"Clearwork: Clearwork already runs with the data folder .*", tmp_path)


def test_reset_clears_the_data_folder(tmp_path: Path) -> None:
    with folder.locked(tmp_path):
        (tmp_path / "documents").mkdir()
        (tmp_path / "documents/sealed").write_bytes(b"x")
    done = demo(tmp_path, "--reset", "--force")
    assert done.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_reset_asks_first_and_an_absent_answer_is_a_no(tmp_path: Path) -> None:
    with folder.locked(tmp_path):
        (tmp_path / "documents").mkdir()
    done = demo(tmp_path, "--reset")
    assert done.returncode == 1
    assert done.stderr == "Clearwork: nothing was removed.\n"
    assert (tmp_path / "documents").exists()


def test_reset_refuses_while_the_demo_runs(tmp_path: Path) -> None:
    with folder.locked(tmp_path):
        done = demo(tmp_path, "--reset", "--force")
    assert_refused(done, r"Clearwork: .*already runs.*", tmp_path)


def test_reset_leaves_a_folder_alone_that_is_not_clearworks(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    done = demo(tmp_path, "--reset", "--force")
    assert_refused(done, r"Clearwork: .* is no data folder of Clearwork's; .*", tmp_path)
    assert (tmp_path / "thesis.txt").exists()

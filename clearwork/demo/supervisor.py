"""Starts processes, keeps them running, and leaves none behind.

Each process leads its own session, so Ctrl-C on the terminal reaches the supervisor
alone, which then ends them in order. Should the supervisor itself be killed, the
kernel ends them (PR_SET_PDEATHSIG, prctl(2)).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from clearwork.demo.children import dies_with_parent, signal_group
from clearwork.demo.console import Console

GRACE_SECONDS = 6.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.05
_LONGEST_LINE = 1024 * 1024


@dataclass(frozen=True)
class ChildProcess:
    """A process to keep running. `orphaned` is what it gets when the supervisor dies:
    SIGKILL ends it for sure; one that has children of its own needs SIGTERM to end them."""

    name: str
    command: Sequence[str]
    orphaned: signal.Signals = signal.SIGKILL


@dataclass(frozen=True)
class Backoff:
    """Seconds to wait before starting a process again, doubled while it keeps dying."""

    first: float = 0.5
    longest: float = 30.0
    healthy_after: float = 20.0

    def after(self, waited: float, lived: float) -> float:
        if lived >= self.healthy_after:
            return self.first
        return min(waited * 2, self.longest) if waited else self.first


@dataclass
class Supervisor:
    """Runs `children` until a stop signal; `run()` returns when all are gone.

    What is to be done alongside is given up then.
    """

    children: Sequence[ChildProcess]
    console: Console
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    backoff: Backoff = Backoff()
    grace: float = GRACE_SECONDS

    def run(self, *alongside: Callable[[], Awaitable[None]]) -> None:
        asyncio.run(self._run(alongside))

    async def _run(self, alongside: Sequence[Callable[[], Awaitable[None]]]) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = asyncio.Event()
        self._hurry = False
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._stop)
        tasks = [asyncio.create_task(self._keep_running(child)) for child in self.children]
        tasks += [asyncio.create_task(self._until_stopped(work())) for work in alongside]
        try:
            await asyncio.gather(*tasks)
        finally:
            self._kill_all()

    def _stop(self) -> None:
        """The first signal asks each process to end; another ends them at once."""
        self._hurry = self._stopping.is_set()
        self._stopping.set()

    async def _keep_running(self, child: ChildProcess) -> None:
        waited = 0.0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once(child)
            if self._stopping.is_set():
                return
            waited = self.backoff.after(waited, time.monotonic() - began)
            self.console.say(f"{child.name} {ending(code)}; starting it again in {waited:g} s.")
            await self._until_stopped(asyncio.sleep(waited))

    async def _run_once(self, child: ChildProcess) -> int:
        """Start `child`, relay its lines, and return its exit code once it has ended."""
        process = self._running[child.name] = self._spawn(child)
        relay = asyncio.create_task(self._relay(child.name, process))
        while process.poll() is None and not self._stopping.is_set():
            await asyncio.sleep(_POLL_SECONDS)
        await self._end(process)
        # What a process left behind would hold its port and its pipe.
        signal_group(process, signal.SIGKILL)
        await asyncio.wait({relay}, timeout=1)
        relay.cancel()
        del self._running[child.name]
        return process.returncode

    def _spawn(self, child: ChildProcess) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            start_new_session=True,
            preexec_fn=dies_with_parent(child.orphaned),  # noqa: PLW1509 - there are no threads
        )

    async def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Ask a process to stop; whoever is not gone in time is ended with its group."""
        deadline = time.monotonic() + self.grace
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        while process.poll() is None:
            if self._hurry or time.monotonic() > deadline:
                signal_group(process, signal.SIGKILL)
            await asyncio.sleep(_POLL_SECONDS)

    async def _relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        stream = asyncio.StreamReader(limit=_LONGEST_LINE)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), process.stdout)
        while not stream.at_eof():
            try:
                line = await stream.readline()
            except ValueError:
                line = b"(a line of more than 1 MiB, not shown)"
            if line:
                self.console.relay(name, line.decode(errors="replace").rstrip())

    async def _until_stopped(self, work: Awaitable[None]) -> None:
        """Await `work`, or give it up when a stop signal comes."""
        task = asyncio.ensure_future(work)
        stopping = asyncio.create_task(self._stopping.wait())
        done, pending = await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for other in pending:
            other.cancel()
        if task in done:
            task.result()

    def _kill_all(self) -> None:
        for process in self._running.values():
            signal_group(process, signal.SIGKILL)
            process.wait()


def ending(code: int) -> str:
    """How a process ended, behind its name."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"stopped (exit {code})"

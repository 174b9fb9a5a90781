"""`python -m clearwork.demo`: the whole portal on this machine; `--reset` clears its data."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

from clearwork.config import env
from clearwork.database.embedded import Server
from clearwork.demo import database, folder, ports, preparation
from clearwork.demo.console import Console
from clearwork.demo.refusal import Refusal
from clearwork.demo.supervisor import STOP_SIGNALS, ChildProcess, Supervisor

# More threads than this wait for the interpreter's lock; 8 is also a process's database pool.
_WEB_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
_ASK_AGAIN_SECONDS = 0.1


def main() -> int:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    arguments = _arguments()
    environment = env.load()
    try:
        _reset(environment, force=arguments.force) if arguments.reset else _run(environment)
    except Refusal as refusal:
        print(f"Clearwork: {refusal}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Clearwork: {folder.unusable(environment.data, error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # before the supervisor took over the signals
        print("Stopped.")
    return 0


def children(environment: env.Environment) -> list[ChildProcess]:
    """The processes that make up the portal, and the clinic it talks to."""
    python = sys.executable
    web = [python, "-m", "granian", "--interface=wsgi", f"--host={ports.HOST}"]
    web += [f"--port={environment.port}", "--workers=1", f"--blocking-threads={_WEB_THREADS}"]
    web += ["--http=1", "--no-ws", "--log-level=warning", "--workers-kill-timeout=4"]
    return [
        ChildProcess("web", [*web, "clearwork.config.wsgi:application"], signal.SIGTERM),
        ChildProcess("worker", [*preparation.MANAGE, "worker"]),
        ChildProcess("listener", [*preparation.MANAGE, "listener"]),
        ChildProcess("clinic", [python, "-m", "clearwork.demo.clinic"]),
    ]


def _run(environment: env.Environment) -> None:
    _require_sense(environment)
    console = Console()
    variables = _variables(environment)
    with ExitStack() as stack:
        stack.enter_context(folder.locked(environment.data))
        ports.require_free(_ports(environment))
        server = _prepare(environment, variables, console, stack)
        alongside = [lambda: _welcome(environment, console)]
        if server is not None:
            alongside.append(partial(database.kept, server, console))
        Supervisor(children(environment), console, variables).run(*alongside)
    console.say("Stopped.")


def _prepare(
    environment: env.Environment,
    variables: Mapping[str, str],
    console: Console,
    stack: ExitStack,
) -> Server | None:
    """The embedded server, where there is one."""
    data, digest = environment.data, preparation.database_digest()
    server, filled = None, ""
    where = "the server of DATABASE_URL" if environment.database_url else "in the data folder"
    with console.step(f"PostgreSQL: {where}"):
        if not environment.database_url:
            server = stack.enter_context(database.running(data))
            filled = database.filled_with(data)
    with console.step("Gathering static files"):
        preparation.collect_static(data, variables)
    with console.step("Preparing the database and the demo network"):
        if filled != digest:
            preparation.fill_database(data, variables)
            if not environment.database_url:
                database.mark_filled(data, digest)
    return server


async def _welcome(environment: env.Environment, console: Console) -> None:
    with console.step("Starting web, worker, listener and the demo clinic"):
        while not await _answers(environment.port):
            await asyncio.sleep(_ASK_AGAIN_SECONDS)
    console.say(f"\nClearwork is ready: {environment.address}\n")
    for line in preparation.ready_accounts(environment.data):
        console.say(f"  {line}")
    if not environment.email_url:
        console.say(f"\nMails are files in {environment.data / 'mail'}")
    if not environment.sms_sender:
        console.say(f"Text messages are files in {environment.data / 'texts'}")
    console.say("\nCtrl-C stops it.")


async def _answers(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(ports.HOST, port)
    except OSError:
        return False
    request = f"GET /healthz HTTP/1.1\r\nHost: {ports.HOST}\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    status = await reader.readline()
    writer.close()
    return status.startswith(b"HTTP/1.1 200")


def _require_sense(environment: env.Environment) -> None:
    if environment.mode == "production":
        raise Refusal(
            "CLEARWORK_MODE=production: the demo makes accounts whose passwords are public."
            " Unset it, or see docs/operations.md."
        )
    if environment.database_url and not environment.owner_database_url:
        raise Refusal(
            "CLEARWORK_OWNER_DATABASE_URL: required with DATABASE_URL. Fix: "
            f"{env.Environment.model_fields['owner_database_url'].description}"
        )


def _ports(environment: env.Environment) -> dict[str, int]:
    return {
        "CLEARWORK_PORT": environment.port,
        "CLEARWORK_MLLP_PORT": environment.mllp_port,
        "CLEARWORK_CLINIC_PORT": environment.clinic_port,
    }


def _variables(environment: env.Environment) -> dict[str, str]:
    own = {
        "CLEARWORK_DATA": str(environment.data.resolve()),
        "DJANGO_SETTINGS_MODULE": "clearwork.config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    return {**os.environ, **own}


def _reset(environment: env.Environment, *, force: bool) -> None:
    data = environment.data
    if not data.exists():
        print(f"Nothing to clear: {data} does not exist.")
        return
    if not folder.is_ours(data):
        raise Refusal(f"{data} is no data folder of Clearwork's; nothing was removed.")
    with folder.locked(data):
        if not force and not _confirmed(f"Remove everything in {data}? [y/N] "):
            raise Refusal("nothing was removed.")
        folder.clear(data)
    print(f"Cleared {data}.")


def _confirmed(question: str) -> bool:
    try:
        return input(question).strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m clearwork.demo", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="clear the data folder")
    parser.add_argument("--force", action="store_true", help="do not ask before clearing")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

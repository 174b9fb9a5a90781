"""Run the demo clinic: `python -m clearwork.demo.clinic`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sqlite3
from pathlib import Path

from clearwork.demo.clinic import sender
from clearwork.demo.clinic.listener import Listener
from clearwork.demo.clinic.store import Store
from clearwork.demo.clinic.timeline import Timeline

log = logging.getLogger("clearwork.demo.clinic")
DATA = Path(__file__).parents[3] / "var"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m clearwork.demo.clinic", description=__doc__)
    data = Path(os.environ.get("CLEARWORK_DATA") or DATA)
    port = os.environ.get("CLEARWORK_CLINIC_PORT", "2576")
    portal_port = os.environ.get("CLEARWORK_MLLP_PORT", "2575")
    parser.add_argument("--port", type=int, default=port, help="where orders arrive")
    parser.add_argument("--portal-port", type=int, default=portal_port, help="where results go")
    parser.add_argument("--state", type=Path, default=data / "clinic", help="folder of its records")
    parser.add_argument(
        "--pace", type=float, default=1.0, help="1: results after 9 s; 2: twice as slow; 0: at once"
    )
    parser.add_argument("--no-results", action="store_true", help="acknowledge orders, do no more")
    return parser.parse_args()


async def serve(chosen: argparse.Namespace, store: Store) -> None:
    """Listen, advance orders and send, until cancelled."""
    lanes = [sender.Lane(index, store, chosen.portal_port) for index in range(sender.LANES)]

    def wake_lanes() -> None:
        for lane in lanes:
            lane.woken.set()

    timeline = Timeline(store, chosen.pace, sender.lane_of, wake_lanes)
    schedule = (lambda _: None) if chosen.no_results else timeline.first_due
    server = await Listener(store, schedule, timeline.woken.set).start(chosen.port)
    log.info(
        "demo clinic takes orders at 127.0.0.1:%d, reports to 127.0.0.1:%d",
        chosen.port,
        chosen.portal_port,
    )
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(timeline.run())
            for lane in lanes:
                group.create_task(lane.run())
    finally:
        server.close()


async def until_told(chosen: argparse.Namespace, store: Store) -> None:
    running = asyncio.ensure_future(serve(chosen, store))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        log.info("demo clinic stopped")


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s clinic: %(message)s")
    chosen = options()
    try:
        store = Store(chosen.state)
    except (OSError, sqlite3.Error) as error:
        reason = f"cannot keep its records in {chosen.state}: {error}"
        raise SystemExit(f"demo clinic: {reason}") from error
    try:
        asyncio.run(until_told(chosen, store))
    except OSError as error:
        raise SystemExit(
            f"demo clinic: port {chosen.port}: {error.strerror}. Fix: set CLEARWORK_CLINIC_PORT."
        ) from error
    finally:
        store.close()


if __name__ == "__main__":
    main()

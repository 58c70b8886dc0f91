"""What runs until somebody stops it: `serve` and `demo`."""

import asyncio
import logging
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from starlette.applications import Starlette

from bot import demo as demonstration
from bot.app import at_work, beside_sending, build_app, set_up
from bot.cli.console import DOWN, log_to_stderr, out, private
from bot.running import Running
from bot.settings import read_settings
from storage.sealed import KeyRing

log = logging.getLogger(__name__)

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 finds a free one.")]


def serve(
    *,
    web: Annotated[bool, typer.Option("--web", help="Take webhooks.")] = False,
    sender: Annotated[bool, typer.Option("--sender", help="Send, and answer what waits.")] = False,
    scheduler: Annotated[bool, typer.Option("--scheduler", help="Tidy up behind senders that died.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Run the bot. Without a flag everything in one process; with flags only those parts of it."""
    everything = not (web or sender or scheduler)
    settings = read_settings()
    log_to_stderr(settings.log_level)
    door = bound(host, port) if everything or web else None
    alone = everything and settings.database_url.startswith("sqlite")
    with private():
        running = set_up(settings, sends=everything or sender, ticks=everything or scheduler, alone=alone)
    if door:
        log.info("listening on %s", address_of(door))
        listen(build_app(settings, running), door)
    else:
        asyncio.run(work_without_web(running))


def demo(
    *,
    port: Port = 8080,
    season: Annotated[bool, typer.Option("--season", help="Begin after a whole season, with full books.")] = False,
    seed_only: Annotated[bool, typer.Option("--seed-only", help="Write that season and stop.")] = False,
    path: Annotated[Path, typer.Option(help="The SQLite file; it is emptied.")] = Path("data/demo.db"),
) -> None:
    """Show the bot with six phones and a clock in a browser; nothing leaves this machine."""
    log_to_stderr("WARNING")
    demand_ours(path)
    if seed_only:
        write_season(path)
        return
    door = bound("127.0.0.1", port)
    world = demonstration.set_up(path, pages=address_of(door), season=season)
    out.print(f"\n  JagaLapak demo: [bold]{address_of(door)}/[/]   (Ctrl+C stops it)\n")
    listen(demonstration.build_app(world), door, leaving=world.hub.close)


def write_season(path: Path) -> None:
    """The fictional association's season, and how to look into it: its keys are no secret."""
    keys = KeyRing.generate()
    demonstration.set_up(path, season=True, keys=keys).running.database.close()
    out.print(f"The fictional association's season is in {path}. To look into it, begin a line with", soft_wrap=True)
    out.print(f"DATABASE_URL=sqlite:///{path} SECRET_KEYS={keys}", soft_wrap=True, markup=False)


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `typer.BadParameter`."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        fault = str(error.strerror).partition(" (")[0]
        why = f"{host}:{port} cannot be used: {fault}. Another one, as in --port {port % 65535 + 1}, may do."
        raise typer.BadParameter(why, param_hint="--port") from error


def address_of(door: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A server that says so when it is about to stop: streams that never end by themselves are ended then."""

    def __init__(self, config: uvicorn.Config, leaving: Callable[[], None]) -> None:
        super().__init__(config)
        self.leaving = leaving

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, once whoever keeps streams open knows."""
        self.leaving()
        await super().shutdown(sockets)


def listen(app: Starlette, door: socket.socket, leaving: Callable[[], None] = lambda: None) -> None:
    """Serve until stopped. Its log goes the way of ours, where nobody's words are printed."""
    config = uvicorn.Config(app, log_level="warning", log_config=None, access_log=False, timeout_graceful_shutdown=20)
    server = Server(config, leaving)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[door])
    if not server.started:
        raise typer.Exit(DOWN)


async def work_without_web(running: Running) -> None:
    """Send or tidy until somebody stops it (SIGINT, SIGTERM)."""
    stopped = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    async with at_work(running, beside_sending(running)):
        await stopped.wait()


def demand_ours(path: Path) -> None:
    """A file that is about to be emptied holds nothing but a demonstration. Raises `typer.BadParameter`."""
    if path.exists() and not is_demonstration(path):
        why = f"{path} holds something other than a demonstration, and the demonstration would empty it."
        raise typer.BadParameter(why, param_hint="--path")


def is_demonstration(path: Path) -> bool:
    """True for an SQLite file in which the fictional association is alone."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            names = {name for (name,) in file.execute("SELECT name FROM association")}
    except sqlite3.Error:
        return False
    return names <= {demonstration.NAME}

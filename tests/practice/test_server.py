"""The casino as a process: played through a real WebSocket, killed and started again, asked nonsense."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from bot.practice.__main__ import main
from bot.practice.law import seed_hash, verify
from bot.practice.ledger import lock_ledger
from tests.practice.casinos import Running, running, wait_until
from tests.practice.houses import assert_book_balances, rows

BOUND_S = 30.0
Message = dict[str, object]
Socket = aiohttp.ClientWebSocketResponse
Visit = Callable[[aiohttp.ClientSession, Socket], Awaitable[None]]


async def hear(socket: Socket, *kinds: str) -> Message:
    """The next message of one of these kinds."""
    async with asyncio.timeout(BOUND_S):
        while True:
            message: Message = json.loads(await socket.receive_str())
            if message["t"] in kinds:
                return message


def at_table(port: object, visit: Visit, table: str = "aviator") -> None:
    """Sit down at a table as a page does."""

    async def sit() -> None:
        async with (
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
            session.ws_connect(f"/ws/{table}") as socket,
        ):
            await visit(session, socket)

    asyncio.run(sit())


def start(ledger: Path, *more: str, port: object = 0, speed: str = "20") -> tuple[str, ...]:
    """Arguments of a casino whose first rounds are short: with seed 254 aviator stays below 2.6x."""
    return ("casino", "--ledger", str(ledger), "--port", str(port), "--speed", speed, "--seed", "254", *more)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_bet_goes_from_the_socket_to_the_book_and_back(ledger: Path) -> None:
    async def visit(session: aiohttp.ClientSession, socket: Socket) -> None:
        hello = await hear(socket, "hello")
        assert (hello["table"], hello["balance"], hello["nonce"]) == ("aviator", 1_000_000, 77)
        betting = await hear(socket, "betting")
        await socket.send_json({"t": "bet", "panel": 1, "stake": 250, "target": 130})
        accepted = await hear(socket, "bet_ok", "bet_refused")
        assert accepted == {"t": "bet_ok", "panel": 1, "stake": 250, "target": 130}
        assert (await hear(socket, "balance"))["balance"] == 999_750
        assert (await hear(socket, "bet_open"))["panel"] == 1
        crash_or_win = await hear(socket, "bet_won", "crash")
        crash = crash_or_win if crash_or_win["t"] == "crash" else await hear(socket, "crash")
        assert crash["round"] == betting["round"]
        bet = rows(ledger, "SELECT * FROM bets")[0]
        assert bet["state"] == ("won" if int(str(crash["m"])) >= 130 else "lost")

    with running(*start(ledger, "--nonce", "77", speed="5")) as casino:
        at_table(casino.wait_for("listening")["port"], visit)
    assert_book_balances(ledger)


def test_seeds_stay_secret_until_the_crash_and_then_verify(ledger: Path) -> None:
    async def visit(session: aiohttp.ClientSession, socket: Socket) -> None:
        betting = await hear(socket, "betting")
        query = {"table": "aviator", "round": str(betting["round"])}
        async with session.get("/api/round", params=query) as answer:
            data = await answer.json()
        if data["state"] != "crashed":
            assert data["crash"] is None and data["server_seed"] is None and data["client_seeds"] is None
        crash = await hear(socket, "crash")
        async with session.get("/api/round", params=query) as answer:
            data = await answer.json()
        assert data["crash"] == crash["m"]
        assert seed_hash(data["server_seed"]) == betting["seed_hash"] == data["seed_hash"]
        clients = tuple(data["client_seeds"])
        assert verify(data["server_seed"], clients, data["label"], data["rtp_basis_points"]) == crash["m"]

    with running(*start(ledger, speed="5")) as casino:
        at_table(casino.wait_for("listening")["port"], visit)


@pytest.mark.parametrize("moment", ["bet_ok", "bet_open"])
def test_a_killed_casino_settles_the_bets_on_its_table_when_it_is_back(ledger: Path, moment: str) -> None:
    def play_until_killed(casino: Running) -> object:
        port = casino.wait_for("listening")["port"]

        async def visit(session: aiohttp.ClientSession, socket: Socket) -> None:
            await hear(socket, "betting")
            await socket.send_json({"t": "bet", "panel": 0, "stake": 1000, "target": 5_000})
            await hear(socket, moment)
            os.kill(casino.process.pid, signal.SIGKILL)

        at_table(port, visit)
        casino.process.wait()
        return port

    with running(*start(ledger, "--tables", "aviator", speed="4")) as casino:
        port = play_until_killed(casino)
    left = rows(ledger, "SELECT r.* FROM rounds r JOIN bets b ON b.round_id=r.id")[0]
    assert_book_balances(ledger)

    async def look(session: aiohttp.ClientSession, socket: Socket) -> None:
        hello = await hear(socket, "hello")
        history = hello["history"]
        assert isinstance(history, list) and left["crash_multiplier"] in history

    with running(*start(ledger, "--tables", "aviator", port=port, speed="4")) as casino:
        assert casino.wait_for("listening")["port"] == port
        wait_until(lambda: rows(ledger, "SELECT state FROM rounds WHERE id=?", left["id"])[0][0] == "crashed")
        at_table(port, look)
    bet = rows(ledger, "SELECT * FROM bets")[0]
    assert bet["state"] == ("won" if left["crash_multiplier"] >= 5_000 else "lost")
    assert_book_balances(ledger)


def test_nonsense_from_a_page_is_ignored_and_the_table_goes_on(ledger: Path) -> None:
    async def visit(session: aiohttp.ClientSession, socket: Socket) -> None:
        for text in ("", "{", "[]", "3", '{"t": null}', '{"t": "bet"}', "[" * 5_000, '{"t":"click"}',
                     '{"t":"click","screen_x":1e999,"screen_y":0,"at_ms":0}'):  # fmt: skip
            await socket.send_str(text)
        assert (await hear(socket, "bet_refused"))["reason"] == "bad_request"
        await hear(socket, "betting")
        await hear(socket, "crash")

    with running(*start(ledger, "--tables", "aviator")) as casino:
        at_table(casino.wait_for("listening")["port"], visit)
    assert rows(ledger, "SELECT * FROM page_clicks") == []


def test_clicks_of_a_page_are_noted_with_its_boxes(ledger: Path) -> None:
    boxes = {"p0_button": [10.5, 20.0, 30.0, 40.0]}

    async def visit(session: aiohttp.ClientSession, socket: Socket) -> None:
        await socket.send_json({
            "t": "click", "screen_x": 12.5, "screen_y": 33, "element": "p0_button", "trusted": True,
            "at_ms": 1_767_225_600_123, "boxes": boxes,
        })  # fmt: skip
        wait_until(lambda: rows(ledger, "SELECT * FROM page_clicks"))

    with running(*start(ledger, "--tables", "aviator")) as casino:
        at_table(casino.wait_for("listening")["port"], visit)
    click = rows(ledger, "SELECT * FROM page_clicks")[0]
    assert (click["table_name"], click["screen_x"], click["screen_y"]) == ("aviator", 12.5, 33.0)
    assert (click["element"], click["trusted"], click["at_ms"]) == ("p0_button", 1, 1_767_225_600_123)
    assert json.loads(click["boxes"]) == boxes


def test_pages_of_others_may_not_play_and_unknown_places_are_not_there(ledger: Path) -> None:
    async def ask(port: object) -> None:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            for path in ("/table/roulette", "/ws/roulette", "/api/round?table=roulette", "/pages/../law.py"):
                async with session.get(path) as answer:
                    assert answer.status == 404, path
            async with session.get("/api/round?table=aviator&round=one") as answer:
                assert answer.status == 400
            foreign = {"Origin": "http://example.org"}
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect("/ws/aviator", headers=foreign)
            assert refused.value.status == 403
            async with session.get("/api/lobby") as answer:
                names = [table["name"] for table in (await answer.json())["tables"]]
                assert names == ["aviator", "jetx", "jetx-2"]

    with running(*start(ledger, "--tables", "aviator,jetx,jetx@sr")) as casino:
        asyncio.run(ask(casino.wait_for("listening")["port"]))


def refusal(*arguments: str) -> tuple[int, Message]:
    """How a casino that cannot start ends: exit code and its one line."""
    with running(*arguments) as casino:
        error = casino.wait_for("error")
        return casino.process.wait(20), error


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (("--tables", "roulette"), "aviator, aviatrix, jetx"),
        (("--speed", "0"), "0.1 and 50"),
        (("--speed", "nan"), "0.1 and 50"),
        (("--faults", "flood"), "bet_refused"),
        (("--rtp", "1.2"), "0.5 and 1"),
        (("--rtp", "much"), "0.5 and 1"),
        (("--port", "70000"), "65535"),
        (("--nonce", "-1"), "24-bit"),
        (("--tables", "jetx@de"), "en, sr"),
    ],
)
def test_wrong_options_end_with_one_clear_line(
    ledger: Path, wrong: tuple[str, str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["casino", "--ledger", str(ledger), *wrong]) == 3
    error = json.loads(capsys.readouterr().out)
    assert error["kind"] == "bad_option" and named in str(error["message"])


def test_a_taken_port_and_a_used_ledger_are_named(ledger: Path, tmp_path: Path) -> None:
    with running(*start(ledger)) as casino:
        port = casino.wait_for("listening")["port"]
        code, error = refusal(*start(tmp_path / "other.db", port=port))
        assert code == 3 and error["kind"] == "port_taken" and str(port) in str(error["message"])
        code, error = refusal(*start(ledger))
        assert code == 3 and error["kind"] == "ledger" and "another casino" in str(error["message"])
    lock_ledger(ledger).close()

"""Where observed time comes from: this very machine, and a time server that answers on a real socket."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.clock import NS_PER_S, ManualClock
from bot.domain.errors import BadInput, MissingPart
from bot.limits import ExclusionKind, RealityCheck, SntpClient, SystemMachineTime
from bot.limits.outside_time import check_server
from tests.limits.guarded import DAY_S, Home, Outside

ERA_0_S = 2_208_988_800
SHOW = (
    "from bot.limits import SystemMachineTime\n"
    "r = SystemMachineTime().read()\n"
    "print(r.boot_id, r.since_boot_ns, sep='|')"
)


# -- this machine -------------------------------------------------------------------------------------------


def test_the_machines_time_grows_within_one_boot() -> None:
    machine = SystemMachineTime()
    first = machine.read()
    second = machine.read()
    assert first.boot_id == second.boot_id
    assert second.since_boot_ns >= first.since_boot_ns


@pytest.mark.skipif(sys.platform != "linux", reason="boots are told apart by the kernel's own name for them")
def test_processes_of_one_boot_share_its_time() -> None:
    here = SystemMachineTime().read()
    told = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True).stdout
    boot_id, since = told.strip().split("|")
    assert boot_id == here.boot_id
    assert int(since) >= here.since_boot_ns


def test_a_time_namespace_is_another_boot() -> None:
    """Anybody may start a process whose clock since boot is days ahead; its time joins no other's."""
    words = ["unshare", "--user", "--map-root-user", "--time", "--boottime", "864000"]
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        pytest.skip("this system makes no time namespaces")
    told = subprocess.run([*words, sys.executable, "-c", SHOW], capture_output=True, text=True, check=True)
    boot_id, since = told.stdout.strip().split("|")
    assert int(since) > 864_000 * NS_PER_S
    assert boot_id != SystemMachineTime().read().boot_id


# -- a time server ------------------------------------------------------------------------------------------


def packet(question: bytes, utc_s: int, **wrong: int | bytes) -> bytes:
    """An answer as RFC 4330 has it, right but for what is given."""
    first = (int(wrong.get("warning", 0)) << 6) | (4 << 3) | int(wrong.get("mode", 4))
    origin = bytes(wrong.get("origin", question[40:48]))
    seconds = (utc_s + ERA_0_S) % 2**32
    return (
        bytes([first, int(wrong.get("stratum", 2)), 6, 0xE9])
        + bytes(20)
        + origin
        + bytes(8)
        + struct.pack("!II", seconds, 2**31)
    )


@contextmanager
def server(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A server on this machine; its address as a person would name it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind(("127.0.0.1", 0))
        channel.settimeout(0.05)
        leave = threading.Event()

        def serve() -> None:
            while not leave.is_set():
                try:
                    question, sender = channel.recvfrom(1_024)
                except TimeoutError:
                    continue
                told = answer(question)
                if told is not None:
                    channel.sendto(told, sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{channel.getsockname()[1]}"
        finally:
            leave.set()
            thread.join()


@pytest.mark.parametrize("utc_s", [0, 1_790_000_000, 2_085_978_495, 2_085_978_496, 3_000_000_000])
def test_a_server_tells_the_time_also_after_2036(utc_s: int) -> None:
    with server(lambda question: packet(question, utc_s)) as name:
        assert SntpClient().ask(name) == utc_s * NS_PER_S + NS_PER_S // 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"origin": bytes(8)}, "not to our question"),
        ({"mode": 3}, "not to our question"),
        ({"warning": 3}, "does not know the time"),
        ({"stratum": 0}, "does not know the time"),
        ({"stratum": 16}, "does not know the time"),
    ],
)
def test_answers_that_are_not_to_the_question_are_not_believed(wrong: dict[str, int], words: str) -> None:
    answering = server(lambda question: packet(question, 10**9, **wrong))
    with answering as name, pytest.raises(MissingPart, match=words):
        SntpClient().ask(name)


def test_a_short_answer_and_silence_are_said() -> None:
    with server(lambda question: b"hello") as name, pytest.raises(MissingPart, match="no time server"):
        SntpClient().ask(name)
    with server(lambda question: None) as name, pytest.raises(MissingPart, match="does not answer"):
        SntpClient(timeout_s=0.1).ask(name)


@pytest.mark.parametrize("text", ["", "a b", "host:", "host:x", ":123", "host:70000"])
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no time server"):
        check_server(text)


# -- what it is worth ---------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def believing(home: Home) -> None:
    book = home.book()
    book.name_time_server("time.example")
    home.machine.pass_(DAY_S)
    assert book.confirm_time_server()


def test_a_server_is_believed_after_a_day_and_a_confirmation_only(home: Home) -> None:
    book, outside = home.book(), Outside(home.machine)
    book.name_time_server("time.example")
    assert book.hear(outside) == 0
    home.machine.pass_(DAY_S - 1)
    assert not book.confirm_time_server()
    home.machine.pass_(1)
    assert book.confirm_time_server()
    assert book.state().decisions.time_server == "time.example"
    book.name_time_server("another.example")
    assert not book.confirm_time_server()
    assert book.state().decisions.time_server == "time.example"


def test_time_while_the_machine_was_off_is_confirmed_from_outside(home: Home) -> None:
    believing(home)
    outside = Outside(home.machine)
    assert home.book().hear(outside) == 0  # the mark from which it counts
    home.machine.reboot(off_s=5 * DAY_S)
    book = home.book()
    assert book.hear(outside) == 5 * DAY_S * NS_PER_S
    assert book.now_ns() == home.machine.real_s * NS_PER_S
    assert book.hear(outside) == 0


def test_slow_answers_give_less_and_never_more_than_passed(home: Home) -> None:
    believing(home)
    outside = Outside(home.machine, takes_s=3)
    for _ in range(10):
        home.book().hear(outside)
        home.machine.reboot(off_s=3_600)
        book = home.book()
        book.hear(outside)
        assert book.now_ns() <= home.machine.real_s * NS_PER_S
    assert book.now_ns() >= (home.machine.real_s - 200) * NS_PER_S


def test_a_server_that_goes_back_takes_nothing_away(home: Home) -> None:
    believing(home)
    outside = Outside(home.machine)
    book = home.book()
    book.hear(outside)
    before = book.now_ns()
    outside.off_s = -30 * DAY_S
    assert book.hear(outside) == 0
    assert book.now_ns() == before


def test_another_server_counts_from_its_own_first_word(home: Home) -> None:
    believing(home)
    outside = Outside(home.machine)
    book = home.book()
    book.hear(outside)
    book.name_time_server("ahead.example")
    home.machine.pass_(DAY_S)
    assert book.confirm_time_server()
    outside.off_s = 1_000 * DAY_S
    assert book.hear(outside) == 0
    book.name_time_server(None)
    assert book.state().decisions.time_server is None and book.hear(outside) == 0


# -- the reality check --------------------------------------------------------------------------------------


def test_a_reality_check_comes_once_each_interval_with_the_facts() -> None:
    clock = ManualClock()
    check = RealityCheck(clock, "EUR")
    assert check.due(0, 0, Decimal("0.97")) is None
    clock.advance(15 * 60)
    words = check.due(-450, 30_000, Decimal("0.97"))
    assert words is not None
    assert "15 minutes, result -4.50 EUR on stakes of 300.00; on average such stakes lose 9.00" in words
    assert "Gambling Therapy" in words and "://" not in words
    assert check.due(-450, 30_000, Decimal("0.97")) is None
    clock.advance(40 * 60)
    assert check.due(100, 0, Decimal("0.97")) is not None
    assert check.due(100, 0, Decimal("0.97")) is None


@pytest.mark.parametrize("minutes", [0, -1, 31])
def test_a_reality_check_cannot_be_put_off(minutes: int) -> None:
    with pytest.raises(BadInput, match="every 1 to 30 minutes"):
        RealityCheck(ManualClock(), "EUR", minutes)


def test_time_that_passed_before_a_wait_began_is_not_counted_for_it(home: Home) -> None:
    believing(home)
    outside = Outside(home.machine)
    home.book().hear(outside)
    home.machine.reboot(off_s=2 * DAY_S)
    book = home.book()
    book.exclude(ExclusionKind.COOL_OFF, DAY_S * NS_PER_S)
    assert book.hear(outside) == 0  # only a new mark: those days had passed before
    assert book.exclusion() is not None
    home.machine.pass_(60)
    book.hear(outside)
    home.machine.reboot(off_s=2 * DAY_S)
    again = home.book()
    assert again.hear(outside) > 0
    assert again.exclusion() is None

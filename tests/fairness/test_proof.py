"""Provably-fair rounds are recomputed: test vectors, known rounds, and the practice casino itself."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import BadInput
from bot.fairness import verify_aviator, verify_bustabit, verify_ledger, verify_practice
from bot.fairness.proof import (
    BUSTABIT_HASH,
    BUSTABIT_SALT,
    aviator_crash,
    aviator_digest,
    bustabit_crash,
    practice_crash,
)
from bot.practice.clock import JumpingClock
from bot.practice.law import Dealer, seed_hash, verify
from bot.practice.ledger import Ledger

SERVER = "vSSynkqwJs0Xb2FyBepkJtpKRMNznVRnYn0fRZgo"
CLIENTS = ("qwy76VQdpuoH4hYf0RZG", "8ND3oMd994A9bMbp44Qq", "gIM4DNcrRzwwkidyesaq")


def test_aviator_digest_is_that_of_the_test_vector() -> None:
    assert aviator_digest(SERVER, CLIENTS).startswith("ffad8e45ec1b0918")


@pytest.mark.parametrize(("digits", "crash"), [("f0fbffc79944c", 1_653), ("f2868c9116e73", 1_842)])
def test_aviator_multipliers_are_those_of_known_rounds(digits: str, crash: int) -> None:
    assert aviator_crash(digits) == crash


def test_lowest_and_highest_aviator_digests_stay_in_bounds() -> None:
    assert aviator_crash("0" * 13) == 100
    assert aviator_crash("f" * 13) == 97 << 52


def test_an_aviator_round_is_marked_as_reconstructed() -> None:
    seed_hash_shown = hashlib.sha256(SERVER.encode()).hexdigest()
    proof = verify_aviator(SERVER, CLIENTS, 77_106, seed_hash_shown)
    assert proof.verified
    assert len(proof.checks) == 2
    assert proof.note is not None
    assert proof.note.startswith("reconstructed")
    assert not verify_aviator(SERVER, CLIENTS, 77_107).verified
    assert not verify_aviator(SERVER, CLIENTS, 77_106, "0" * 64).verified


@pytest.mark.parametrize("clients", [(), CLIENTS[:2], (*CLIENTS, "one more"), ("", *CLIENTS[:2])])
def test_aviator_takes_three_seeds(clients: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="3 times"):
        verify_aviator(SERVER, clients)


def test_bustabit_crash_is_the_published_formula() -> None:
    raw = bytes.fromhex(BUSTABIT_HASH)
    digest = hmac.new(BUSTABIT_SALT.encode(), raw, hashlib.sha256).hexdigest()
    x = int(digest[:13], 16) / 2**52
    assert bustabit_crash(BUSTABIT_HASH) == max(100, int(99 / (1 - x))) == 131
    assert verify_bustabit(BUSTABIT_HASH, 131).verified
    assert not verify_bustabit(BUSTABIT_HASH, 132).verified


@pytest.mark.parametrize("text", ["", "79f6", "z" * 64, "0" * 63, "0" * 66])
def test_hashes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="64 hexadecimal digits"):
        verify_bustabit(text)


@given(
    seed=st.binary(min_size=32, max_size=32),
    clients=st.lists(st.text(alphabet="0123456789abcdef", min_size=1), min_size=1, max_size=4),
    number=st.integers(1, 10**6),
    rtp=st.integers(5_000, 9_999),
)
def test_the_rule_of_the_practice_casino_gives_what_the_casino_gives(
    seed: bytes, clients: list[str], number: int, rtp: int
) -> None:
    label = f"aviator/{number}"
    crash = verify(seed.hex(), tuple(clients), label, rtp)
    assert practice_crash(seed.hex(), clients, label, rtp) == crash
    assert verify_practice(seed.hex(), clients, label, rtp, crash, seed_hash(seed.hex())).verified
    assert not verify_practice(seed.hex(), clients, label, rtp, crash + 1).verified


@pytest.mark.parametrize(("label", "rtp"), [("aviator", 9_700), ("aviator/0", 9_700), ("aviator/1", 10_000)])
def test_labels_and_returns_that_cannot_be_are_refused(label: str, rtp: int) -> None:
    with pytest.raises(BadInput, match=r"--label|--rtp"):
        verify_practice("00" * 32, ["a"], label, rtp)


def ledger_with(path: Path, rounds: int, rtp: int = 9_700) -> Path:
    """A ledger as the casino writes it, two tables taking turns, the last round not over."""
    ledger, dealer = Ledger(path, JumpingClock()), Dealer("7", rtp)
    ledger.set_meta("rtp_basis_points", str(rtp))
    ledger.open_account("a", "USD", top_up=True)
    for index, name in enumerate(("aviator", "jetx")):
        ledger.open_table(name, name, index, "a", "USD", "en", 10, 50_000)
    for number in range(rounds):
        table, round_id = ("aviator", "jetx")[number % 2], ledger.next_round_id()
        ledger.open_round(round_id, table, dealer.draw(f"{table}/{number // 2 + 1}"))
        if number < rounds - 1:
            ledger.take_off(round_id)
            ledger.crash(round_id)
    ledger.close()
    return path


def test_every_round_of_a_casinos_ledger_holds(tmp_path: Path) -> None:
    found = verify_ledger(ledger_with(tmp_path / "ledger.db", 41))
    assert found.verified
    assert (found.rounds, found.open, found.rtp_basis_points) == (40, 1, 9_700)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE rounds SET crash_multiplier = crash_multiplier + 1 WHERE id = 5", "the ledger says"),
        ("UPDATE rounds SET seed_hash = 'ab' WHERE id = 5", "not the one that was committed to"),
        ("UPDATE rounds SET server_seed = 'rubbish' WHERE id = 5", "cannot be read"),
        ("UPDATE rounds SET client_seeds = '{' WHERE id = 5", "cannot be read"),
    ],
)
def test_a_round_that_was_changed_is_found(tmp_path: Path, change: str, why: str) -> None:
    path = ledger_with(tmp_path / "ledger.db", 11)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(change)
    found = verify_ledger(path)
    assert not found.verified
    assert [(each.round_id, why in each.why) for each in found.failed] == [(5, True)]


def test_a_round_that_was_taken_out_shifts_the_labels_behind_it(tmp_path: Path) -> None:
    path = ledger_with(tmp_path / "ledger.db", 11)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM rounds WHERE id = 3")
    assert [each.round_id for each in verify_ledger(path).failed] == [5, 7, 9]


def test_files_that_are_no_ledger_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(b"no database at all" * 100)
    for path in (tmp_path / "nothing.db", other):
        with pytest.raises(BadInput, match="ledger"):
            verify_ledger(path)

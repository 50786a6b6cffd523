"""bustabit's chain is rebuilt whole: 2,729,956 real rounds follow from one line."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from bot.domain.errors import BadInput
from bot.fairness import Chain, Verdict, quality_of, verify_chain
from bot.fairness.chain import CHUNK, crashes_of, walk
from bot.fairness.proof import BUSTABIT_END, BUSTABIT_GAME, BUSTABIT_HASH, BUSTABIT_SALT, bustabit_crash


@cache
def whole_chain() -> Chain:
    return verify_chain(BUSTABIT_HASH, BUSTABIT_END, BUSTABIT_GAME)


def back(start: str, games: int) -> str:
    for _ in range(games):
        start = hashlib.sha256(start.encode()).hexdigest()
    return start


def test_the_whole_public_chain_is_rebuilt_and_ends_where_it_must() -> None:
    found = whole_chain()
    assert found.verified
    assert found.games == BUSTABIT_GAME
    assert found.to_json()["multiplier"] == "1.31"


def test_the_house_edge_of_the_public_rounds_is_1_percent() -> None:
    edge = whole_chain().to_json()["house_edge"]
    assert edge["low"] < 0.01 < edge["high"]
    assert edge["high"] - edge["low"] < 0.001


def test_the_public_rounds_are_sound() -> None:
    """The first 300,000 of them, oldest first, judged with and without their return."""
    crashes = whole_chain().crashes[::-1][:300_000]
    assert quality_of(crashes, rtp=0.99).verdict is Verdict.SOUND
    assert quality_of(crashes).verdict is Verdict.SOUND


def test_results_of_many_are_those_of_each(seed: int = 3) -> None:
    hashes = [hashlib.sha256(f"{seed}/{n}".encode()).digest() for n in range(500)]
    many = np.frombuffer(crashes_of(b"".join(hashes), BUSTABIT_SALT.encode()), dtype=np.int64)
    assert many.tolist() == [bustabit_crash(each.hex()) for each in hashes]


def test_a_short_chain_names_its_games_newest_first() -> None:
    found = verify_chain(BUSTABIT_HASH, back(BUSTABIT_HASH, 3), 3)
    assert found.verified
    assert found.crashes.tolist() == [bustabit_crash(back(BUSTABIT_HASH, n)) for n in range(3)]


def test_a_chain_longer_than_one_chunk_loses_nothing_between_them() -> None:
    games, told = CHUNK + 10, list[int]()
    found = verify_chain(BUSTABIT_HASH, back(BUSTABIT_HASH, games), games, progress=told.append)
    assert found.verified
    assert told == [CHUNK, 2 * CHUNK]
    assert int(found.crashes[CHUNK]) == bustabit_crash(back(BUSTABIT_HASH, CHUNK))


def test_an_end_that_does_not_come_is_not_verified() -> None:
    found = verify_chain(BUSTABIT_HASH, "00" * 32, 50)
    assert not found.verified
    assert found.games == 50


def test_an_end_that_comes_too_early_is_not_verified() -> None:
    found = verify_chain(BUSTABIT_HASH, back(BUSTABIT_HASH, 20), 50)
    assert found.reached
    assert not found.verified
    assert found.games == 20


def test_the_walk_hands_over_every_hash_once() -> None:
    parts = list(walk(bytes.fromhex(BUSTABIT_HASH), None, 70))
    assert [last for _, last in parts] == [False]
    assert parts[0][0] == b"".join(bytes.fromhex(back(BUSTABIT_HASH, n)) for n in range(70))


@pytest.mark.parametrize(
    ("start", "until", "game"), [("xy", "00" * 32, 1), ("00" * 32, "1", 1), ("00" * 32, "00" * 32, 0)]
)
def test_bad_hashes_and_numbers_are_refused(start: str, until: str, game: int) -> None:
    with pytest.raises(BadInput, match=r"--hash|--until|--game"):
        verify_chain(start, until, game)

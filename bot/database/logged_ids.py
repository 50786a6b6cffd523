"""Identifiers of what is logged: the same record has the same one, so logging it again changes nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha1
from json.encoder import encode_basestring as _text_to_json
from typing import Any

#: Of all identifiers that are made from what a record says. Never to be changed.
NAMESPACE = uuid.UUID("6d2f3c1e-5a0b-5e43-9c56-0f1d8a7b4e92")
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def identifier_of(parts: Sequence[object]) -> str:
    """The identifier (UUIDv5) of a record that these texts, whole numbers and ``None`` tell from others."""
    return _uuid5(_TO_JSON(parts))


def _uuid5(text: str) -> str:
    """``uuid.uuid5`` as text, in half the time: every round of a batch has one."""
    digest = bytearray(sha1(NAMESPACE.bytes + text.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    digits = digest.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@lru_cache(maxsize=1_000)
def _opened(*parts: str | None) -> str:
    """The JSON of a list that goes on: what rounds of one session have in common."""
    return _TO_JSON(parts)[:-1]


def round_identifier(
    bot_id: str,
    session_id: str | None,
    game_name: str,
    platform_code: str | None,
    table_name: str | None,
    round_external_id: str | None,
    round_number: int | None,
    started_utc_us: int | None,
    crash_multiplier: int | None,
) -> str | None:
    """The identifier of a round that nobody gave one: from the house's own number of it, else from its number
    in the session, else from its start and crash point. ``None`` when it has none of these.

    A number without a session says little (it may begin at 1 every day): then a known start counts.
    """
    if round_external_id is not None:
        return _uuid5(f"{_opened(bot_id, game_name, platform_code)},{_text_to_json(round_external_id)}]")
    if round_number is not None and (session_id is not None or started_utc_us is None):
        return _uuid5(f"{_opened(bot_id, session_id, game_name, platform_code, table_name)},{round_number}]")
    if started_utc_us is not None:
        crash = "null" if crash_multiplier is None else crash_multiplier
        return _uuid5(f"{_opened(bot_id, session_id, game_name, platform_code)},{started_utc_us},{crash}]")
    return None


def content_identifier(table: str, values: Sequence[tuple[str, Any]], new_id: Callable[[], str]) -> str:
    """The identifier of a record of another table: with a time in it, made of all that it says, so that a
    call that is repeated after a fault stores it once; without, a new one."""
    if not any(name in ("timestamp", "at_utc_us", "from_utc_us") for name, _ in values):
        return new_id()
    return identifier_of([table, *sorted((name, value) for name, value in values)])

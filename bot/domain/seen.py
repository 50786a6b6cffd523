"""What a look said, field by field, as the journal keeps it: exact decimals as texts, ready for JSON.

Each field is a mapping with ``value`` (a text, a list of texts, true or false, or nothing), ``confidence``,
``text`` (the characters seen), ``reason`` (why there is no value) and ``by`` (who read it), as far as known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.words import ButtonState, FieldValue, PanelReading, Reading

Seen = dict[str, dict[str, object]]
_NOBODY: Mapping[str, str] = {}
_COUNTS = ("players",)


def reading_seen(reading: Reading, read_by: Mapping[str, str] = _NOBODY) -> Seen:
    """A reading of a whole table. ``read_by``: who read each field last."""
    seen: Seen = {"phase": _plain(reading.phase.value, reading.phase_confidence, reading.reason)}
    for name in ("multiplier", "balance", "players", "players_total", "history"):
        seen[name] = _field(name, getattr(reading, name), read_by.get(name, ""))
    for number, panel in enumerate(reading.panels):
        seen |= panel_seen(panel, number, read_by)
    return seen


def panel_seen(panel: PanelReading | None, number: int, read_by: Mapping[str, str] = _NOBODY) -> Seen:
    """A reading of one bet panel; empty when there is none."""
    if panel is None:
        return {}
    seen = {
        f"p{number}_{name}": _field(
            name, getattr(panel, name), read_by.get(f"p{number}_{name}", read_by.get(name, ""))
        )
        for name in ("stake", "target", "switch")
    }
    return seen | button_seen(panel.button, number, panel.button_confidence)


def button_seen(button: ButtonState, number: int, confidence: float | None = None) -> Seen:
    """The button of a bet panel."""
    return {f"p{number}_button": _plain(button.value, confidence, "")}


def _plain(value: str, confidence: float | None, reason: str) -> dict[str, object]:
    entry: dict[str, object] = {"value": value}
    if confidence is not None:
        entry["confidence"] = round(confidence, 3)
    return entry | ({"reason": reason} if reason else {})


def _field(name: str, found: FieldValue[Any], by: str) -> dict[str, object]:
    entry: dict[str, object] = {"value": _told(name, found.value)}
    if found.value is not None:
        entry["confidence"] = round(found.confidence, 3)
    told = {"text": found.text, "reason": found.reason, "by": by if found.value is not None else ""}
    return entry | {key: text for key, text in told.items() if text}


def _told(name: str, value: Any) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [format_hundredths(each) for each in value]
    return str(value) if name in _COUNTS else format_hundredths(value)

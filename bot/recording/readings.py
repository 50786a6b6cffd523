"""Readings as JSON, and how two readings of one picture differ. Money and multipliers are decimal strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.words import FieldValue, Reading

#: Fields that are read in their own time: another thread reads the history, so when it comes says nothing.
IN_ITS_OWN_TIME = frozenset({"history"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that another reading of the same pixels tells otherwise. ``None``: not read."""

    field: str
    then: Any
    now: Any

    @property
    def kind(self) -> str:
        """``changed``: another value; ``lost``: no value any more; ``gained``: one where there was none."""
        if self.now is None:
            return "lost"
        return "gained" if self.then is None else "changed"


def as_json(reading: Reading) -> dict[str, Any]:
    """What a reading says, flat: a value or ``None`` for each field, and the reason of each refusal."""
    told: dict[str, Any] = {
        "in_sight": reading.placement is not None,
        "phase": None if reading.phase.value == "unknown" else reading.phase.value,
        "multiplier": _amount(reading.multiplier),
        "balance": _amount(reading.balance),
        "players": reading.players.value,
        "players_total": _amount(reading.players_total),
        "history": None
        if reading.history.value is None
        else [format_hundredths(crash) for crash in reading.history.value],
    }
    for number, panel in enumerate(reading.panels):
        told[f"p{number}_stake"] = _amount(panel.stake)
        told[f"p{number}_target"] = _amount(panel.target)
        told[f"p{number}_switch"] = panel.switch.value
        told[f"p{number}_button"] = None if panel.button.value == "unknown" else panel.button.value
    told["reasons"] = reasons(reading)
    told["changed"] = reading.changed.mono_ns == reading.at.mono_ns
    return told


def reasons(reading: Reading) -> dict[str, str]:
    """Why a field was refused, by field."""
    found = {"phase": reading.reason} if reading.phase.value == "unknown" else {}
    fields: Iterator[tuple[str, FieldValue[Any]]] = iter(
        [
            ("multiplier", reading.multiplier),
            ("balance", reading.balance),
            ("players", reading.players),
            ("players_total", reading.players_total),
            ("history", reading.history),
        ]
    )
    return found | {name: value.reason for name, value in fields if value.value is None}


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """The fields whose values differ. The history counts only where it was read both times."""
    found = []
    for name in [*then, *(key for key in now if key not in then)]:
        if name in ("reasons", "changed"):
            continue
        before, after = then.get(name), now.get(name)
        if before == after or (name in IN_ITS_OWN_TIME and None in (before, after)):
            continue
        found.append(Difference(name, before, after))
    return found


def _amount(value: FieldValue[int]) -> str | None:
    return None if value.value is None else format_hundredths(value.value)

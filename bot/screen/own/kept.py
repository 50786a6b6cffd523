"""What was learned of a table, as JSON beside its definition. A damaged file counts as nothing learned."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import StorageError
from bot.screen.masks import TextColour
from bot.screen.own.buttons import ButtonLooks
from bot.screen.own.phases import PhaseJudge
from bot.screen.own.strip import StripOrder
from bot.screen.own.wild import Form, Ink

VERSION = 1


@dataclass(slots=True)
class Learned:
    """All but the glyphs and the patches."""

    judge: PhaseJudge = field(default_factory=PhaseJudge)
    order: StripOrder = field(default_factory=StripOrder)
    inks: list[Ink] = field(default_factory=list)
    form: Form | None = None
    buttons: dict[str, ButtonLooks] = field(default_factory=dict)


def save_learned(path: Path, learned: Learned) -> None:
    """Keep it, replaced whole. Raises ``StorageError``."""
    data = {
        "version": VERSION,
        "form": learned.form.value if learned.form else None,
        "inks": [_ink_json(ink) for ink in learned.inks],
        "phases": learned.judge.to_json(),
        "order": [learned.order.newest_first, learned.order.newest_last],
        "buttons": {name: looks.to_json() for name, looks in learned.buttons.items()},
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".tmp")
        scratch.write_text(json.dumps(data), encoding="utf-8")
        scratch.replace(path)
    except OSError as error:
        raise StorageError(
            f"what was learned of the table cannot be kept in {path.parent}: {error}"
        ) from error


def load_learned(path: Path) -> Learned:
    """What was kept, or nothing."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            return Learned()
        first, last = data["order"]
        return Learned(
            judge=PhaseJudge.of_json(data["phases"]),
            order=StripOrder(int(first), int(last)),
            inks=[_ink_of(ink) for ink in data["inks"]],
            form=Form(data["form"]) if data["form"] else None,
            buttons={str(name): ButtonLooks.of_json(kept) for name, kept in data["buttons"].items()},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Learned()


def _ink_json(ink: Ink) -> dict[str, Any]:
    colour = ink.colour
    return {
        "key": ink.key,
        "colour": list(colour.colour),
        "wide": colour.wide,
        "narrow": colour.narrow,
        "rows": [round(ink.top, 4), round(ink.bottom, 4)],
        "seen": ink.seen,
    }


def _ink_of(kept: dict[str, Any]) -> Ink:
    blue, green, red = (int(channel) for channel in kept["colour"])
    colour = TextColour(str(kept["key"]), (blue, green, red), int(kept["wide"]), int(kept["narrow"]))
    top, bottom = (float(row) for row in kept["rows"])
    return Ink(str(kept["key"]), colour, top, bottom, int(kept["seen"]))

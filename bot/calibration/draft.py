"""What was drawn so far, on disk at every change: nothing is lost when the page or the machine dies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.errors import BadInput, StorageError
from bot.domain.words import Box
from bot.folders import user_state_dir
from bot.screen.own.definition import FIELDS, OwnTable, checked_name

UNNAMED = "new-table"


@dataclass(frozen=True, slots=True)
class Drafts:
    """The folder of drafts: one file a table. A draft may lack boxes that a table needs."""

    folder: Path = field(default_factory=lambda: user_state_dir() / "calibration")

    def path(self, name: str) -> Path:
        """The file of a table's draft."""
        return self.folder / f"{checked_name(name)}.json"

    def load(self, name: str) -> OwnTable | None:
        """The draft of ``name``; ``None`` when there is none that can be read."""
        try:
            data = json.loads(self.path(name).read_text(encoding="utf-8"))
            return _table(data, name)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError, BadInput):
            return None

    def save(self, table: OwnTable) -> None:
        """Keep a draft. Raises ``StorageError``."""
        path = self.path(table.name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            scratch = path.with_suffix(".tmp")
            scratch.write_text(json.dumps(_data(table), indent=1), encoding="utf-8")
            scratch.replace(path)
        except OSError as error:
            raise StorageError(f"the draft cannot be kept in {self.folder}: {error}") from error

    def drop(self, name: str) -> None:
        """The table was saved: its draft has done its duty."""
        self.path(name).unlink(missing_ok=True)


def _data(table: OwnTable) -> dict[str, object]:
    return {
        "game": table.game,
        "bookmaker": table.bookmaker,
        "account": table.account,
        "currency": table.currency,
        "rtp": str(table.rtp),
        "screen": list(table.screen),
        "auto_cash_out_on": table.auto_cash_out_on,
        "fields": {name: [box.x, box.y, box.width, box.height] for name, box in table.fields.items()},
    }


def _table(data: Mapping[str, Any], name: str) -> OwnTable:
    return OwnTable(
        name=checked_name(name),
        fields={field_: Box(*map(int, box)) for field_, box in data["fields"].items() if field_ in FIELDS},
        screen=(int(data["screen"][0]), int(data["screen"][1])),
        game=str(data["game"]),
        bookmaker=str(data["bookmaker"]),
        account=str(data["account"]),
        currency=str(data["currency"]),
        rtp=Decimal(str(data["rtp"])),
        auto_cash_out_on=data["auto_cash_out_on"] is True,
    )

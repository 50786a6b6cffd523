"""An eye that puts on tape what it sees and reads, and what of a table must be known to look at it again."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.clock import Clock
from bot.domain.errors import BadInput, StorageError
from bot.domain.ports import Capture, Image
from bot.domain.words import Box, Mode, Placement, Reading
from bot.recording import Recorder, RecordingCapture, RecordingFile
from bot.recording.readings import as_json
from bot.runtime.messages import TableSpec
from bot.screen.eye import EyeStats
from bot.staking import StakingOptions

if TYPE_CHECKING:
    from bot.runtime.eyes import Eye, Readers

ENDING = ".crashrec"
#: What a table has learned goes on tape with it; larger files are none of these.
LEARNED_ENDINGS, MOST_LEARNED_BYTES = (".toml", ".json", ".npz"), 8_000_000
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


class RecordingEye:
    """Looks as the eye behind it looks, through a capture that notes what it gives.

    A disk that takes no more ends the recording, not the session: ``problem`` then says why, and ``tell`` is
    told once.
    """

    def __init__(self, eye: Eye, capture: RecordingCapture, recorder: Recorder) -> None:
        self.eye, self.recorder = eye, recorder
        self._capture = capture
        self.problem = ""
        self.tell: Callable[[str], None] = _nobody

    @property
    def stats(self) -> EyeStats:
        """See ``Eye``."""
        return self.eye.stats

    @property
    def readers(self) -> Readers:
        """See ``Eye``."""
        return self.eye.readers

    @property
    def placement(self) -> Placement | None:
        """See ``Eye``."""
        return self.eye.placement

    def look(self) -> Reading:
        """See ``Eye``. The look goes on tape."""
        self._capture.begin()
        try:
            reading = self.eye.look()
        finally:
            grabs = self._capture.end()
        if not self.problem:
            try:
                self.recorder.look(reading.at, grabs, as_json(reading))
            except StorageError as error:
                self.problem = str(error)
                self.tell(self.problem)
        return reading

    def wait_for_change(self, at_most_s: float, every_s: float) -> bool:
        """See ``Eye``."""
        return self.eye.wait_for_change(at_most_s, every_s)

    def picture(self) -> tuple[Box, Image] | None:
        """See ``Eye``."""
        return self.eye.picture()

    def boxes(self) -> Mapping[str, Box]:
        """See ``Eye``."""
        return self.eye.boxes()

    def close(self) -> None:
        """Write what is left of the recording."""
        try:
            self.recorder.close()
        except StorageError as error:
            self.problem = self.problem or str(error)


def _nobody(_problem: str) -> None:
    """Nobody asked to be told."""


def start_recording(spec: TableSpec, capture: Capture, clock: Clock, path: Path) -> Recorder:
    """A recorder for a table: the header says all that looking again takes. Raises ``StorageError``."""
    return Recorder(RecordingFile(path, header_of(spec, capture.size(), clock)))


def recording_path(folder: Path, table: str, clock: Clock) -> Path:
    """A new file for a table: a table that is started again begins another one."""
    return folder / f"{table}-{clock.now().utc_ns // 1_000_000}{ENDING}"


def header_of(spec: TableSpec, screen: tuple[int, int], clock: Clock) -> dict[str, Any]:
    """What a recording begins with, as JSON."""
    learned = Path(spec.own_folder or spec.fonts_folder) / spec.table
    return {
        "table": spec.table,
        "own": spec.own_folder is not None,
        "game": spec.game,
        "account": spec.account,
        "currency": spec.currency,
        "mode": spec.mode.value,
        "session_id": spec.session_id,
        "started_utc_ns": clock.now().utc_ns,
        "screen": list(screen),
        "nonce": spec.nonce,
        "index": spec.index,
        "speed": str(spec.speed),
        "history_shown": spec.history_shown,
        "strategy": spec.strategy,
        "options": options_json(spec.options),
        "files": _learned(learned),
    }


def spec_of(header: Mapping[str, Any], folder: Path, origin: Path) -> TableSpec:
    """The table of a recording, with what it had learned put into ``folder``. Raises ``BadInput``."""
    try:
        table, own = _checked(header["table"]), bool(header["own"])
        where = folder / table
        where.mkdir(parents=True)
        for name, content in header["files"].items():
            (where / _checked(name)).write_bytes(base64.b64decode(content, validate=True))
        return TableSpec(
            table=table,
            game=_checked(header["game"]),
            account=str(header["account"]),
            currency=str(header["currency"]),
            session_id="replay",
            nonce=int(header["nonce"]),
            index=int(header["index"]),
            display=None,
            fonts_folder=str(folder),
            speed=float(header["speed"]),
            strategy=str(header["strategy"]),
            options=options_of(header["options"]),
            mode=Mode.PAPER,
            own_folder=str(folder) if own else None,
            history_shown=bool(header["history_shown"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, binascii.Error) as error:
        raise BadInput(f"{origin}: its header is not one of a recording ({error}): record again") from error


def screen_of(header: Mapping[str, Any], origin: Path) -> tuple[int, int]:
    """The size of the recorded screen in pixels. Raises ``BadInput``."""
    try:
        width, height = (int(side) for side in header["screen"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{origin}: its header names no screen: record again") from error
    if not (0 < width <= 32_768 and 0 < height <= 32_768):
        raise BadInput(f"{origin}: a screen of {width}x{height} pixels is none")
    return width, height


def options_json(options: StakingOptions) -> dict[str, Any]:
    """What a person may set of a strategy, ready for JSON: decimals as strings."""
    told: dict[str, Any] = {}
    for item in fields(options):
        value = getattr(options, item.name)
        told[item.name] = str(value) if isinstance(value, Decimal) else value
    return told


def options_of(told: Mapping[str, Any]) -> StakingOptions:
    """The options that ``options_json`` told. Raises ``ValueError``, ``TypeError``, ``ArithmeticError``."""
    found: dict[str, Any] = {}
    usual = StakingOptions()
    for item in fields(usual):
        if item.name not in told:
            continue
        value, like = told[item.name], getattr(usual, item.name)
        if isinstance(like, Decimal):
            value = Decimal(value)
        elif isinstance(value, list):
            value = tuple(tuple(part) if isinstance(part, list) else part for part in value)
        found[item.name] = value
    return StakingOptions(**found)


def _learned(folder: Path) -> dict[str, str]:
    """The files of what a table has learned, by name."""
    found = {}
    for path in sorted(folder.glob("*")):
        known = path.suffix in LEARNED_ENDINGS and _PLAIN_NAME.fullmatch(path.name) is not None
        if known and path.is_file() and path.stat().st_size <= MOST_LEARNED_BYTES:
            found[path.name] = base64.b64encode(path.read_bytes()).decode("ascii")
    return found


def _checked(name: object) -> str:
    """A name that stays inside its folder: a recording may come from anybody."""
    if not isinstance(name, str) or _PLAIN_NAME.fullmatch(name) is None:
        raise ValueError(f"the name {name!r}")
    return name

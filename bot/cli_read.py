"""``crashbot read PICTURE``: what the bot would make of a still picture. ``bot.cli`` wires the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.domain.words import Box

if TYPE_CHECKING:  # what reads pictures takes half a second to import: only this command pays for it
    from bot.domain.ports import Image
    from bot.screen.stills import Field, StillReading

GAMES = ("aviator", "aviatrix", "jetx")
#: Larger files are no screenshots.
MAX_BYTES = 200_000_000


def load_picture(path: Path) -> Image:
    """Pixels of a picture file: blue, green, red. Raises ``BadInput`` when there is none that can be read."""
    import cv2
    import numpy as np

    if not path.is_file():
        raise BadInput(f"there is no picture {path}")
    if path.stat().st_size > MAX_BYTES:
        raise BadInput(f"{path} is too large for a picture of a screen")
    try:
        data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise BadInput(f"{path} can't be read: {error.strerror}") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise BadInput(f"{path} is not a picture that can be read (PNG and JPEG are)")
    return np.asarray(image, dtype=np.uint8)


def parse_box(text: str | None) -> Box | None:
    """``"X,Y,W,H"`` in pixels. Raises ``BadInput`` for anything else."""
    if text is None:
        return None
    parts = text.split(",")
    try:
        x, y, width, height = (int(part) for part in parts)
    except ValueError as error:
        raise BadInput(f"--box takes four whole numbers X,Y,W,H, not {text!r}") from error
    if x < 0 or y < 0 or width <= 0 or height <= 0:
        raise BadInput(f"--box takes a place inside the picture with a size above zero, not {text!r}")
    return Box(x, y, width, height)


def as_json(reading: StillReading, field: Field) -> dict[str, object]:
    """The reading with multipliers as decimal strings; ``value`` is ``null`` when refused, with a reason."""
    if field == "history":
        wanted = reading.history
        value: object = None if wanted.value is None else [format_hundredths(v) for v in wanted.value]
        confidence, reason = wanted.confidence, wanted.reason
    else:
        number = reading.multiplier
        value = None if number.value is None else format_hundredths(number.value)
        confidence, reason = number.confidence, reading.reason or number.reason
    return {
        "phase": reading.phase.value,
        "phase_confidence": round(reading.phase_confidence, 3),
        "field": field,
        "value": value,
        "confidence": round(confidence, 3),
        "refused": value is None,
        "reason": reason or None,
    }


def as_text(answer: dict[str, object]) -> str:
    """One line for a person."""
    value = answer["value"]
    shown = " ".join(value) if isinstance(value, list) else value
    line = f"phase {answer['phase']} ({answer['phase_confidence']})"
    if shown is None:
        return f"{line}, {answer['field']} refused: {answer['reason']}"
    return f"{line}, {answer['field']} {shown} ({answer['confidence']})"


def read(
    picture: Annotated[
        Path, typer.Argument(help="A picture file (PNG, JPEG): a screenshot or a part of one.")
    ],
    box: Annotated[str | None, typer.Option(help="Look only here: X,Y,W,H in pixels.")] = None,
    game: Annotated[str | None, typer.Option(help="Which game it shows: aviator, aviatrix or jetx.")] = None,
    field: Annotated[str, typer.Option(help="What to read: multiplier or history.")] = "multiplier",
    as_json_text: Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")] = False,
) -> None:
    """Read a still picture as the bot would: phase, value and confidence, or refused and why."""
    from bot.screen.stills import Field, read_still

    if game is not None and game not in GAMES:
        raise BadInput(f"unknown game {game!r}: known are {', '.join(GAMES)}")
    known: dict[str, Field] = {name: name for name in get_args(Field)}
    if field not in known:
        raise BadInput(f"unknown field {field!r}: known are {', '.join(known)}")
    reading = read_still(load_picture(picture), parse_box(box), game, known[field])
    answer = as_json(reading, known[field])
    typer.echo(json.dumps(answer) if as_json_text else as_text(answer))


def add_to(app: typer.Typer) -> None:
    """Add ``crashbot read``."""
    app.command()(read)

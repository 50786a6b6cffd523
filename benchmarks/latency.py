"""From a change on the screen to a known value: what reading adds to capture alone, at three tables.

``python -m benchmarks.latency [--seconds N] [--json FILE]`` opens the practice stage with its three real
windows. Each table is watched by an eye in a process of its own, as in a session. At the first table a
second process only captures: it keeps every picture of the number that differs from the one before, with
its time, and the pictures are read afterwards at leisure. For each value both saw, two delays are taken
from the moment at which the page's own clock reached it (the ledger knows the start of the flight): until
capture alone could have known it, and until the eye did. Their ratio is the figure; only values above 3x
count, where the page's clock tells the moment of a value to a few hundredths of a second.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import machine, milliseconds, option_parser, positive, write_json
from bot.domain.clock import NS_PER_MS, SystemClock
from bot.domain.words import Phase
from bot.screen.capture import ScreenCapture
from bot.screen.engines import default_engine
from bot.screen.eye import TableEye
from bot.screen.fonts import FontStore
from bot.screen.layout import load_layout
from bot.screen.lines import crop_line, text_mask
from bot.screen.numbers import parse_multiplier

WATCH_EVERY_S = 0.004
LOOK_AT_LEAST_EVERY_S = 0.05
WHITE = (255, 255, 255)
#: The pages show the flight this much behind the casino's clock, so that they are never ahead of it.
PAGE_DELAY_MS = 40.0
LEAST_VALUE = 300
SPEED = 2.0
GROWTH = {"aviator": 0.0858, "aviatrix": 0.0835, "jetx": 0.08}


def _eye(spec: dict[str, Any], folder: str, seconds: float, out: Connection) -> None:
    """One table's eye, looking as a session does: times at which each value was first known."""
    clock = SystemClock()
    eye = TableEye(
        spec["name"],
        load_layout(spec["game"]),
        spec["nonce"],
        spec["index"],
        ScreenCapture(spec["display"]),
        default_engine(),
        FontStore(Path(folder)),
        clock,
    )
    known: list[tuple[int, float]] = []
    start, looks, last = time.monotonic(), 0, 0
    while time.monotonic() - start < seconds:
        reading = eye.look()
        looks += 1
        value = reading.multiplier.value
        if reading.phase is Phase.FLYING and value is not None and value != last:
            known.append((value, time.time_ns() / NS_PER_MS))
            last = value
        eye.wait_for_change(LOOK_AT_LEAST_EVERY_S, WATCH_EVERY_S)
    figures = {"looks_per_s": round(looks / seconds, 1), "look_ms": round(eye.stats.mean_ms, 2)}
    place = eye.placement
    out.send((known, figures, None if place is None else (place.page, place.scale)))


def _captures(spec: dict[str, Any], seconds: float, out: Connection) -> None:
    """Capture alone at the same pace: pictures of the number with the time at which each was there."""
    from bot.screen.eye import find_page

    capture, layout = ScreenCapture(spec["display"]), load_layout(spec["game"])
    width, height = capture.size()
    from bot.domain.words import Box

    placement = find_page(capture.grab(Box(0, 0, width, height)), spec["nonce"], spec["index"])
    if placement is None:
        out.send([])
        return
    box = layout.boxes(placement)["multiplier"]
    kept: list[tuple[float, Any]] = []
    before, mask_before = None, None
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        picture = capture.grab(box)
        at_ms = time.time_ns() / NS_PER_MS
        if before is None or not np.array_equal(picture, before):
            before = picture
            mask = text_mask(picture, [WHITE], 60)
            if mask_before is None or not np.array_equal(mask, mask_before):
                mask_before = mask
                line = crop_line(picture, mask)
                if line is not None:
                    kept.append((at_ms, line.copy()))
        time.sleep(WATCH_EVERY_S)
    engine = default_engine()
    seen: list[tuple[int, float]] = []
    for at_ms, line in kept:
        read = engine.read_line(line, "0123456789.,x")
        value = parse_multiplier(read.text) if read.confidence > 0.9 else None
        if value is not None:
            seen.append((value, at_ms))
    out.send(seen)


def _flights(ledger: Path, table: str) -> list[tuple[float, float]]:
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as house:
        rows = house.execute(
            "SELECT flying_ms, crashed_ms FROM rounds WHERE table_name = ? AND crashed_ms IS NOT NULL",
            (table,),
        )
        return [(float(a), float(b)) for a, b in rows if a is not None]


def _delays(
    seen: list[tuple[int, float]], flights: list[tuple[float, float]], game: str
) -> dict[tuple[int, int], float]:
    """Milliseconds from the page's own moment of a value to its sight, by flight and value; first sights."""
    delays: dict[tuple[int, int], float] = {}
    growth = GROWTH[game] * SPEED
    for value, at_ms in seen:
        for number, (flying, crashed) in enumerate(flights):
            if value < LEAST_VALUE or not flying <= at_ms <= crashed + 500:
                continue
            moment = flying + PAGE_DELAY_MS + 1000 * math.log((value + 0.5) / 100) / growth
            delays.setdefault((number, value), at_ms - moment)
    return delays


def measure(seconds: int) -> dict[str, Any]:
    """Play, watch, compare."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.db"
        stage = subprocess.Popen(
            [sys.executable, "-m", "bot.practice", "stage", "--ledger", str(ledger), "--seed", "5",
             "--speed", str(SPEED), "--faults", "very_high", "--tables", "aviator,aviatrix,jetx"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            return _measure(stage, ledger, folder, seconds)
        finally:
            assert stage.stdin is not None
            stage.stdin.close()
            stage.wait(20)


def _measure(stage: subprocess.Popen[str], ledger: Path, folder: str, seconds: int) -> dict[str, Any]:
    assert stage.stdout is not None
    ready = next(line for line in map(json.loads, stage.stdout) if line["event"] in ("ready", "error"))
    context = multiprocessing.get_context("spawn")
    specs = [{**table, "nonce": ready["nonce"], "display": ready["display"]} for table in ready["tables"]]
    pipes, workers = [], []
    for spec in specs:
        end, start = context.Pipe(duplex=False)
        worker = context.Process(target=_eye, args=(spec, folder, seconds, start))
        worker.start()
        pipes.append(end)
        workers.append(worker)
    end, start = context.Pipe(duplex=False)
    floor = context.Process(target=_captures, args=(specs[0], seconds, start))
    floor.start()
    eyes = [pipe.recv() for pipe in pipes]
    captured = end.recv()
    for worker in [*workers, floor]:
        worker.join(10)
    game, name = specs[0]["game"], specs[0]["name"]
    flights = _flights(ledger, name)
    by_eye, by_capture = _delays(eyes[0][0], flights, game), _delays(captured, flights, game)
    common = sorted(by_eye.keys() & by_capture.keys())
    eye_ms = [by_eye[key] for key in common]
    floor_ms = [by_capture[key] for key in common]
    ratio = float(np.median(eye_ms) / np.median(floor_ms)) if common else None
    return {
        "machine": machine(),
        "values": len(common),
        "capture_alone_ms": milliseconds(floor_ms),
        "value_known_ms": milliseconds(eye_ms),
        "added_ms": milliseconds([by_eye[key] - by_capture[key] for key in common]),
        "ratio": None if ratio is None else round(ratio, 3),
        "tables": {spec["name"]: eye[1] for spec, eye in zip(specs, eyes, strict=True)},
    }


def main() -> int:
    """Print and write the figures; 1 when a target is missed."""
    parser = option_parser("latency", __doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=positive, default=90, help="how long to watch")
    options = parser.parse_args()
    figures = measure(options.seconds)
    write_json(options.json, figures)
    print(json.dumps(figures, indent=2))
    slow = [name for name, figure in figures["tables"].items() if figure["looks_per_s"] < 20]
    return 0 if figures["ratio"] is not None and figures["ratio"] <= 1.25 and not slow else 1


if __name__ == "__main__":
    sys.exit(main())

"""The doctor's checks of displays, capture, mouse and keyboard, and of the recognition model."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from bot.domain.clock import NS_PER_MS, SystemClock
from bot.domain.errors import MissingPart
from bot.runtime.doctor_words import PATIENCE_S, Finding, Machine, State
from bot.screen.engines import MULTIPLIER_CHARSET, OnnxEngine

SAMPLE = "1.24x"
#: A field of 300x100 is grabbed in a small part of a millisecond; above this something is slow.
SLOW_FIELD_MS = 5.0


def install(*packages: str) -> str:
    """How to get Debian packages."""
    return f"`sudo apt-get install {' '.join(packages)}`"


def private_display(machine: Machine) -> Iterator[Finding]:
    """Practice's own screen: it starts, pictures can be taken of it, clicks and keys arrive on it."""
    if machine.system != "Linux":
        found = f"none on {machine.system}: practice shows its windows on your screen"
        yield Finding("private display", State.REDUCED, found, "leave mouse and keyboard alone meanwhile")
        return
    missing = [package for name, package in _PROGRAMS.items() if machine.which(name) is None]
    if missing:
        lacks = Finding(
            "private display", State.MISSING, f"missing: {', '.join(missing)}", install(*missing), True
        )
        yield lacks
        return
    try:
        with private_xvfb() as display:
            yield Finding("private display", State.OK, f"Xvfb at {display}, window manager openbox", "", True)
            yield from _probed("on the private display", _probe(display, "--input"), necessary=True)
    except MissingPart as error:
        yield Finding("private display", State.MISSING, str(error), "run `Xvfb :99` to see why", True)


def own_display(machine: Machine) -> Iterator[Finding]:
    """The person's own screen: only looked at, never clicked on. Needed for ``--show`` alone."""
    if machine.system != "Linux":
        yield from _probed("on your screen", _probe(None), necessary=True)
        return
    display = machine.environment.get("DISPLAY", "")
    wayland = bool(machine.environment.get("WAYLAND_DISPLAY")) or (
        machine.environment.get("XDG_SESSION_TYPE") == "wayland"
    )
    if wayland:
        advice = "practice uses its private display; for --show log in to a session of type X11 (Xorg)"
        yield Finding("your display", State.REDUCED, "Wayland: pictures of it are empty", advice)
    elif not display:
        yield Finding(
            "your display", State.OK, "none (DISPLAY is not set): practice uses its private display"
        )
    else:
        yield Finding("your display", State.OK, f"X11 at {display}")
        yield from _probed("on your display", _probe(display), necessary=False)


_PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox"}


@contextlib.contextmanager
def private_xvfb() -> Iterator[str]:
    """A display of our own on a free number, gone afterwards. Raises ``MissingPart``."""
    reading, writing = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        "800x600x24",
        "-nolisten",
        "tcp",
        "-noreset",
    ]
    try:
        process = subprocess.Popen(
            command, pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        os.close(reading)
        raise MissingPart(f"Xvfb does not start: {error}") from error
    finally:
        os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], PATIENCE_S)
        number = os.read(reading, 16).decode("ascii").strip() if ready else ""
        if not number:
            raise MissingPart("Xvfb does not start")
        yield f":{number}"
    finally:
        os.close(reading)
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def recognition_speed(times: int = 5) -> tuple[float, str]:
    """Median milliseconds to read a drawn multiplier, and what was read. Raises ``MissingPart``."""
    picture = np.zeros((64, 190, 3), np.uint8)
    cv2.putText(picture, SAMPLE, (8, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (255, 255, 255), 4, cv2.LINE_AA)
    engine, clock, text = OnnxEngine(), SystemClock(), ""
    taken = []
    for _ in range(times):
        start = clock.now().mono_ns
        text = engine.read_line(picture, MULTIPLIER_CHARSET).text
        taken.append((clock.now().mono_ns - start) / NS_PER_MS)
    return sorted(taken)[times // 2], text


def _probe(display: str | None, *options: str) -> Mapping[str, Any]:
    """What ``bot.runtime.probe`` says of a display."""
    environment = dict(os.environ)
    if display is not None:
        environment["DISPLAY"] = display
    environment.pop("WAYLAND_DISPLAY", None)
    command = [sys.executable, "-m", "bot.runtime.probe", *options]
    try:
        done = subprocess.run(
            command,
            check=False,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"no answer within {PATIENCE_S:.0f} s"}
    lines = done.stdout.strip().splitlines()
    try:
        said = json.loads(lines[-1])
    except (IndexError, json.JSONDecodeError):
        complaint = done.stderr.strip().splitlines()
        return {"error": complaint[-1] if complaint else f"ended with {done.returncode}"}
    return said if isinstance(said, dict) else {"error": str(said)}


def _probed(where: str, said: Mapping[str, Any], necessary: bool) -> Iterator[Finding]:
    if "error" in said:
        yield Finding(f"capture {where}", _bad(necessary), str(said["error"]), "see the message", necessary)
        return
    seen = said["capture"]
    found = (
        f"{seen['width']}x{seen['height']}: a field of 300x100 in {seen['field_ms']} ms, "
        f"all of it in {seen['screen_ms']} ms"
    )
    slow = seen["field_ms"] > SLOW_FIELD_MS
    advice = "slow: close what keeps the machine busy" if slow else ""
    yield Finding(f"capture {where}", State.REDUCED if slow else State.OK, found, advice, necessary)
    if "input" in said:
        hands = said["input"]
        ok = bool(hands["works"])
        found = (
            "a click and keys arrive"
            if ok
            else f"clicks at {hands['clicks']}, keys {hands['typed']!r} arrived"
        )
        advice = "" if ok else "mouse and keyboard do not reach windows: is the XTEST extension there?"
        yield Finding(
            f"mouse and keyboard {where}", State.OK if ok else _bad(necessary), found, advice, necessary
        )


def _bad(necessary: bool) -> State:
    return State.MISSING if necessary else State.REDUCED

"""A short-lived process of the doctor: tries capture and, on a private display, mouse and keyboard.

``python -m bot.runtime.probe [--input]`` on the display of the environment prints one line of JSON. It is a
process of its own because a broken X connection, or a library that ends the program, must not take the
doctor along. ``--input`` clicks and types into a window of its own: never give it a person's display.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections.abc import Callable
from typing import Any

from bot.control.hand import PyAutoGuiHand
from bot.control.x11 import without_authority_file
from bot.domain.clock import NS_PER_MS, NS_PER_S, Clock, SystemClock
from bot.domain.errors import CrashbotError
from bot.domain.words import Box
from bot.screen.capture import ScreenCapture

FIELD = Box(40, 40, 300, 100)
GRABS = 50
TYPED = "12"
WITHIN_S = 5.0


def capture_speed(clock: Clock) -> dict[str, Any]:
    """Size of the screen and median milliseconds to grab a field of 300x100 and all of it."""
    capture = ScreenCapture()
    width, height = capture.size()

    def median_ms(box: Box, times: int) -> float:
        taken = []
        for _ in range(times):
            start = clock.now().mono_ns
            capture.grab(box)
            taken.append((clock.now().mono_ns - start) / NS_PER_MS)
        return round(statistics.median(taken), 3)

    try:
        field_ms = median_ms(FIELD, GRABS)
        screen_ms = median_ms(Box(0, 0, width, height), GRABS // 5)
    finally:
        capture.close()
    return {"width": width, "height": height, "field_ms": field_ms, "screen_ms": screen_ms}


def input_works(clock: Clock) -> dict[str, Any]:
    """Click once into a window of our own and type ``TYPED``: what arrived there, and where."""
    from Xlib import XK, X
    from Xlib.display import Display

    with without_authority_file():
        display = Display()
    screen = display.screen()
    window = screen.root.create_window(
        100, 100, 200, 120, 0, screen.root_depth, X.InputOutput, X.CopyFromParent,
        event_mask=X.ButtonPressMask | X.KeyPressMask | X.ExposureMask | X.StructureNotifyMask,
        override_redirect=True,
    )  # fmt: skip
    window.map()
    display.sync()
    _wait_for(display, clock, lambda event: event.type in (X.Expose, X.MapNotify))
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    display.sync()
    hand = PyAutoGuiHand(os.environ["DISPLAY"])
    hand.click(200, 160)
    hand.type_text(TYPED)
    hand.release_all()
    clicks: list[list[int]] = []
    keys: list[str] = []

    def arrived(event: Any) -> bool:
        if event.type == X.ButtonPress:
            clicks.append([event.root_x, event.root_y])
        elif event.type == X.KeyPress:
            keys.append(XK.keysym_to_string(display.keycode_to_keysym(event.detail, 0)) or "?")
        return bool(clicks) and len(keys) >= len(TYPED)

    _wait_for(display, clock, arrived)
    display.close()
    return {
        "clicks": clicks,
        "typed": "".join(keys),
        "works": clicks == [[200, 160]] and "".join(keys) == TYPED,
    }


def _wait_for(display: Any, clock: Clock, enough: Callable[[Any], bool]) -> None:
    """Take events until ``enough`` says so, for a few seconds at most."""
    end = clock.now().mono_ns + round(WITHIN_S * NS_PER_S)
    while clock.now().mono_ns < end:
        while display.pending_events():
            if enough(display.next_event()):
                return
        clock.sleep(0.005)


def main(arguments: list[str]) -> int:
    """Print what was found; 1 and the reason when nothing could be."""
    clock = SystemClock()
    try:
        result = {"capture": capture_speed(clock)}
        if "--input" in arguments:
            result["input"] = input_works(clock)
    except CrashbotError as error:
        print(json.dumps({"error": str(error)}))
        return 1
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        return 1
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

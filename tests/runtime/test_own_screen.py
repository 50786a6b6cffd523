"""Which screen the tables are on, and the clear line where none can be pictured."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from bot.domain.errors import MissingPart
from bot.runtime.own_screen import open_screen, own_display, serves_wayland
from tests.control.desktop import display


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with display("640x480x24") as name:
        yield name


def test_an_x_display_is_taken_as_it_is_also_in_a_wayland_session(screen: str) -> None:
    found, capture = open_screen({"DISPLAY": screen, "WAYLAND_DISPLAY": "wayland-0"})
    assert (found, capture.size()) == (screen, (640, 480))
    capture.close()


def test_no_display_says_what_to_set() -> None:
    with pytest.raises(MissingPart, match="DISPLAY=:0"):
        own_display({})


def test_wayland_alone_says_why_and_what_to_do() -> None:
    for environment in ({"WAYLAND_DISPLAY": "wayland-0"}, {"XDG_SESSION_TYPE": "wayland"}):
        with pytest.raises(MissingPart, match="log in to a session of type X11"):
            own_display(environment)


def test_the_server_inside_wayland_gives_itself_away() -> None:
    named = SimpleNamespace(query_extension=lambda name: object() if name == "XWAYLAND" else None)
    resources = SimpleNamespace(outputs=[7], config_timestamp=0)
    root = SimpleNamespace(xrandr_get_screen_resources=lambda: resources)
    older = SimpleNamespace(
        query_extension=lambda name: None,
        screen=lambda: SimpleNamespace(root=root),
        xrandr_get_output_info=lambda output, stamp: SimpleNamespace(name="XWAYLAND0"),
    )
    assert serves_wayland(named) and serves_wayland(older)
    assert not serves_wayland(SimpleNamespace(query_extension=lambda name: None))

"""What the person sees: the picture with its boxes on the left, four steps on the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nicegui import events, ui

from bot.calibration.draft import UNNAMED
from bot.calibration.page_steps import BoxesStep, HandStep, TableStep, WatchStep
from bot.calibration.session import Session
from bot.domain.ports import Capture
from bot.domain.words import Box
from bot.runtime.own_fields import colour_of, label_of
from bot.screen.own.definition import FIELDS, OwnTable

ASSETS = Path(__file__).with_name("assets")
REFRESH_S, GOODBYE_S = 0.3, 0.5
#: The browser asks for the next picture so long after the last (milliseconds).
PICTURE_EVERY_MS = 350
HONEST = (
    "The expected result of play is a loss, for every strategy. Many bookmakers forbid automated play in "
    "their terms and may close the account or keep winnings; in some countries it is not allowed. Nothing "
    "here clicks a button of a page."
)
BYE = "document.body.innerHTML = '<p class=cb-bye>Done. Close this page; the terminal has the rest.</p>'"
HandTest = Callable[[OwnTable, int, Capture], str]


class ScreenBoxes(ui.element, component="assets/screen_boxes.js"):
    """The picture of the screen with a box for each field, in the browser."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: object = None
        self.props["every"] = PICTURE_EVERY_MS
        self.on("draw", self._draw)
        self.on("look", self._look)
        self.on("pick", lambda event: session.pick(str(event.args["name"])))
        self.on("drop", lambda event: session.drop(str(event.args["name"])))
        self.refresh()

    def _look(self, event: events.GenericEventArguments) -> None:
        given: dict[str, Any] = event.args
        box = Box(*(round(float(given[key])) for key in ("x", "y", "width", "height")))
        self._session.in_view = box if box.width > 40 and box.height > 40 else None

    def _draw(self, event: events.GenericEventArguments) -> None:
        given: dict[str, Any] = event.args
        x, y, width, height = (round(float(given[key])) for key in ("x", "y", "width", "height"))
        self._session.draw(str(given["name"]), Box(x, y, width, height))

    def refresh(self) -> None:
        """Send what has changed."""
        session, view = self._session, self._session.watcher.view()
        read = {seen.name for seen in view.fields if seen.value is not None}
        boxes = [
            {
                "name": name,
                "label": label_of(name),
                "colour": "rgb({}, {}, {})".format(*colour_of(name)),
                "state": "guess" if name in session.guessed else ("read" if name in read else "unread"),
                "x": box.x,
                "y": box.y,
                "width": box.width,
                "height": box.height,
            }
            for name in FIELDS
            if (box := session.table.fields.get(name)) is not None
        ]
        new = {
            "width": view.screen[0] or 1,
            "height": view.screen[1] or 1,
            "boxes": boxes,
            "selected": session.chosen,
            "drawing": session.drawing,
            "generation": view.generation,
        }
        if new != self._shown:
            self._shown = new
            self.props.update(new)
            self.update()


@dataclass
class Page:
    """One browser's view of the session. ``build`` makes it; a timer keeps it true."""

    session: Session
    hand: HandTest
    finish: Callable[[], None]
    _refreshers: list[Callable[[], None]] = field(default_factory=list)

    def build(self) -> None:
        """Everything on the page."""
        ui.add_css((ASSETS / "page.css").read_text(encoding="utf-8"))
        ui.query("html").props('lang="en"')
        with ui.element("div").classes("cb-page"):
            self._header()
            with ui.element("main").classes("cb-main"):
                self._picture()
                self._steps()
            with ui.element("footer").classes("cb-foot"):
                ui.label(HONEST)
        ui.timer(REFRESH_S, self._refresh)

    def _refresh(self) -> None:
        for refresh in self._refreshers:
            refresh()

    def _header(self) -> None:
        with ui.element("header").classes("cb-head"):
            ui.html(LOGO, sanitize=False).classes("cb-logo")
            with ui.element("div").classes("cb-titles"):
                title = ui.label().classes("cb-title").props('role="heading" aria-level="1"')
                state = ui.label().classes("cb-sub").props('role="status"')
            ui.element("span").classes("cb-spring")
            save = tool("Save table", self._save).classes("cb-main-tool").props('data-name="save"')
            finish = tool("Finish", self._finish).props('data-name="finish"')

        def refresh() -> None:
            session, view = self.session, self.session.watcher.view()
            name = "a table" if session.table.name == UNNAMED else session.table.name
            title.set_text(f"Calibrate {name}")
            saved = session.saved == session.table
            state.set_text(
                view.error
                or view.busy
                or session.told
                or ("saved" if saved else f"draft kept{'; ' + session.lacking if session.lacking else ''}")
            )
            state.classes(add="cb-bad" if view.error else "", remove="" if view.error else "cb-bad")
            save.set_enabled(not session.lacking)
            finish.text = "Finish" if saved or session.lacking else "Save and finish"

        self._refreshers.append(refresh)

    def _save(self) -> None:
        ui.notify(self.session.save(), position="top")

    def _finish(self) -> None:
        if self.session.saved != self.session.table and not self.session.lacking:
            self.session.save()
        ui.run_javascript(BYE)
        ui.timer(GOODBYE_S, self.finish, once=True)  # the last word must reach the browser

    def _picture(self) -> None:
        session = self.session
        with ui.element("section").classes("cb-left").props('aria-label="Screen"'):
            boxes = ScreenBoxes(session)
            with boxes:
                hold = tool("Hold", self._hold).props('data-name="hold"')
                later = tool("Hold in 5 s", lambda: session.watcher.freeze(5.0)).props(
                    'data-name="hold-later"'
                )
                later.tooltip("Bring the table to the front meanwhile")
                find = tool("Find fields", session.find).props('data-name="guess"')
                find.tooltip("In the part of the picture that is in view")
                seen = ui.label().classes("cb-seen")
        self._refreshers.append(boxes.refresh)

        def refresh() -> None:
            view = session.watcher.view()
            hold.text = "Live" if view.frozen else "Hold"
            if view.countdown_s is not None:
                seen.set_text(f"picture in {view.countdown_s:.0f} s")
            elif view.busy:
                seen.set_text(f"{view.busy}…")
            elif session.drawing:
                seen.set_text(f"drag a box round: {label_of(session.drawing)}")
            else:
                seen.set_text("picture held" if view.frozen else "live")

        self._refreshers.append(refresh)

    def _hold(self) -> None:
        watcher = self.session.watcher
        if watcher.view().frozen:
            watcher.live()
        else:
            watcher.freeze(0.0)

    def _steps(self) -> None:
        steps: dict[str, TableStep | BoxesStep | WatchStep | HandStep] = {
            "Table": TableStep(self.session),
            "Boxes": BoxesStep(self.session),
            "Rounds": WatchStep(self.session),
            "Hand": HandStep(self.session, self.hand),
        }
        first = "Table" if self.session.lacking.startswith("give") else "Boxes"
        with ui.element("aside").classes("cb-right").props('aria-label="Steps"'):
            with ui.tabs().classes("cb-tabs").props("dense no-caps align=justify") as tabs:
                for number, name in enumerate(steps, start=1):
                    ui.tab(name, label=f"{number} {name}")
            with ui.tab_panels(tabs, value=first).classes("cb-panels").props("keep-alive") as panels:
                for name, step in steps.items():
                    with ui.tab_panel(name).classes("cb-panel"):
                        step.build()
                    self._refreshers.append(step.refresh)
        panels.props["animated"] = False


def tool(text: str, act: Callable[[], object]) -> ui.button:
    """A plain button."""
    return ui.button(text, on_click=act, color=None).props("flat no-caps dense").classes("cb-tool")


LOGO = (
    '<svg viewBox="0 0 32 32" width="30" height="30" aria-hidden="true"><rect width="32" height="32" rx="7" '
    'fill="#1c2532"/><path d="M5 25 Q18 24 25 8" stroke="#54d6a0" stroke-width="3" fill="none" '
    'stroke-linecap="round"/><circle cx="25" cy="8" r="3" fill="#54d6a0"/></svg>'
)

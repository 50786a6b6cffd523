"""The four steps beside the picture: the table, its boxes, two rounds, the hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from bot.calibration.draft import UNNAMED
from bot.calibration.session import HAND, ROUNDS, Session
from bot.calibration.watcher import WatcherView
from bot.domain.amounts import format_hundredths
from bot.domain.ports import Capture
from bot.runtime.own_fields import FieldSeen, colour_of, label_of
from bot.screen.fields import WAITING
from bot.screen.own.definition import FIELDS, OTHER_GAME, OwnTable
from bot.screen.own.strip import NOT_READ

GAMES = {"aviator": "Aviator", "aviatrix": "Aviatrix", "jetx": "JetX", OTHER_GAME: "another crash game"}
FIRST = tuple(name for name in FIELDS if not name.startswith("p1_"))
SECOND = tuple(name for name in FIELDS if name.startswith("p1_"))
#: A confidence from here on is good, from there on fair.
GOOD, FAIR = 0.85, 0.6


class TableStep:
    """What the table is called, whose money it is, and what is known of the game."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def build(self) -> None:
        """The widgets."""
        session, table = self._session, self._session.table
        text("What is this table? The name is what you type for it; the rest stands in the record.")
        name = "" if table.name == UNNAMED else table.name
        self._input("Name", name, session.rename, "as in desk-aviator")
        with ui.element("div").classes("cb-pair"):
            ui.select(
                GAMES,
                label="Game",
                value=table.game if table.game in GAMES else OTHER_GAME,
                on_change=lambda event: session.describe("game", str(event.value)),
            ).props('outlined dense options-dense data-name="game"').classes("cb-input")
            self._described("Return to player", "rtp", str(table.rtp), "the house keeps the rest")
        with ui.element("div").classes("cb-pair"):
            self._described("Currency", "currency", table.currency, "three letters; XXX: not known")
            self._described("Bookmaker", "bookmaker", table.bookmaker, "the site that shows it")
        self._described("Account", "account", table.account, "the wallet it draws on; empty: the table's own")
        text(
            "Limits are kept for each account: two tables of the same wallet must name the same account.",
            "cb-hint",
        )

    def refresh(self) -> None:
        """Nothing here changes by itself."""

    def _described(self, label: str, key: str, value: str, hint: str) -> None:
        self._input(label, value, lambda given: self._session.describe(key, given), hint, key)

    def _input(
        self, label: str, value: str, take: Callable[[str], str], hint: str, name: str = "name"
    ) -> None:
        field = ui.input(label, value=value).props(f'outlined dense data-name="{name}" hint="{hint}"')
        field.classes("cb-input")

        def changed() -> None:
            problem = take(str(field.value or ""))
            field.props["error"] = bool(problem)
            field.props["error-message"] = problem
            field.update()

        field.on_value_change(changed)


class BoxesStep:
    """A line for each field: its box, what is read in it, how sure."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[str, Callable[[dict[str, Any]], None]] = {}

    def build(self) -> None:
        """The widgets."""
        text(
            "Choose a field, then drag its box on the picture. The multiplier is needed; a bet needs a "
            "stake, an auto cash-out and a button as well."
        )
        with ui.element("div").classes("cb-rows").props('role="list"'):
            for name in FIRST:
                self._row(name)
        opened = any(name in self._session.table.fields for name in SECOND)
        more = ui.expansion("Second bet panel", value=opened).classes("cb-more").props("dense")
        with more, ui.element("div").classes("cb-rows").props('role="list"'):
            for name in SECOND:
                self._row(name)
        self._question()

    def _question(self) -> None:
        session = self._session
        with ui.element("div").classes("cb-ask"):
            ui.label("Is the automatic cash-out switched on now, as you see it on the page?")
            ui.toggle(
                {True: "It is on", False: "No, or there is no switch"},
                value=session.table.auto_cash_out_on,
                on_change=lambda event: session.say_auto_cash_out(event.value is True),
            ).props('no-caps dense unelevated toggle-color=green-10 data-name="auto"').classes("cb-toggle")

    def _row(self, name: str) -> None:
        session = self._session
        with ui.element("div").classes("cb-row").props('role="listitem"') as row:
            with (
                ui.element("button")
                .classes("cb-pick")
                .props(f'type="button" data-name="field-{name}"') as pick
            ):
                red, green, blue = colour_of(name)
                ui.element("span").classes("cb-dot").style(f"background: rgb({red}, {green}, {blue})")
                ui.label(label_of(name)).classes("cb-name")
                value = ui.label().classes("cb-value")
                with ui.element("span").classes("cb-meter").props('aria-hidden="true"') as meter:
                    bar = ui.element("span")
            pick.on("click", lambda: session.pick(name))
            accept = ui.button("accept", on_click=lambda: session.accept(name), color=None)
            accept.props(f'flat dense no-caps data-name="accept-{name}"').classes("cb-tool cb-small")
            drop = ui.button("×", on_click=lambda: session.drop(name), color=None)
            drop.props(f'flat dense aria-label="Remove the box of {label_of(name)}" data-name="drop-{name}"')
            drop.classes("cb-tool cb-small")

        def show(said: dict[str, Any]) -> None:
            row.classes(replace="cb-row " + said["classes"])
            value.set_text(said["value"])
            pick.props["title"] = said["title"]
            pick.props["aria-pressed"] = "true" if said["chosen"] else "false"
            pick.update()
            accept.set_visibility(said["guess"])
            drop.set_visibility(said["drawn"])
            meter.set_visibility(said["drawn"])
            bar.style(replace=f"width: {round(100 * said['confidence'])}%")

        self._rows[name] = show
        self._last: dict[str, object] = {}

    def refresh(self) -> None:
        """What is read now."""
        view = self._session.watcher.view()
        for name, show in self._rows.items():
            said = self._said(name, view)
            if self._last.get(name) != said:
                self._last[name] = said
                show(said)

    def _said(self, name: str, view: WatcherView) -> dict[str, Any]:
        session = self._session
        seen = next((field for field in view.fields if field.name == name), None)
        drawn, chosen = name in session.table.fields, session.chosen == name
        value, confidence, reason = "no box", 0.0, ""
        if chosen and session.drawing:
            value = "drag its box"
        elif drawn and seen is not None:
            value = seen.value or _unread(seen)
            confidence, reason = seen.confidence, seen.reason
        elif drawn:
            value = "…"
        grade = "good" if confidence >= GOOD else ("fair" if confidence >= FAIR else "poor")
        classes = [grade if drawn else "", "chosen" if chosen else "", "empty" if not drawn else ""]
        if drawn and (seen is None or seen.value is None):
            classes.append("unread")
        return {
            "classes": " ".join(filter(None, classes)),
            "value": value,
            "title": reason or (f"confidence {confidence:.2f}" if drawn else ""),
            "chosen": chosen,
            "guess": name in session.guessed,
            "drawn": drawn,
            "confidence": confidence,
        }


class WatchStep:
    """Two rounds are watched; what was learned."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: object = None

    def build(self) -> None:
        """The widgets."""
        text(
            f"{ROUNDS} rounds teach the digits, the colours of the phases and of the button, and pieces of "
            "the page by which the table is recognised again. Bring the table to the front, whole; this page "
            "may be hidden."
        )
        with ui.element("div").classes("cb-line"):
            self._start = ui.button(f"Watch {ROUNDS} rounds", on_click=self._toggle, color=None)
            self._start.props('flat no-caps dense data-name="watch"').classes("cb-tool cb-main-tool")
            self._phase = ui.label().classes("cb-phase").props('role="status" data-name="phase"')
        self._bar = ui.linear_progress(0.0, show_value=False, color=None).classes("cb-progress")
        self._rounds = ui.label().classes("cb-rounds").props('data-name="rounds"')
        self._learned = ui.element("div").classes("cb-learned").props('data-name="learned"')
        self._swatches = ui.element("div").classes("cb-swatches").props('data-name="swatches"')
        self._notes = (
            ui.element("ol").classes("cb-notes").props('aria-label="What happened" data-name="notes"')
        )

    def _toggle(self) -> None:
        session = self._session
        if session.watcher.view().watching:
            session.watcher.stop_watching()
        elif problem := session.watch():
            ui.notify(problem, position="top")

    def refresh(self) -> None:
        """Where the watching stands."""
        view = self._session.watcher.view()
        known = (view.lesson, view.watching, view.phase, view.reason, view.notes, view.swatches)
        if known == self._shown:
            return
        self._shown = known
        self._start.text = "Stop watching" if view.watching else f"Watch {ROUNDS} rounds"
        self._phase.set_text(view.reason if view.watching and view.reason else view.phase.value)
        self._phase.classes(replace=f"cb-phase {view.phase.value}")
        lesson = view.lesson
        self._bar.set_visibility(view.watching)
        if lesson is not None:
            self._bar.set_value(min(1.0, len(lesson.ended) / max(1, lesson.wanted)))
            ended = "  ".join(f"{format_hundredths(crash)}x" for crash in lesson.ended)
            self._rounds.set_text(
                f"{len(lesson.ended)} of {lesson.wanted} rounds, {lesson.elapsed_s:.0f} s   {ended}"
            )
        self._fill(view)

    def _fill(self, view: WatcherView) -> None:
        self._learned.clear()
        with self._learned:
            for field in () if view.lesson is None else view.lesson.learning:
                name = label_of(field.name) if field.name in FIELDS else field.name
                with ui.element("span").classes(f"cb-chip {'done' if field.trusted else 'more'}"):
                    ui.label(f"{name}: {field.state}")
                    if field.wants:
                        ui.label(field.wants).classes("cb-wanted")
        self._swatches.clear()
        with self._swatches:
            for swatch in view.swatches:
                red, green, blue = swatch.colour
                with ui.element("span").classes("cb-swatch"):
                    ui.element("i").style(f"background: rgb({red}, {green}, {blue})")
                    ui.label(f"{swatch.name}: {swatch.meaning}")
        self._notes.clear()
        with self._notes:
            for line in reversed(view.notes[-14:]):
                with ui.element("li"):
                    ui.label(line)


class HandStep:
    """The test of the hand: after a question, at a stake field, with its value put back."""

    def __init__(self, session: Session, work: Callable[[OwnTable, int, Capture], str]) -> None:
        self._session, self._work = session, work

    def build(self) -> None:
        """The widgets."""
        text(
            "Does a click land where it should, and do keys arrive? The pointer is put on the stake field, "
            "one click, select all, and the value that stands there is typed again and read back. No button "
            "is clicked."
        )
        self._start = ui.button("Test the hand…", on_click=self._ask, color=None)
        self._start.props('flat no-caps dense data-name="hand"').classes("cb-tool cb-main-tool")
        self._why = ui.label().classes("cb-hint")
        self._answer = ui.label().classes("cb-answer").props('role="status" data-name="hand-answer"')
        text("Save the table when all fields read. Then:", "cb-hint")
        self._next = ui.label().classes("cb-code")

    def _ask(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("cb-dialog"):
            ui.label("May the mouse click once into the stake field, and the keyboard type its value again?")
            ui.label("Leave mouse and keyboard alone for two seconds. The table must be in front.").classes(
                "cb-hint"
            )
            with ui.element("div").classes("cb-line"):
                yes = ui.button("Yes, test it", on_click=lambda: self._go(dialog), color=None)
                yes.props('flat no-caps dense data-name="hand-yes"').classes("cb-tool cb-main-tool")
                ui.button("No", on_click=dialog.close, color=None).props("flat no-caps dense").classes(
                    "cb-tool"
                )
        dialog.open()

    def _go(self, dialog: ui.dialog) -> None:
        dialog.close()
        self._session.test_hand(0, self._work)

    def refresh(self) -> None:
        """Whether it can be tested, and what came of it."""
        session = self._session
        able = "p0_stake" in session.table.fields
        self._start.set_enabled(able and session.saved == session.table)
        self._why.set_text(
            ""
            if able and session.saved == session.table
            else (
                "Save the table first: it must be recognised before anything is clicked."
                if able
                else "It needs the box of a stake field."
            )
        )
        notes = [note for note in session.watcher.view().notes if note.startswith(HAND)]
        self._answer.set_text(notes[-1].removeprefix(f"{HAND}: ") if notes else "")
        self._next.set_text(f"crashbot check {session.table.name}")


def _unread(seen: FieldSeen) -> str:
    """What the row of a field says that has no value."""
    if seen.reason in (WAITING, NOT_READ):
        return "reading…"
    return f"{seen.text} ({seen.reason})" if seen.text else f"not read: {seen.reason}"


def text(said: str, style: str = "cb-text") -> None:
    """A paragraph."""
    ui.label(said).classes(style)

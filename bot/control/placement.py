"""One bet from the order to the accepted click, step by step, never on doubt and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from bot.control.hand import FailSafe
from bot.control.sight import FIELDS_CHANGED, TableSight
from bot.control.watch import WatchedHand
from bot.domain.amounts import format_hundredths
from bot.domain.bets import Bet, BetState
from bot.domain.clock import NS_PER_MS, Clock
from bot.domain.errors import IllegalTransition, TableError
from bot.domain.pictures import KeepShot, Moment, Shot, keep_nothing, shot_of
from bot.domain.seen import button_seen, panel_seen
from bot.domain.words import ButtonState, FieldValue, PanelReading, Placement


class Doubt(TableError):
    """Something is not as it must be for a click: the bet is missed, and the message is its reason."""

    reaction = "miss the bet"


class PersonAtMouse(Doubt):
    """Somebody else moved the pointer."""

    def __init__(self) -> None:
        super().__init__("a person moved the mouse")


class Refusal(Protocol):
    """What the gate answers when it denies a bet (``bot.limits.gate.Denied``)."""

    @property
    def limit_name(self) -> str: ...

    @property
    def reason(self) -> str: ...


#: A button that cannot be told for this long after the click was out of sight, not being painted.
OUT_OF_SIGHT_MS = 40

#: Writes a transition down: the bet after it, the state before it, details. VERIFIED and CLICKED must be on
#: the disk when it returns.
RecordStep = Callable[[Bet, BetState, dict[str, object]], None]


@dataclass(frozen=True, slots=True)
class PlacementSettings:
    """Patience of the hands. All in milliseconds but the counts and ``person_pause_s``.

    ``start_margin_ms``: a bet whose window closes sooner is not begun; ``click_margin_ms``: nor clicked.
    ``accept_wait_ms``: how long the button may take to show the bet as accepted, and
    ``accept_wait_busy_ms`` the same while other bets wait. ``refused_for_ms``: a button that shows a bet as
    on its way and then invites again for this long has refused it. A field is typed once and at most
    ``retypes`` times again.
    """

    start_margin_ms: float = 250.0
    click_margin_ms: float = 60.0
    button_wait_ms: float = 200.0
    focus_wait_ms: float = 400.0
    read_back_wait_ms: float = 300.0
    switch_wait_ms: float = 400.0
    accept_wait_ms: float = 2_000.0
    accept_wait_busy_ms: float = 800.0
    refused_for_ms: float = 120.0
    poll_ms: float = 2.0
    retypes: int = 2
    blur_key: str = "tab"
    person_pause_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What a placement works with. ``confirm`` is the gate's second answer.

    ``hindrance`` says why nothing may be touched any more (stop, shutdown), or nothing (empty);
    ``others_wait`` whether more bets are queued. ``keep`` takes pictures and returns at once.
    """

    hand: WatchedHand
    clock: Clock
    confirm: Callable[[Bet], Refusal | None]
    record: RecordStep
    hindrance: Callable[[], str]
    others_wait: Callable[[], bool]
    settings: PlacementSettings
    keep: KeepShot = keep_nothing


class BetPlacement:
    """The steps for one bet on one table; used once.

    ``run`` returns the bet as placed, refused, missed or unknown, each transition written down. It raises
    what it cannot judge (no disk, no display, fail-safe) after writing down what is known.
    """

    def __init__(self, bet: Bet, sight: TableSight, tools: Tools, hint: Placement | None = None) -> None:
        if bet.state is not BetState.ORDERED:
            raise IllegalTransition(f"bet {bet.bet_id} is {bet.state.value}: only ordered bets are placed")
        self.bet = bet
        #: Where the table was seen last; the next bet's hint.
        self.placement = hint
        self.step_ms: dict[str, float] = {}
        self._view, self._last = sight.view, sight.last_look
        self._tools, self._hand, self._settings = tools, tools.hand, tools.settings
        now = tools.clock.now()
        self._started_ns, self._looked_utc_ns = now.mono_ns, now.utc_ns
        self._fields = b""
        self._pressing = False
        self._ended_ns = 0
        self._clicks: list[dict[str, object]] = []
        self._reading: PanelReading | None = None
        self._button = ButtonState.UNKNOWN

    def run(self) -> Bet:
        """All steps. See the class for what it returns and raises."""
        try:
            with self._step("find"):
                standing = self._find()
            with self._step("target"):
                self._set_target(standing)
            self._type("stake", self.bet.stake_minor, self._reads_back)
            with self._step("gate"):
                self._ask_gate()
            with self._step("write"):
                self._to(BetState.VERIFIED)
            with self._step("click"):
                self._click_button()
        except Doubt as doubt:
            missed = self._to(BetState.MISSED, str(doubt))
            self._keep(Moment.BEFORE_CLICK, shot_of(self._last if "click" in self.step_ms else self._view))
            return missed
        except Exception as error:
            self._give_up(error)
            raise
        self._to(BetState.CLICKED)
        self._keep(Moment.BEFORE_CLICK, shot_of(self._last))
        with self._step("accept"):
            state, reason = self._await_answer()
        self._ended_ns = self._tools.clock.now().mono_ns
        answered = self._to(state, reason)
        self._keep(Moment.AFTER_CLICK, shot_of(self._view))
        return answered

    # -- before the click -----------------------------------------------------------------------------

    def _find(self) -> PanelReading:
        """The anchor and this session's mark, and a button that invites a bet; the panel as it stands."""
        self._may_go_on(self._settings.start_margin_ms)
        self.placement = self._view.locate(self.placement)
        if self.placement is None:
            raise Doubt("the session's mark is not on the screen")
        seen: list[PanelReading | None] = []

        def invites() -> bool:
            seen[:] = [self._look_at_panel()]
            return seen[0] is not None and seen[0].button is ButtonState.BET

        if self._until(invites, self._settings.button_wait_ms) and seen[0] is not None:
            return seen[0]
        shows = f"the button shows {seen[0].button.value}" if seen[0] else "the session's mark was lost"
        raise Doubt(f"{shows}, not an open bet")

    def _set_target(self, standing: PanelReading) -> None:
        """The auto cash-out switch on and its target as ordered; touched only where they differ."""
        panel, settings = self.bet.panel, self._settings
        if standing.switch.value is not True:
            self._click_element("switch")
            if not self._until(lambda: self._view.switch(panel).value is True, settings.switch_wait_ms):
                raise Doubt("the auto cash-out switch did not go on")
        if standing.target.value != self.bet.target:
            self._type("target", self.bet.target, self._shows_target)

    def _type(self, field: str, value: int, check: Callable[[], str]) -> None:
        """Replace the content of a field until ``check`` (looking again and again) has no objection to it.

        The keys are worked off in their order: a field without its ring has seen them all, and only then is
        what it shows worth reading.
        """
        objection = ""
        for _ in range(1 + self._settings.retypes):
            with self._step(f"{field}_focus"):
                self._focus(field)
            with self._step(f"{field}_keys"):
                self._hand.select_all()
                self._hand.type_text(format_hundredths(value))
                self._hand.press(self._settings.blur_key)
            if field == "stake" and self.bet.state is BetState.ORDERED:
                self._to(BetState.TYPED)
            with self._step(f"{field}_blur"):
                left = self._until(lambda: not self._ringed(field), self._settings.focus_wait_ms)
            with self._step(f"{field}_read"):
                objection = self._patiently(check) if left else f"the {field} field keeps its ring"
            if not objection:
                return
        raise Doubt(objection)

    def _focus(self, field: str) -> None:
        """Click a field and wait until the page draws the ring of focus round it.

        A ring that is there before the click says nothing about the keyboard (another window may have it).
        The blur key takes it away, which shows that keys arrive here; a key that activates nothing.
        """
        wait = self._settings.focus_wait_ms
        if self._click_element(field):
            self._hand.press(self._settings.blur_key)
            if not self._until(lambda: not self._ringed(field), wait):
                raise Doubt(f"the {field} field keeps its ring: keys do not arrive")
            self._click_element(field)
        if not self._until(lambda: self._ringed(field), wait):
            raise Doubt(f"the {field} field did not take the focus")
        self._may_go_on(self._settings.click_margin_ms)

    def _ringed(self, field: str) -> bool:
        return self._last.focused(self._place(), self.bet.panel, field)

    def _patiently(self, check: Callable[[], str]) -> str:
        """What ``check`` still objects to when the patience for a read-back has ended."""
        objection = [""]

        def satisfied() -> bool:
            objection[0] = check()
            return not objection[0]

        self._until(satisfied, self._settings.read_back_wait_ms)
        return objection[0]

    def _shows_target(self) -> str:
        return _differs("target", self._view.target(self.bet.panel), self.bet.target)

    def _reads_back(self) -> str:
        """Stake, target and switch out of one picture, and the pixels that may not change any more.

        The pixels are taken before the reading: when they still stand at the click, so does what was read.
        """
        fields = self._last.fields(self._place(), self.bet.panel)
        reading = self._look_at_panel()
        if fields is None or reading is None:
            raise Doubt("the session's mark is not at its place any more")
        self._fields = fields
        if reading.switch.value is not True:
            return "the auto cash-out switch is not seen on"
        return _differs("stake", reading.stake, self.bet.stake_minor) or _differs(
            "target", reading.target, self.bet.target
        )

    def _look_at_panel(self) -> PanelReading | None:
        self._looked_utc_ns = self._tools.clock.now().utc_ns
        self._reading = self._view.panel(self.bet.panel)
        return self._reading

    def _ask_gate(self) -> None:
        denied = self._tools.confirm(self.bet)
        if denied is not None:
            raise Doubt(f"{denied.limit_name}: {denied.reason}")

    def _click_button(self) -> None:
        """The one click of this bet: pointer there, everything looked at in one grab, click."""
        place, panel = self._place(), self.bet.panel
        x, y = self._last.point(place, panel)
        self._may_go_on(self._settings.click_margin_ms)
        self._hand.move(x, y)
        self._looked_utc_ns = self._tools.clock.now().utc_ns
        objection = self._last.objection(place, panel, self._fields)
        if objection == FIELDS_CHANGED:
            objection = self._patiently(self._reads_back) or self._last.objection(place, panel, self._fields)
        self._may_go_on(self._settings.click_margin_ms)
        if objection:
            raise Doubt(objection)
        self._pressing = True
        try:
            self._press("button", x, y)
        except Doubt:
            self._pressing = False  # nothing was clicked
            raise

    def _click_element(self, name: str) -> bool:
        """Click a field or the switch that is seen at its place now; whether it had the ring before."""
        self._may_go_on(self._settings.click_margin_ms)
        look = self._last.element(self._place(), self.bet.panel, name)
        if look.objection:
            raise Doubt(look.objection)
        self._press(name, *look.point)
        return look.ringed

    def _place(self) -> Placement:
        """Where the table was found at the start; every look at it checks the mark there anew."""
        if self.placement is None:
            raise Doubt("the session's mark is not on the screen")
        return self.placement

    def _press(self, element: str, x: int, y: int) -> None:
        """Click, and note what was meant: the record can be held against what the page saw.

        Raises ``Doubt``, with nothing clicked, when the screen is not any more what the last look saw.
        """
        at_ms = self._tools.clock.now().utc_ns // NS_PER_MS
        meant = {"element": f"p{self.bet.panel}_{element}", "x": x, "y": y, "at_ms": at_ms}
        self._clicks.append(meant)
        if not self._hand.click(x, y, self._last.patches(self._place(), (x, y))):
            self._clicks.remove(meant)
            raise Doubt(f"the pixels under the click on the {element} changed in the last moment")

    def _may_go_on(self, margin_ms: float) -> None:
        """Raise ``Doubt`` when stopped, when a person is at the mouse, or when the window closes too soon."""
        hindrance = self._tools.hindrance()
        if hindrance:
            raise Doubt(hindrance)
        if self._hand.moved_by_person():
            raise PersonAtMouse
        left_ms = (self.bet.deadline_mono_ns - self._tools.clock.now().mono_ns) / NS_PER_MS
        if left_ms < margin_ms:
            raise Doubt(f"too late: {left_ms:.0f} ms before the window closes, {margin_ms:.0f} ms are needed")

    # -- after the click ------------------------------------------------------------------------------

    def _await_answer(self) -> tuple[BetState, str]:
        """What the button says to the click. Only looks; whatever is not seen is unknown."""
        pending, blind, invites_since, lost_since = False, False, None, None
        start = self._tools.clock.now().mono_ns
        while True:
            button = self._button = self._button_now()
            now = self._tools.clock.now().mono_ns
            if button in (ButtonState.ACCEPTED, ButtonState.CASH_OUT):
                return BetState.PLACED, "the button shows it accepted"
            # Out of sight for longer than it takes to paint a button, the page may have been reloaded, or a
            # new round begun: then an open button proves nothing about this bet any more.
            lost_since = (lost_since or now) if button is ButtonState.UNKNOWN else None
            blind = blind or (lost_since is not None and now - lost_since >= OUT_OF_SIGHT_MS * NS_PER_MS)
            if button is ButtonState.BET and pending and not blind and now < self.bet.deadline_mono_ns:
                invites_since = invites_since or now
                if now - invites_since >= self._settings.refused_for_ms * NS_PER_MS:
                    return BetState.REFUSED, "the button went back to an open bet"
            else:
                invites_since = None
                pending = button is ButtonState.DISABLED or (pending and button is ButtonState.BET)
            busy = self._tools.others_wait()
            patience = self._settings.accept_wait_busy_ms if busy else self._settings.accept_wait_ms
            if now - start > patience * NS_PER_MS:
                return BetState.UNKNOWN, f"clicked; the button showed {button.value} for {patience:.0f} ms"
            self._tools.clock.sleep(self._settings.poll_ms / 1_000)

    def _button_now(self) -> ButtonState:
        """The button's state, ``UNKNOWN`` while the table is out of sight; a moved table is followed."""
        found = self._view.locate(self.placement)
        if found is None:
            return ButtonState.UNKNOWN
        self.placement = found
        self._looked_utc_ns = self._tools.clock.now().utc_ns
        return self._view.button(self.bet.panel)

    # -- bookkeeping ----------------------------------------------------------------------------------

    def _to(self, state: BetState, reason: str = "") -> Bet:
        before, self.bet = self.bet.state, self.bet.to(state, reason)
        self._tools.record(self.bet, before, self._detail())
        return self.bet

    def _keep(self, moment: Moment, shot: Shot | None) -> None:
        """Hand the look over that the moment was about; whoever takes it returns at once."""
        after = moment is Moment.AFTER_CLICK
        panel = self.bet.panel
        seen = button_seen(self._button, panel) if after else panel_seen(self._reading, panel)
        self._tools.keep(self.bet, moment, self._looked_utc_ns, shot, seen)

    def total_ms(self) -> float:
        """Milliseconds since the placement began, or until it ended."""
        return ((self._ended_ns or self._tools.clock.now().mono_ns) - self._started_ns) / NS_PER_MS

    def _detail(self) -> dict[str, object]:
        """Times of the steps so far, and the clicks since the transition before."""
        steps = {name: round(value, 2) for name, value in self.step_ms.items()}
        clicks, self._clicks = self._clicks, []
        return {"step_ms": steps, "total_ms": round(self.total_ms(), 2), "clicks": clicks}

    def _give_up(self, error: Exception) -> None:
        """Write down what an unforeseen error leaves: missed before the click, else unknown.

        An error of the click itself leaves it open whether the button went down. The fail-safe strikes
        before that.
        """
        before_click = not self._pressing or isinstance(error, FailSafe)
        state = BetState.MISSED if before_click else BetState.UNKNOWN
        try:
            self._to(state, f"{type(error).__name__}: {error}")
        except Exception as second:
            error.add_note(f"and this could not be written down: {second}")

    def _until(self, seen: Callable[[], bool], wait_ms: float) -> bool:
        """Look again and again until ``seen`` or ``wait_ms`` have passed; at least once."""
        end = self._tools.clock.now().mono_ns + round(wait_ms * NS_PER_MS)
        while not seen():
            if self._tools.clock.now().mono_ns >= end:
                return False
            self._may_go_on(self._settings.click_margin_ms)
            self._tools.clock.sleep(self._settings.poll_ms / 1_000)
        return True

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Time a step in ``step_ms``."""
        start = self._tools.clock.now().mono_ns
        self.step_ms.setdefault(name, 0.0)
        try:
            yield
        finally:
            self.step_ms[name] += (self._tools.clock.now().mono_ns - start) / NS_PER_MS


def _differs(field: str, seen: FieldValue[int], ordered: int) -> str:
    """Why a field is not as ordered, or nothing."""
    if seen.value == ordered:
        return ""
    shown = f"{seen.text!r} ({seen.reason})" if seen.value is None else format_hundredths(seen.value)
    return f"the {field} field reads {shown}, ordered {format_hundredths(ordered)}"

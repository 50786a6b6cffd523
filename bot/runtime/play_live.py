"""Live play: the clicked play of practice, under the gate of an armed session and of nothing else."""

from __future__ import annotations

from decimal import Decimal

from bot.control.lock import HandsLock
from bot.domain.clock import NS_PER_S
from bot.domain.errors import StorageError
from bot.limits import Armed, Denied, Gate, RealityCheck, StopSwitch
from bot.runtime.asking import Questions
from bot.runtime.desk import Desk, DeskTools
from bot.runtime.messages import BetDenied, BetWanted
from bot.runtime.plan import SessionPlan
from bot.runtime.play import Clicked, PlayTools

#: How often a line says what is still allowed, seconds.
WORDS_EVERY_S = 60.0


class Live(Clicked):
    """See ``Play``. ``lock`` is held already: from before the question at which the person armed.

    ``questions``: each round is confirmed by the person.
    """

    def __init__(
        self,
        plan: SessionPlan,
        armed: Armed,
        lock: HandsLock,
        switch: StopSwitch,
        reality: RealityCheck,
        questions: Questions | None = None,
    ) -> None:
        super().__init__(plan)
        self._armed, self._lock, self._switch = armed, lock, switch
        self._reality, self._questions = reality, questions
        self._said_ns: int | None = None
        self._trouble = ""
        self._checked = ""

    def locks(self) -> list[HandsLock]:
        """See ``Play``."""
        return [self._lock]

    def stops(self) -> StopSwitch:
        """See ``Play``. Not cleared: a stop that came since the person was asked has to hold."""
        return self._switch

    def _make_gate(self, tools: PlayTools) -> Gate:
        return self._armed.gate(tools.switch)

    def _make_desk(self, tools: DeskTools) -> Desk:
        return Desk(*tools) if self._questions is None else AskingDesk(tools, self._questions)

    def stopped(self) -> str:
        """See ``Play``. Asked every turn: it keeps the session's heart beating, too."""
        by_hands = super().stopped()
        if by_hands or self._gate is None:
            return by_hands
        try:
            self._gate.heartbeat()
        except StorageError as error:
            self._trouble = str(error)
            return f"limits unknown: {error}"
        denied = self._armed.denial()
        return "" if denied is None else denied.reason

    def orderly(self) -> bool:
        """See ``Play``. The end of its time, or an exclusion, is an end as agreed."""
        return not super().stopped() and not self._trouble

    def allowed(self) -> list[str]:
        """See ``Play``."""
        return [line for line in (self._words(), self._checked) if line]

    def news(self) -> list[str]:
        """See ``Play``. The reality check at its interval, and once a minute what is still allowed."""
        lines = []
        now_ns = self._tools.clock.now().mono_ns
        if self._said_ns is None or now_ns - self._said_ns >= WORDS_EVERY_S * NS_PER_S:
            self._said_ns = now_ns
            lines.append(self._words())
        money = self._desk.money.values()
        result, turnover = sum(m.result_minor for m in money), sum(m.turnover_minor for m in money)
        worst = min((table.rtp for table in self._tools.tables), default=Decimal("0.97"))
        told = self._reality.due(result, turnover, worst)
        if told is not None:
            self._checked = told
            lines.append(told)
        return lines

    def _words(self) -> str:
        try:
            return self._armed.words()
        except StorageError as error:
            return f"not armed: limits unknown: {error}"

    def let_go(self) -> None:
        """See ``Play``. What is open is still settled; nothing new can be staked."""
        super().let_go()
        self._armed.end("the session has ended")


class AskingDesk(Desk):
    """Holds an order back until the person has agreed to it."""

    def __init__(self, tools: DeskTools, questions: Questions) -> None:
        super().__init__(*tools)
        self._questions = questions

    def wanted(self, message: BetWanted) -> None:
        """Ask first."""
        self._questions.put(message)

    def tick(self) -> None:
        """See ``Desk``. Answers become orders, or denials."""
        for answer in self._questions.answers():
            bet = answer.wanted.bet
            if answer.agreed:
                super().wanted(answer.wanted)
                continue
            denied = Denied("confirm", answer.reason)
            self.deny(bet.table, bet.round_id, denied)
            self._tell(bet.table, BetDenied(bet.bet_id, denied.limit_name, denied.reason))
        super().tick()

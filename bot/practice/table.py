"""One practice table: betting, flight, crash, pause, for ever; and the orders of its two panels."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.practice.clock import HouseClock
from bot.practice.crowd import Crowd
from bot.practice.fault_desk import FaultDesk
from bot.practice.faults import FaultKind, PlannedFault
from bot.practice.games import CRASH_SHOWN_S, MAX_STAKE_MINOR, MIN_TARGET, PAUSE_S, Game
from bot.practice.law import Dealer, Draw
from bot.practice.ledger import Bet, Ledger, Refused, Round
from bot.practice.outlet import Message, Outlet

HISTORY_LENGTH = 40
RECOVERY_PAUSE_S = 1.5
CHIP_AFTER_S = 0.3


@dataclass(frozen=True, slots=True)
class TableSetup:
    """What a table is from its opening to its closing."""

    name: str
    game: Game
    index: int
    account: str
    currency: str
    lang: str
    speed: float
    seed: str

    @property
    def betting_s(self) -> float:
        return self.game.betting_s / self.speed


class Table:
    """The state machine of one table. One task runs it; orders of pages come in between its steps."""

    def __init__(
        self,
        setup: TableSetup,
        ledger: Ledger,
        dealer: Dealer,
        clock: HouseClock,
        outlet: Outlet,
        faults: FaultDesk,
        ordinals_before: int,
        balance_changed: Callable[[str], None],
    ) -> None:
        self.setup, self.outlet, self.faults = setup, outlet, faults
        self._ledger, self._dealer, self._clock = ledger, dealer, clock
        self._ordinals_before = ordinals_before
        self._balance_changed = balance_changed
        self.phase = "pause"
        self._phase_since_s = clock.mono_s()
        self._betting_ends_s = 0.0
        self.round_id: int | None = None
        self._label = ""
        self._draw: Draw | None = None
        self._crowd = Crowd(setup.seed, setup.name)
        self._releases: set[asyncio.Task[None]] = set()

    # --- the life of a round ------------------------------------------------------------------------

    async def run(self) -> None:
        """Finish what an earlier run left, then play rounds until cancelled."""
        if self.recover():
            await self._wait(RECOVERY_PAUSE_S / self.setup.speed)
        while True:
            await self.play_round()

    def recover(self) -> list[Round]:
        """Settle unfinished rounds by their committed crash points. Returns them."""
        unfinished = self._ledger.unfinished(self.setup.name)
        for left in unfinished:
            self._ledger.crash(left.id)
            row = self._ledger.fault_started(
                self.setup.name, left.id, "casino_restarted", {"state": left.state}
            )
            self._ledger.fault_ended(row)
        if unfinished:
            self._balance_changed(self.setup.account)
        return unfinished

    async def play_round(self) -> None:
        self._open_betting()
        await self._take_bets()
        self._take_off()
        await self._fly()
        self._crash()
        await self._wait(CHIP_AFTER_S / self.setup.speed)
        self.outlet.send({"t": "history", "values": self._history()})
        await self._wait((CRASH_SHOWN_S - CHIP_AFTER_S) / self.setup.speed)
        self._enter("pause")
        self.outlet.send({"t": "pause", "round": self.round_id})
        await self._wait(PAUSE_S / self.setup.speed)

    def _open_betting(self) -> None:
        name = self.setup.name
        number = self._ledger.count_rounds(name) + 1
        ordinal = number - self._ordinals_before
        self._label = f"{name}/{number}"
        self._draw = self._dealer.draw(self._label, self.faults.wanted_crash(ordinal))
        self._crowd = Crowd(self.setup.seed, self._label)
        self.round_id = self._ledger.next_round_id()
        self._ledger.open_round(self.round_id, name, self._draw)
        self._enter("betting")
        self._betting_ends_s = self._phase_since_s + self.setup.betting_s
        players, total = self._crowd.at(0.0)
        self.outlet.send(
            {
                "t": "betting",
                "round": self.round_id,
                "seed_hash": self._draw.seed_hash,
                "ms": round(self.setup.betting_s * 1000),
                "players": players,
                "players_total": total,
            }
        )
        self.faults.betting_opens(ordinal, self.round_id)

    async def _take_bets(self) -> None:
        step_s = 0.4 / self.setup.speed
        while (now_s := self._clock.mono_s()) < self._betting_ends_s:
            await self._clock.sleep_until(min(now_s + step_s, self._betting_ends_s))
            players, total = self._players()
            self.outlet.send({"t": "crowd", "players": players, "players_total": total})

    def _take_off(self) -> None:
        assert self.round_id is not None and self._draw is not None
        self._ledger.take_off(self.round_id)
        self._enter("flying")
        self.outlet.send(
            {
                "t": "fly",
                "round": self.round_id,
                "at_ms_ago": 0,
                "client_seeds": list(self._draw.client_seeds),
            }
        )
        for bet in self._open_bets():
            self.outlet.send(
                {"t": "bet_open", "panel": bet.panel, "stake": bet.stake_minor, "target": bet.target}
            )

    async def _fly(self) -> None:
        """From take-off to the crash: pays targets at the moment they are reached, ticks in between."""
        assert self._draw is not None
        tick_s = 0.25 / self.setup.speed
        ends_s = self._reached_s(self._draw.crash)
        while (now_s := self._clock.mono_s()) < ends_s:
            due = [self._reached_s(bet.target) for bet in self._open_bets() if bet.target is not None]
            await self._clock.sleep_until(min([now_s + tick_s, ends_s, *(at for at in due if at > now_s)]))
            self._pay_due()
            if self._clock.mono_s() < ends_s:
                self.outlet.send({"t": "tick", "m": self._multiplier()})
        self._pay_due()

    def _crash(self) -> None:
        assert self.round_id is not None and self._draw is not None
        lost = self._ledger.crash(self.round_id)
        self._enter("crashed")
        reveal = {
            "server_seed": self._draw.server_seed,
            "client_seeds": list(self._draw.client_seeds),
            "label": self._label,
        }
        self.outlet.send({"t": "crash", "round": self.round_id, "m": self._draw.crash, "reveal": reveal})
        for bet in lost:
            self.outlet.send({"t": "bet_lost", "panel": bet.panel})
        self.faults.round_over()

    # --- orders of a page ---------------------------------------------------------------------------

    def place(self, panel: object, stake: object, target: object) -> None:
        """Take or refuse a bet; the page hears which."""
        try:
            order = _checked_order(panel, stake, target)
        except Refused as refused:
            self._refuse(_panel_or_first(panel), None, None, refused.reason)
            return
        try:
            self._check_bounds(*order[1:])
            fault = self.faults.spoil_bet()
            if fault is not None and fault.kind is FaultKind.BET_REFUSED:
                raise Refused("refused")
            assert self.round_id is not None
            bet = self._ledger.place(self.round_id, self.setup.name, self.setup.account, *order)
        except Refused as refused:
            self._refuse(*order, refused.reason)
            return
        if fault is not None:
            self._hold(bet.panel, fault)
        self.outlet.send({"t": "bet_ok", "panel": bet.panel, "stake": bet.stake_minor, "target": bet.target})
        self._balance_changed(self.setup.account)

    def cancel(self, panel: object) -> None:
        """Give a bet back while betting is open."""
        try:
            bet = self._open_bet(panel)
            if not self._takes_bets():
                raise Refused("late")
            self._ledger.cancel(bet.id)
        except Refused as refused:
            self._refuse(_panel_or_first(panel), None, None, refused.reason)
            return
        self.outlet.send({"t": "cancel_ok", "panel": bet.panel})
        self._balance_changed(self.setup.account)

    def cash_out(self, panel: object) -> None:
        """Pay an open bet at the multiplier of this moment, if it is still flying."""
        self._pay_due()
        try:
            bet = self._open_bet(panel)
            if (
                self.phase != "flying"
                or self._draw is None
                or self._clock.mono_s() >= self._reached_s(self._draw.crash)
            ):
                raise Refused("late")
            self._pay(bet, self._multiplier())
        except Refused as refused:
            self._refuse(_panel_or_first(panel), None, None, refused.reason)

    def _check_bounds(self, stake_minor: int, target: int | None) -> None:
        if not self._takes_bets():
            raise Refused("late")
        if stake_minor < self.faults.min_stake_minor:
            raise Refused("min_stake")
        if stake_minor > MAX_STAKE_MINOR:
            raise Refused("max_stake")
        if target is not None and not MIN_TARGET <= target <= self.setup.game.max_target:
            raise Refused("target")

    def _takes_bets(self) -> bool:
        return self.phase == "betting" and self._clock.mono_s() < self._betting_ends_s

    def _refuse(self, panel: int, stake_minor: int | None, target: int | None, reason: str) -> None:
        self._ledger.refusal(self.round_id, self.setup.name, panel, stake_minor, target, reason)
        self.outlet.send({"t": "bet_refused", "panel": panel, "reason": reason})

    def _hold(self, panel: int, fault: PlannedFault) -> None:
        """The acknowledgement comes late: after 0.7 of the window, or only when betting has closed."""
        until_s = self._clock.mono_s() + 0.7 * self.setup.betting_s
        if fault.detail.get("past"):
            until_s = self._betting_ends_s + float(str(fault.detail["extra_s"])) / self.setup.speed
        self.outlet.hold(panel)
        task = asyncio.get_running_loop().create_task(self._release(panel, until_s))
        self._releases.add(task)
        task.add_done_callback(self._releases.discard)

    async def _release(self, panel: int, until_s: float) -> None:
        await self._clock.sleep_until(until_s)
        self.outlet.release(panel)

    # --- paying -------------------------------------------------------------------------------------

    def _pay_due(self) -> None:
        """Pay every target that the flight has reached and the crash point allows."""
        if self.phase != "flying" or self._draw is None:
            return
        now_s = self._clock.mono_s()
        for bet in self._open_bets():
            if (
                bet.target is not None
                and bet.target <= self._draw.crash
                and self._reached_s(bet.target) <= now_s
            ):
                self._pay(bet, bet.target)

    def _pay(self, bet: Bet, multiplier: int) -> None:
        paid = self._ledger.cash_out(bet.id, multiplier)
        self.outlet.send({"t": "bet_won", "panel": bet.panel, "m": multiplier, "payout": paid.payout_minor})
        self._balance_changed(self.setup.account)

    # --- what is so now -----------------------------------------------------------------------------

    def hello(self, nonce: int, mark: int, balance_minor: int) -> Message:
        """The whole state for a page that has just opened."""
        setup, speed, draw = self.setup, self.setup.speed, self._draw
        players, total = self._players()
        in_round = self.phase != "pause"
        return {
            "t": "hello",
            "table": setup.name,
            "game": setup.game.name,
            "index": setup.index,
            "nonce": nonce,
            "mark": mark,
            "currency": setup.currency,
            "lang": setup.lang,
            "speed": speed,
            "growth": setup.game.growth * speed,
            "min_stake": self.faults.min_stake_minor,
            "max_stake": MAX_STAKE_MINOR,
            "min_target": MIN_TARGET,
            "max_target": setup.game.max_target,
            "balance": balance_minor,
            "history": self._history(),
            "phase": self.phase,
            "phase_started_ms_ago": round((self._clock.mono_s() - self._phase_since_s) * 1000),
            "betting_ms": round(setup.betting_s * 1000),
            "crash_ms": round(CRASH_SHOWN_S * 1000 / speed),
            "pause_ms": round(PAUSE_S * 1000 / speed),
            "multiplier_now": self._multiplier(),
            "round": self.round_id,
            "seed_hash": draw.seed_hash if draw else None,
            "client_seeds": list(draw.client_seeds) if draw and self.phase in ("flying", "crashed") else None,
            "players": players,
            "players_total": total,
            "bets": self._panels() if in_round else {},
            "faults": self.faults.active(),
        }

    def _panels(self) -> dict[str, Message]:
        if self.round_id is None:
            return {}
        words = {"open": "open", "won": "cashed"}
        return {
            str(bet.panel): {
                "stake": bet.stake_minor,
                "target": bet.target,
                "state": words[bet.state],
                "payout": bet.payout_minor,
                "m": bet.cash_multiplier,
            }
            for bet in self._ledger.bets(self.round_id)
            if bet.state in words
        }

    def close(self) -> None:
        """Stop what this table has under way besides its own task."""
        self.faults.close()
        for task in self._releases:
            task.cancel()

    def _players(self) -> tuple[int, int]:
        share = (
            (self._clock.mono_s() - self._phase_since_s) / self.setup.betting_s
            if self.phase == "betting"
            else 1.0
        )
        return self._crowd.at(share)

    def _history(self) -> list[int]:
        return self._ledger.history(self.setup.name, HISTORY_LENGTH)

    def _multiplier(self) -> int:
        """The multiplier of this moment: in flight never above the crash point."""
        if self._draw is None or self.phase not in ("flying", "crashed"):
            return 100
        flown = self.setup.game.multiplier_at(self._clock.mono_s() - self._phase_since_s, self.setup.speed)
        return min(flown, self._draw.crash) if self.phase == "flying" else self._draw.crash

    def _reached_s(self, multiplier: int) -> float:
        """When (monotonic seconds) this flight reaches ``multiplier``."""
        return self._phase_since_s + self.setup.game.flight_s(multiplier, self.setup.speed)

    def _open_bets(self) -> list[Bet]:
        if self.round_id is None:
            return []
        return [bet for bet in self._ledger.bets(self.round_id) if bet.state == "open"]

    def _open_bet(self, panel: object) -> Bet:
        for bet in self._open_bets():
            if bet.panel == panel:
                return bet
        raise Refused("no_bet")

    def _enter(self, phase: str) -> None:
        self.phase = phase
        self._phase_since_s = self._clock.mono_s()

    async def _wait(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.mono_s() + seconds)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53


def _panel_or_first(panel: object) -> int:
    """The panel a refusal is shown at when the order itself makes no sense."""
    return 1 if _is_int(panel) and panel == 1 else 0


def _checked_order(panel: object, stake: object, target: object) -> tuple[int, int, int | None]:
    """Panel, stake and target of a message as integers. Raises ``Refused`` (bad_request)."""
    if not (_is_int(panel) and panel in (0, 1) and _is_int(stake) and (target is None or _is_int(target))):
        raise Refused("bad_request")
    return int(str(panel)), int(str(stake)), None if target is None else int(str(target))

"""The strategies by name: thin classes around the step functions of ``steps`` and ``progressions``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.staking import progressions, steps
from bot.staking.orders import Order, StakingOptions
from bot.staking.stepped import (
    Stepped,
    Steps,
    cap_of,
    count_of,
    inverse_gain,
    parts_of,
    shown_parts,
    target_of,
)


class FixedStake(Stepped):
    """The same stake and target each round."""

    name = "fixed_stake"
    functions = Steps(steps.fixed_order)

    def _parameters(self, options: StakingOptions) -> Any:
        target = target_of(options, self.default_target)
        return steps.FixedParameters(options.base_stake_minor, target, cap_of(options))


class Martingale(Stepped):
    """After a loss stake x/(x - 1) times as much, up to a number of losses in a row; then take the loss."""

    name = "martingale"
    functions = Steps(steps.martingale_order, steps.martingale_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        losses = count_of(options.max_steps, 1, 60, "martingale's steps")
        target = target_of(options, self.default_target)
        return steps.MartingaleParameters(
            options.base_stake_minor, target, losses, cap_of(options), inverse_gain(target)
        )

    def _start(self) -> Any:
        return steps.MartingaleState(0, self.step_parameters.base_stake_minor)

    def _possible(self, state: Any) -> bool:
        return bool(0 <= state.losses < self.step_parameters.max_steps and self._stake_possible(state))

    def _shown(self) -> Mapping[str, object]:
        return {"max_steps": self.step_parameters.max_steps}

    def _wanted(self) -> int:
        return int(self.step_state.next_stake_minor)


class Compound(Stepped):
    """Stake a share of the balance, so that stakes grow and shrink with it."""

    name = "compound_1.33x"
    default_target = 133
    functions = Steps(steps.compound_order)

    def _parameters(self, options: StakingOptions) -> Any:
        share = parts_of(options.share, "compound's share must be 0.0001 to 1 of the balance")
        target = target_of(options, self.default_target)
        return steps.CompoundParameters(options.base_stake_minor, target, share, cap_of(options))

    def _shown(self) -> Mapping[str, object]:
        return {"share": shown_parts(self.step_parameters.share)}


class Kelly(Stepped):
    """Stakes nothing unless a lower confidence bound of the hit rate exceeds 1/target, and says so.

    The bound holds at all times at once (a confidence sequence), so that looking after each round does not
    find an edge that is not there. On a fair or losing game it stakes nothing.
    """

    name = "kelly_criterion"
    functions = Steps(steps.kelly_order, observed=steps.kelly_observed)

    def _parameters(self, options: StakingOptions) -> Any:
        part = parts_of(options.kelly_part, "Kelly's part must be 0.0001 to 1 of the full stake")
        confidence = float(options.confidence)
        if not 0.5 <= confidence < 1:
            raise BadInput(f"Kelly's confidence must be 0.5 to less than 1, not {options.confidence}")
        self._confidence = options.confidence
        target = target_of(options, self.default_target)
        log_alarm = -math.log(1 - confidence)
        return steps.KellyParameters(options.base_stake_minor, target, part, log_alarm, cap_of(options))

    def _start(self) -> Any:
        return steps.KellyState(0, 0)

    def _possible(self, state: Any) -> bool:
        return bool(0 <= state.hits <= state.rounds)

    def _shown(self) -> Mapping[str, object]:
        return {"kelly_part": shown_parts(self.step_parameters.part), "confidence": str(self._confidence)}

    @property
    def hit_rate_bound(self) -> float:
        """Lower confidence bound of the chance that a round reaches the target."""
        p, s = self.step_parameters, self.step_state
        return steps.lower_bound(s.rounds, s.hits, 100.0 / p.target, p.log_alarm)

    def order(self, balance_minor: int) -> Order:
        order = super().order(balance_minor)
        if order.stake_minor or order.note:
            return order
        p = self.step_parameters
        return order._replace(
            note=f"no bet: no edge shown. After {self.step_state.rounds} rounds the hit rate at "
            f"{format_hundredths(p.target)}x is at least {self.hit_rate_bound:.3f} ({self._confidence} "
            f"sure); it must exceed {100 / p.target:.3f}"
        )


class Paroli(Stepped):
    """Double after each win, up to a number of wins in a row; the base after a loss."""

    name = "paroli"
    functions = Steps(progressions.paroli_order, progressions.paroli_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        wins = count_of(options.wins, 1, 40, "Paroli's wins")
        target = target_of(options, self.default_target)
        return progressions.ParoliParameters(options.base_stake_minor, target, wins, cap_of(options))

    def _start(self) -> Any:
        return progressions.ParoliState(0, self.step_parameters.base_stake_minor)

    def _possible(self, state: Any) -> bool:
        return bool(0 <= state.wins < self.step_parameters.wins and self._stake_possible(state))

    def _shown(self) -> Mapping[str, object]:
        return {"wins": self.step_parameters.wins}

    def _wanted(self) -> int:
        return int(self.step_state.next_stake_minor)


class Dalembert(Stepped):
    """One base stake more after each loss, one less after each win, never less than one."""

    name = "dalembert"
    functions = Steps(progressions.dalembert_order, progressions.dalembert_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        base = options.base_stake_minor
        most = min(cap_of(options), steps.MOST_MINOR) // base
        target = target_of(options, self.default_target)
        return progressions.DalembertParameters(base, target, most, cap_of(options))

    def _start(self) -> Any:
        return progressions.DalembertState(1)

    def _possible(self, state: Any) -> bool:
        return bool(1 <= state.units <= self.step_parameters.most_units)

    def _wanted(self) -> int:
        return int(self.step_state.units * self.step_parameters.base_stake_minor)


class Fibonacci(Stepped):
    """One place up 1, 1, 2, 3, 5, 8… base stakes after a loss, two places down after a win."""

    name = "fibonacci"
    functions = Steps(progressions.fibonacci_order, progressions.fibonacci_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        places = count_of(options.max_steps, 1, 60, "Fibonacci's steps")
        target = target_of(options, self.default_target)
        return progressions.FibonacciParameters(options.base_stake_minor, target, places, cap_of(options))

    def _start(self) -> Any:
        return progressions.FibonacciState(0, 0, 1)

    def _possible(self, state: Any) -> bool:
        before, number = 0, 1
        for _ in range(min(max(state.place, 0), 60)):
            before, number = number, before + number
        p = self.step_parameters
        known = (state.before, state.number) == (before, number)
        known = known and number * p.base_stake_minor <= p.max_stake_minor
        return 0 <= state.place < p.max_steps and known

    def _shown(self) -> Mapping[str, object]:
        return {"max_steps": self.step_parameters.max_steps}

    def _wanted(self) -> int:
        return int(self.step_state.number * self.step_parameters.base_stake_minor)


class OscarsGrind(Stepped):
    """One base stake of profit a cycle: the same stake after a loss, one base more after a win."""

    name = "oscars_grind"
    functions = Steps(progressions.oscars_grind_order, progressions.oscars_grind_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        target = target_of(options, self.default_target)
        return progressions.OscarsGrindParameters(
            options.base_stake_minor, target, cap_of(options), inverse_gain(target)
        )

    def _start(self) -> Any:
        return progressions.OscarsGrindState(0, self.step_parameters.base_stake_minor)

    def _possible(self, state: Any) -> bool:
        return bool(
            state.result_minor < self.step_parameters.base_stake_minor and self._stake_possible(state)
        )

    def _wanted(self) -> int:
        return int(self.step_state.next_stake_minor)


class Labouchere(Stepped):
    """Stake first plus last of a line of numbers; cross both off after a win, add the stake after a loss."""

    name = "labouchere"
    functions = Steps(progressions.labouchere_order, progressions.labouchere_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        line = tuple(options.line)
        if not 1 <= len(line) <= progressions.LINE or not all(_is_count(entry) for entry in line):
            raise BadInput(f"Labouchère's line must be 1 to {progressions.LINE} whole numbers from 1")
        self._line = line
        target = target_of(options, self.default_target)
        entries = tuple(entry * options.base_stake_minor for entry in reversed(line))
        if max(entries) > progressions.MOST_ENTRY:
            raise BadInput("Labouchère's line is larger than can be reckoned with")
        padded = entries + (0,) * (progressions.LINE - len(line))
        return progressions.LabouchereParameters(
            options.base_stake_minor, target, cap_of(options), inverse_gain(target), len(line), padded
        )

    def _start(self) -> Any:
        return progressions.LabouchereState(self.step_parameters.length, self.step_parameters.line)

    def _possible(self, state: Any) -> bool:
        entries = state.line[: max(state.length, 0)]
        in_range = all(0 < entry <= progressions.MOST_ENTRY for entry in entries)
        return 1 <= state.length <= progressions.LINE and in_range

    def _shown(self) -> Mapping[str, object]:
        return {"line": list(self._line)}

    def _wanted(self) -> int:
        p, s = self.step_parameters, self.step_state
        return int(
            progressions.labouchere_order(p._replace(max_stake_minor=steps.NO_CAP), s, steps.NO_CAP)[0]
        )


class Sequence(Stepped):
    """A list of stakes of one's own: the next after a loss (a win, each round), else the first again."""

    name = "sequence"
    functions = Steps(progressions.sequence_order, progressions.sequence_settled)

    def _parameters(self, options: StakingOptions) -> Any:
        stakes, most = tuple(options.stakes_minor), progressions.LONGEST_SEQUENCE
        if not 1 <= len(stakes) <= most or not all(_is_count(stake) for stake in stakes):
            raise BadInput(f"a sequence needs 1 to {most} stakes above 0 (strategy.stakes)")
        if options.max_stake_minor is not None and max(stakes) > options.max_stake_minor:
            raise BadInput(
                f"the sequence's stake {format_hundredths(max(stakes))} is above the largest stake "
                f"{format_hundredths(options.max_stake_minor)}"
            )
        if options.advance_on not in progressions.ADVANCE_ON:
            allowed = ", ".join(progressions.ADVANCE_ON)
            raise BadInput(f"a sequence advances on {allowed}, not {options.advance_on!r}")
        self._advance_on = options.advance_on
        # Few lengths, so that few kernels are compiled; short ones, since a lookup costs by its length.
        room = next(size for size in progressions.SEQUENCE_ROOMS if size >= len(stakes))
        padded = stakes + (0,) * (room - len(stakes))
        return progressions.SequenceParameters(
            target_of(options, self.default_target),
            cap_of(options),
            int(options.advance_on != "win"),
            int(options.advance_on != "loss"),
            len(stakes),
            padded,
        )

    def _start(self) -> Any:
        return progressions.SequenceState(0)

    def _possible(self, state: Any) -> bool:
        return bool(0 <= state.place < self.step_parameters.length)

    def _shown(self) -> Mapping[str, object]:
        p = self.step_parameters
        stakes = [format_hundredths(stake) for stake in p.stakes[: p.length]]
        return {"stakes": stakes, "advance_on": self._advance_on}

    def _wanted(self) -> int:
        return int(self.step_parameters.stakes[self.step_state.place])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= steps.MOST_MINOR

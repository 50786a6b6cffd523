"""The text of the compiled kernels: the same rules once in lanes and once as a plain loop.

A kernel plays sessions ``first`` … of drawn rounds and fills one array for each figure. Its text is made for
a strategy's fields, so that every field of its state is an array of its own; the step functions themselves
are called, not copied.

Lanes: ``LANES`` sessions in lockstep, arrays of state, choices by selects, no division, one target for all:
the compiler turns the inner loop into vectors. A session that may stake no more simply stakes 0 for ever
after: its state stays as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Sessions in lockstep: their state (some ten arrays) fits the first cache.
LANES = 256
#: Rounds that a lane plays between a load and a store of its state.
TOGETHER = 2
#: What a kernel fills, in this order: (name, type).
FIGURES = (
    ("final", "int64"),
    ("lowest", "int64"),
    ("highest", "int64"),
    ("drawdown", "int64"),
    ("turnover", "int64"),
    ("bets", "int64"),
    ("rounds", "int64"),
    ("longest", "int64"),
    ("wanted", "int64"),
    ("note", "int64"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a kernel depends on.

    ``state``: type of each field, ``int64``, ``float64`` or ``tuple`` (plain loop only). ``floor``: whether
    the balance has a floor that the steps themselves don't keep to. ``limits``: whether more is bounded.
    ``cents``: whether the target has cents, so that payouts are floored.
    """

    parameters: int
    state: tuple[str, ...]
    settles: bool
    observes: bool
    notes: bool
    floor: bool = True
    limits: bool = False
    cents: bool = False


_ARGUMENTS = "p_fields, s_fields, bankroll, bounds, law, key, first, sessions, rounds, " + ", ".join(
    name for name, _ in FIGURES
)
_HEAD = f"""
def kernel({_ARGUMENTS}):
    goal = bounds[0]; floor = bounds[1]; most_stake = bounds[2]; most_turnover = bounds[3]
    most_bets = bounds[4]; most_fall = bounds[5]
    p = Parameters({{parameters}})
"""


def _allowed(shape: Shape) -> str:
    bounds = "(stake > 0) & (balance < goal)"
    if shape.floor:
        bounds += " & (balance - stake >= floor)"
    if shape.limits:
        bounds += (
            " & (stake <= most_stake) & (turned + stake <= most_turnover) & (placed < most_bets)"
            " & (high - balance + stake <= most_fall)"
        )
    return bounds


def _head(shape: Shape) -> str:
    fields = "".join(f"p_fields[{n}], " for n in range(shape.parameters))
    return _HEAD.format(parameters=fields)


def lanes_text(shape: Shape) -> str:
    """The kernel in lanes. It returns 1 when an order had another target than the parameters: then its
    figures are void and the plain loop must be taken."""
    state = range(len(shape.state))
    paid = "(stake * whole + floor_divided(stake * cents, 0.01))" if shape.cents else "stake * whole"
    lines = [_head(shape)]
    put = lines.append
    names = ("a_balance", "a_low", "a_high", "a_fall", "a_turned", "a_placed", "a_run", "a_longest", "a_key")
    for name in names:
        put(f"    {name} = np.empty({LANES}, np.{'uint64' if name == 'a_key' else 'int64'})")
    for n, kind in enumerate(shape.state):
        put(f"    a_state{n} = np.empty({LANES}, np.{kind})")
    put(f"""
    target = p.target
    under = law // target
    whole = target // 100
    cents = target - whole * 100
    other_target = 0
    for block in range(0, sessions, {LANES}):
        for lane in range({LANES}):
            a_balance[lane] = bankroll; a_low[lane] = bankroll; a_high[lane] = bankroll
            a_fall[lane] = 0; a_turned[lane] = 0; a_placed[lane] = 0; a_run[lane] = 0; a_longest[lane] = 0
            a_key[lane] = mix(key + np.uint64(first + block + lane + 1) * SESSION_STEP)""")
    for n in state:
        put(f"            a_state{n}[lane] = s_fields[{n}]")
    put(f"""
        for start in range(0, rounds, {TOGETHER}):
            for lane in range({LANES}):
                balance = a_balance[lane]; low = a_low[lane]; high = a_high[lane]; fall = a_fall[lane]
                turned = a_turned[lane]; placed = a_placed[lane]; run = a_run[lane]
                longest_run = a_longest[lane]; place = a_key[lane]""")
    for n in state:
        put(f"                state{n} = a_state{n}[lane]")
    put(f"""
                for number in range(start, start + {TOGETHER}):
                    place += GOLDEN
                    drawn = np.int64(mix(place) >> SHIFT)
                    s = State({"".join(f"state{n}, " for n in state)})
                    wish = order(p, s, balance)
                    stake = wish[0] | 0  # the compiler refuses anything but whole numbers here
                    other_target |= (wish[1] | 0) != target
                    going = (number < rounds) & {_allowed(shape)}
                    stake = stake if going else 0
                    won = drawn < under
                    paid = {paid} if won else 0
                    balance += paid - stake
                    low = min(low, balance)
                    high = max(high, balance)
                    fall = max(fall, high - balance)
                    turned += stake
                    placed += 1 if going else 0
                    run = (0 if won else run + 1) if going else run
                    longest_run = max(longest_run, run)""")
    if shape.settles:
        put("                    after = settled(p, s, 1 if won else 0, stake, paid)")
        for n in state:
            whole = " | 0" if shape.state[n] == "int64" else ""
            put(f"                    state{n} = after[{n}]{whole} if going else state{n}")
    for n in state:
        put(f"                a_state{n}[lane] = state{n}")
    put(f"""
                a_balance[lane] = balance; a_low[lane] = low; a_high[lane] = high; a_fall[lane] = fall
                a_turned[lane] = turned; a_placed[lane] = placed; a_run[lane] = run
                a_longest[lane] = longest_run; a_key[lane] = place
        for lane in range(min({LANES}, sessions - block)):
            s = State({"".join(f"a_state{n}[lane], " for n in state)})
            wish = order(p, s, min(a_balance[lane], MOST))
            at = block + lane
            final[at] = a_balance[lane]; lowest[at] = a_low[lane]; highest[at] = a_high[lane]
            drawdown[at] = a_fall[lane]; turnover[at] = a_turned[lane]; bets[at] = a_placed[lane]
            rounds_[at] = a_placed[lane]; longest[at] = a_longest[lane]
            wanted[at] = wish[0]; note[at] = {"wish[2]" if shape.notes else "0"}
    return other_target
""")
    return "\n".join(lines).replace(" rounds, longest, wanted", " rounds_, longest, wanted")


def plain_text(shape: Shape) -> str:
    """The kernel one session after the other: any target, loops in steps, a look at each crash point."""
    fields = "".join(f"s_fields[{n}], " for n in range(len(shape.state)))
    stop = "" if shape.observes else "\n            if not going:\n                break"
    observe = "s = observed(p, s, max(law // (drawn + 1), 100))" if shape.observes else "pass"
    settle = "s = settled(p, s, 1 if won else 0, stake, paid)" if shape.settles else "pass"
    text = f"""{_head(shape)}
    for at in range(sessions):
        balance = bankroll; low = bankroll; high = bankroll; fall = 0; turned = 0; placed = 0; run = 0
        longest_run = 0; last = 0; target = 0; under = 0; whole = 0; cents = 0
        place = mix(key + np.uint64(first + at + 1) * SESSION_STEP)
        s = State({fields})
        for number in range(rounds):
            place += GOLDEN
            drawn = np.int64(mix(place) >> SHIFT)
            if balance > MOST:
                break
            wish = order(p, s, balance)
            stake = wish[0] | 0  # the compiler refuses anything but whole numbers here
            going = {_allowed(shape)}{stop}
            if balance >= goal:
                break
            if wish[1] != target:
                target = wish[1] | 0
                under = law // max(target, 101)
                whole = target // 100
                cents = target - whole * 100
            won = drawn < under
            stake = stake if going else 0
            paid = stake * whole + floor_divided(stake * cents, 0.01) if won else 0
            {observe}
            if going:
                {settle}
                balance += paid - stake
                turned += stake
                placed += 1
                last = number + 1
                low = min(low, balance)
                high = max(high, balance)
                fall = max(fall, high - balance)
                run = 0 if won else run + 1
                longest_run = max(longest_run, run)
        wish = order(p, s, min(balance, MOST))
        final[at] = balance; lowest[at] = low; highest[at] = high; drawdown[at] = fall; turnover[at] = turned
        bets[at] = placed; rounds_[at] = last; longest[at] = longest_run
        wanted[at] = wish[0]; note[at] = {"wish[2]" if shape.notes else "0"}
    return 0
"""
    return text.replace(" rounds, longest, wanted", " rounds_, longest, wanted")

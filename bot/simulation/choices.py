"""A strategy that a sweep chose, as a small file: ``--strategy best.toml`` uses it, with where it comes from.

What was chosen on a recording that is not sound says so wherever it is used.
"""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.simulation.odds_words import EVERY_STRATEGY_LOSES
from bot.staking import ParameterInfo
from bot.staking.registry import find

if TYPE_CHECKING:
    from bot.simulation.sweep import SweepResult

BEST = "best.toml"


def choice_text(result: SweepResult) -> str:
    """The best point as a ``[strategy]`` section; ``chosen_on`` says on what, and the recording's flag."""
    from bot.simulation.sweep_points import options_at

    plan = result.plan
    assert result.best is not None
    options = options_at(plan.work.options, plan.axes, plan.points[result.best])
    info = find(plan.work.strategy)
    values: dict[str, str] = {"name": json.dumps(plan.work.strategy if info is None else info.name)}
    for parameter in () if info is None else info.parameters:
        values[parameter.name] = _text(parameter, getattr(options, parameter.option))
    if info is None:
        values["base_stake"] = format_hundredths(options.base_stake_minor)
        if options.target is not None:
            values["target"] = format_hundredths(options.target)
        values |= {name: json.dumps(value) for name, value in options.own}
    flag = "" if plan.flag is None else f"; {plan.flag.split(';')[0]}"
    values["chosen_on"] = json.dumps(f"best of {len(result.figures)} on {plan.source}{flag}")
    body = "".join(f"{name} = {value}\n" for name, value in values.items())
    return f"# Chosen by crashbot sweep. {EVERY_STRATEGY_LOSES}\n[strategy]\n{body}"


def _text(parameter: ParameterInfo, value: Any) -> str:
    if value is None:
        return '"none"'
    if parameter.option == "stakes_minor":
        return f"[{', '.join(format_hundredths(stake) for stake in value)}]"
    if parameter.kind == "list":
        return f"[{', '.join(str(entry) for entry in value)}]"
    if parameter.kind in ("money", "multiplier"):
        return format_hundredths(value)
    return json.dumps(value) if parameter.kind == "word" else str(value)


def read_choice(path: Path) -> tuple[str, list[tuple[str, str]], str | None]:
    """Name, parameters as a person writes them, and where it was chosen. Raises ``BadInput``."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is not valid TOML: {error}") from error
    section = document.get("strategy")
    if not isinstance(section, dict) or not isinstance(section.get("name"), str):
        raise BadInput(f"{path}: a section [strategy] with a name is needed")
    said = section.get("chosen_on")
    values = []
    for key, value in section.items():
        if key not in ("name", "chosen_on") and value != "none":
            text = "+".join(str(entry) for entry in value) if isinstance(value, list) else str(value)
            values.append((key, text))
    return section["name"], values, None if said is None else str(said)

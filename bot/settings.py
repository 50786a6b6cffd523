"""Settings: what ships, changed by a person's file, changed by the command line; checked, then frozen.

Every value is checked where it comes from: a wrong one raises ``BadInput`` with the file, the key and what
is allowed there. Nothing is read again later, and nothing here is ever written.
"""

from __future__ import annotations

import difflib
import json as json_module
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from rich.console import Console
from rich.table import Table

from bot.analytics.alert_rules import AlertRules
from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput
from bot.folders import (
    SETTINGS_FILE,
    config_dir,
    named_database,
    read_toml,
    user_config_dir,
    user_data_dir,
    user_database,
    user_state_dir,
)
from bot.journal.rules import JournalRules, Pictures
from bot.limits import Limits, PeriodLimits
from bot.settings_values import (
    Exact,
    OrCount,
    OrMoney,
    OrMultiplier,
    OrName,
    Stake,
    faults,
    keys,
    line,
    none,
    stakes,
    strategy,
    tables,
)
from bot.staking import StakingOptions

__all__ = [
    "Settings",
    "config_dir",
    "load_settings",
    "show_config",
    "user_config_dir",
    "user_data_dir",
    "user_settings_file",
    "user_state_dir",
]

SHIPPED, COMMAND_LINE, ENVIRONMENT = "shipped", "command line", "DATABASE_URL"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SessionSettings(_Section):
    """What the bot may do with a table."""

    mode: Literal["practice"]


class PracticeSettings(_Section):
    """The practice casino. ``rounds``: at each table, ``None`` until stopped; ``rtp``: return to player."""

    tables: Annotated[tuple[str, ...], BeforeValidator(tables)]
    rounds: Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(none)]
    speed: Annotated[Exact, Field(ge=Decimal("0.1"), le=20)]
    rtp: Annotated[Exact, Field(ge=Decimal("0.5"), le=Decimal("0.99"))]
    faults: Annotated[str, BeforeValidator(faults)]
    seed: OrCount
    show: bool
    one_account: bool


class StrategySettings(_Section):
    """What is staked. Money in minor units, target in hundredths."""

    name: Annotated[str, BeforeValidator(strategy)]
    base_stake: Stake
    target: OrMultiplier
    max_stake: OrMoney
    max_steps: Annotated[int, Field(ge=1, le=60)]
    share: Annotated[Exact, Field(gt=0, le=1)]
    kelly_part: Annotated[Exact, Field(gt=0, le=1)]
    confidence: Annotated[Exact, Field(ge=Decimal("0.5"), lt=1)]
    wins: Annotated[int, Field(ge=1, le=60)]
    line: Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(line), Field(min_length=1)]
    stakes: Annotated[tuple[int, ...], BeforeValidator(stakes)]
    advance_on: Literal["loss", "win", "round"]
    chosen_on: Annotated[Annotated[str, Field(max_length=4_000)] | None, BeforeValidator(none)]

    def options(self) -> StakingOptions:
        """The same as ``bot.staking.build`` takes it."""
        return StakingOptions(
            base_stake_minor=self.base_stake,
            target=self.target,
            max_stake_minor=self.max_stake,
            max_steps=self.max_steps,
            share=self.share,
            kelly_part=self.kelly_part,
            confidence=self.confidence,
            wins=self.wins,
            line=self.line,
            stakes_minor=self.stakes,
            advance_on=self.advance_on,
        )


class PeriodSettings(_Section):
    """Bounds of one account for a session, or for any 24 hours. Money in minor units."""

    loss: OrMoney
    turnover: OrMoney
    rounds: OrCount
    minutes: OrCount

    def limits(self) -> PeriodLimits:
        """The same as the gate takes it."""
        return PeriodLimits(self.loss, self.turnover, self.rounds, self.minutes)


class LimitSettings(_Section):
    """What no strategy may exceed on one account. Money in minor units."""

    stake: OrMoney
    give_back: OrMoney
    balance_floor: OrMoney
    reading_age_ms: Annotated[int, Field(ge=50, le=10_000)]
    session: PeriodSettings
    day: PeriodSettings

    def limits(self) -> Limits:
        """The same as the gate takes it."""
        return Limits(
            session=self.session.limits(),
            day=self.day.limits(),
            stake_minor=self.stake,
            give_back_minor=self.give_back,
            balance_floor_minor=self.balance_floor,
            reading_age_ms=self.reading_age_ms,
        )


class HandsSettings(_Section):
    """Mouse and keyboard. ``person_pause_s``: seconds without clicks after a person moved the mouse.

    ``stop_key`` stops the bot from anywhere on the person's desktop (X11); ``None``: no such key.
    """

    person_pause_s: Annotated[Exact, Field(ge=1, le=3600)]
    stop_key: Annotated[Annotated[str, AfterValidator(keys)] | None, BeforeValidator(none)]


class BotSettings(_Section):
    """Which bot this is; ``None``: named after this machine."""

    id: OrName
    name: OrName
    vm_name: OrName
    provider: Literal["vastai", "runpod", "digitalocean", "aws", "gcp", "local"]
    region: OrName

    def resolved_id(self) -> str:
        """The name that every record carries."""
        return self.id or f"crashbot@{self.machine()}"

    def machine(self) -> str:
        """The name of the machine."""
        return self.vm_name or platform.node() or "unnamed"


class AlertSettings(_Section):
    """When a person is to be told, and by which program. Shares in percent, times in seconds."""

    losing_streak: Annotated[int, Field(ge=2)]
    error_percent: Annotated[Exact, Field(gt=0, le=100)]
    error_rounds: Annotated[int, Field(ge=10, le=500)]
    silence_s: Annotated[Exact, Field(ge=10)]
    command: OrName

    def rules(self) -> AlertRules:
        """The same as the alerts take it."""
        return AlertRules(
            losing_streak=self.losing_streak,
            error_percent=float(self.error_percent),
            error_rounds=self.error_rounds,
            silence_s=float(self.silence_s),
        )


class JournalSettings(_Section):
    """Pictures of what was seen: of which rounds, and how long they stay (``None``: without a bound)."""

    pictures: Literal["all", "bets", "none"]
    keep_days: OrCount
    keep_mb: OrCount

    def rules(self) -> JournalRules:
        """The same as the journal takes it."""
        return JournalRules(Pictures(self.pictures), self.keep_days, self.keep_mb)


class DatabaseSettings(_Section):
    """Where the records go. ``None``: SQLite in the user's data folder."""

    url: Annotated[Annotated[str, Field(min_length=1)] | None, BeforeValidator(none)]

    def resolved(self) -> str:
        """The URL to open."""
        return self.url or f"sqlite:///{user_database()}"


class Settings(_Section):
    """All settings of a run."""

    session: SessionSettings
    bot: BotSettings
    practice: PracticeSettings
    strategy: StrategySettings
    limits: LimitSettings
    hands: HandsSettings
    database: DatabaseSettings
    alerts: AlertSettings
    journal: JournalSettings


@dataclass(frozen=True, slots=True)
class _Merged:
    values: dict[str, Any]
    origins: dict[str, str]


def user_settings_file() -> Path:
    """A person's own settings. It need not exist."""
    return user_config_dir() / SETTINGS_FILE


def load_settings(overrides: Mapping[str, object] | None = None, user_file: Path | None = None) -> Settings:
    """The settings of a run.

    ``overrides`` are dotted keys of the command line, such as ``{"strategy.base_stake": "2.50"}``; ``None``
    as a value is an option not given. ``DATABASE_URL`` of the environment stands above the files and below
    the command line. ``user_file`` defaults to :func:`user_settings_file`; only a file
    given here must exist. Raises ``BadInput``: one line with origin, key and what is allowed.
    """
    return _checked(_merged(overrides, user_file))


def show_config(
    json: bool = False, overrides: Mapping[str, object] | None = None, console: Console | None = None
) -> int:
    """Print every setting with where it comes from; as JSON money and multipliers are strings. Returns 0."""
    merged = _merged(overrides, None)
    settings = _checked(merged)
    rows = [(key, _shown(key, value), merged.origins[key]) for key, value in _flat(settings.model_dump())]
    console = console or Console()
    if json:
        document = {
            "settings": {key: value for key, value, _ in rows},
            "origins": {key: origin for key, _, origin in rows},
            "files": {"shipped": str(config_dir() / SETTINGS_FILE), "own": str(user_settings_file())},
        }
        print(json_module.dumps(document, indent=2, ensure_ascii=False), file=console.file)
        return 0
    table = Table("setting", "value", "from", title="Settings in force", title_justify="left")
    for key, value, origin in rows:
        table.add_row(key, "none" if value is None else str(value), origin)
    console.print(table)
    own = user_settings_file()
    state = "read" if own.is_file() else "not there yet: make it to change a value"
    console.print(f"shipped: {config_dir() / SETTINGS_FILE}\nyour own: {own} ({state})", soft_wrap=True)
    return 0


def strategy_file(path: Path) -> dict[str, object]:
    """The ``[strategy]`` section of a file, such as a sweep writes, as overrides. Raises ``BadInput``."""
    section = read_toml(path).get("strategy")
    if not isinstance(section, dict):
        raise BadInput(f"{path} has no section [strategy]")
    return {f"strategy.{key}": value for key, value in section.items()}


# -- reading and merging --------------------------------------------------------------------------------


def _merged(overrides: Mapping[str, object] | None, user_file: Path | None) -> _Merged:
    merged = _Merged({}, {})
    _lay_over(merged, read_toml(config_dir() / SETTINGS_FILE), SHIPPED)
    own = user_file or user_settings_file()
    if user_file is not None or own.exists():
        _lay_over(merged, read_toml(own), str(own))
    if url := named_database():
        _lay_over(merged, {"database": {"url": url}}, ENVIRONMENT)
    for key, value in (overrides or {}).items():
        if value is not None:
            nested: dict[str, Any] = {}
            inner = nested
            *path, last = key.split(".")
            for part in path:
                inner = inner.setdefault(part, {})
            inner[last] = value
            _lay_over(merged, nested, COMMAND_LINE)
    return merged


def _lay_over(merged: _Merged, new: Mapping[str, Any], origin: str) -> None:
    def walk(target: dict[str, Any], source: Mapping[str, Any], prefix: str) -> None:
        for key, value in source.items():
            merged.origins[prefix + key] = origin
            if isinstance(value, dict) and isinstance(target.get(key), dict):
                walk(target[key], value, f"{prefix}{key}.")
            elif isinstance(value, dict):
                target[key] = {}
                walk(target[key], value, f"{prefix}{key}.")
            else:
                target[key] = value

    walk(merged.values, new, "")


def _checked(merged: _Merged) -> Settings:
    try:
        return Settings.model_validate(merged.values)
    except ValidationError as error:
        raise BadInput(_one_line(error, merged)) from error


def _one_line(error: ValidationError, merged: _Merged) -> str:
    """The first complaint, as ``file: key = value: what is allowed``."""
    first = error.errors(include_url=False)[0]
    key = _known_key(first["loc"], merged)
    origin = merged.origins.get(key, SHIPPED)
    if first["type"] == "extra_forbidden":
        return f"{origin}: unknown key {key!r}: {_allowed_keys(key)}"
    if first["type"] == "missing":
        return f"{SHIPPED} settings lack {key!r}: install crashbot again"
    if first["type"] in ("model_type", "dict_type"):
        return f"{origin}: {key!r} must be a section [{key}], not a value"
    said = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    said = said.replace("String should", "must").replace("a valid boolean", "true or false")
    said = said.replace("a valid integer", "a whole number")
    return f"{origin}: {key} = {_quoted(first['input'])}: {said}"


def _known_key(location: tuple[int | str, ...], merged: _Merged) -> str:
    """The dotted key of a complaint; pydantic appends its own words to it for optional values."""
    parts = [str(part) for part in location]
    while len(parts) > 1 and ".".join(parts) not in merged.origins and len(parts) > 2:
        parts.pop()
    return ".".join(parts)


def _allowed_keys(key: str) -> str:
    *path, last = key.split(".")
    model: type[BaseModel] = Settings
    for part in path:
        inner = model.model_fields[part].annotation
        assert isinstance(inner, type) and issubclass(inner, BaseModel)
        model = inner
    names = list(model.model_fields)
    near = difflib.get_close_matches(last, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    where = f"in [{'.'.join(path)}]" if path else "at the top"
    return f"{hint}allowed {where}: {', '.join(names)}"


def _quoted(value: object) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


# -- showing --------------------------------------------------------------------------------------------

_IN_HUNDREDTHS = {
    "strategy.base_stake",
    "strategy.target",
    "strategy.max_stake",
    "limits.stake",
    "limits.give_back",
    "limits.balance_floor",
    "limits.session.loss",
    "limits.session.turnover",
    "limits.day.loss",
    "limits.day.turnover",
}


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for key, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append((prefix + key, value))
    return rows


def _shown(key: str, value: Any) -> Any:
    if key in _IN_HUNDREDTHS and value is not None:
        return format_hundredths(value)
    if key == "strategy.stakes":
        return [format_hundredths(stake) for stake in value]
    if key == "database.url" and value is not None:
        return _without_password(value)
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _without_password(url: str) -> str:
    """A database URL may carry a password; what is shown does not."""
    scheme, separator, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{separator}{user}{colon}***{at}{host}" if at and colon else url

"""What ships loads; a person's file and the command line change it; anything else is refused in one line."""

from __future__ import annotations

import json
import tomllib
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rich.console import Console

from bot.domain.amounts import format_hundredths
from bot.domain.errors import BadInput, StorageError
from bot.folders import made
from bot.limits import Limits
from bot.settings import (
    config_dir,
    load_settings,
    show_config,
    strategy_file,
    user_config_dir,
    user_data_dir,
    user_settings_file,
    user_state_dir,
)
from bot.staking import build


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path / "home"))


def write_own(text: str) -> Path:
    path = user_settings_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_ships_loads_and_is_practice() -> None:
    settings = load_settings()
    assert settings.session.mode == "practice"
    assert settings.practice.tables == ("aviator", "aviatrix", "jetx")
    assert settings.practice.rounds is None
    assert settings.strategy.base_stake == 100


def test_shipped_strategy_and_limits_are_accepted_where_they_are_used() -> None:
    settings = load_settings()
    assert build(settings.strategy.name, settings.strategy.options()).order(100_000).stake_minor == 100
    limits = settings.limits.limits()
    assert isinstance(limits, Limits)
    assert limits.day.loss_minor == 200_000
    assert limits.session.minutes == 720


def test_every_shipped_section_and_key_is_one_that_is_known_and_none_is_missing() -> None:
    shipped = tomllib.loads((config_dir() / "bot.toml").read_text(encoding="utf-8"))
    dumped = load_settings().model_dump()

    def keys(values: dict[str, object]) -> dict[str, object]:
        return {key: keys(value) if isinstance(value, dict) else 0 for key, value in values.items()}

    assert keys(shipped) == keys(dumped)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load_settings().strategy.base_stake = 5  # type: ignore[misc]


def test_own_file_changes_what_ships_and_the_command_line_changes_both() -> None:
    write_own('[strategy]\nname = "martingale"\nbase_stake = 2.5\n[limits.day]\nloss = "none"\n')
    settings = load_settings()
    assert (settings.strategy.name, settings.strategy.base_stake) == ("martingale", 250)
    assert settings.limits.day.loss is None
    assert settings.limits.day.rounds == 20_000
    changed = load_settings({"strategy.base_stake": "7.01", "strategy.name": None})
    assert (changed.strategy.name, changed.strategy.base_stake) == ("martingale", 701)


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.toml cannot be read"):
        load_settings(user_file=tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ('[strategy]\nnme = "fixed"', "strategy.nme", "did you mean 'name'"),
        ('[strategy]\nname = "luck"', "strategy.name", "martingale"),
        ("[strategy]\nbase_stake = -1.00", "strategy.base_stake", "from 0.01"),
        ("[strategy]\nbase_stake = 1.005", "strategy.base_stake", "at most two decimals"),
        ("[strategy]\nbase_stake = true", "strategy.base_stake", "amount of money"),
        ("[strategy]\nbase_stake = nan", "strategy.base_stake", "amount of money"),
        ("[strategy]\ntarget = 1.00", "strategy.target", "from 1.01"),
        ("[strategy]\nshare = 2", "strategy.share", "less than or equal to 1"),
        ("strategy = 3", "strategy", "section [strategy]"),
        ('[practice]\nspeed = "fast"', "practice.speed", "a number"),
        ('[practice]\ntables = ["poker"]', "practice.tables", "aviator, aviatrix, jetx"),
        ("[practice]\ntables = []", "practice.tables", "aviator, aviatrix, jetx"),
        ("[practice]\nshow = 1", "practice.show", "true or false"),
        ('[practice]\nfaults = "A B"', "practice.faults", "joined by commas"),
        ("[practice]\nrounds = 0", "practice.rounds", "greater than or equal to 1"),
        ('[limits.day]\nloss = "lots"', "limits.day.loss", "amount of money"),
        ("[limits.day]\nrounds = 1.5", "limits.day.rounds", "whole number"),
        ("[limits]\nday = 5", "limits.day", "section [limits.day]"),
        ("[luck]\nmuch = 1", "luck", "allowed at the top: session, bot, practice"),
        ('[session]\nmode = "live"', "session.mode", "'practice'"),
        ('[hands]\nstop_key = "s"', "hands.stop_key", "ctrl+alt+s"),
        ("[hands]\nperson_pause_s = 0", "hands.person_pause_s", "greater than or equal to 1"),
        ('[database]\nurl = ""', "database.url", "at least 1 character"),
    ],
)
def test_a_bad_value_is_refused_in_one_line_with_file_key_and_what_is_allowed(
    text: str, key: str, allowed: str
) -> None:
    path = write_own(text)
    with pytest.raises(BadInput) as caught:
        load_settings()
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert allowed in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"x =", b"[strategy\n", b"\xff\xfe\x00", b'a = "\n"'])
def test_a_malformed_file_is_refused_in_one_line_that_names_it(content: bytes) -> None:
    path = write_own("")
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        load_settings()
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_option_says_that_it_came_from_the_command_line() -> None:
    with pytest.raises(BadInput, match=r"^command line: strategy\.base_stake = '-1'"):
        load_settings({"strategy.base_stake": "-1"})
    with pytest.raises(BadInput, match=r"unknown key 'strategy\.luck'"):
        load_settings({"strategy.luck": 1})


@given(st.integers(min_value=1, max_value=10**12))
def test_money_is_read_exactly(minor: int) -> None:
    text = format_hundredths(minor)
    assert load_settings({"strategy.base_stake": text}).strategy.base_stake == minor


@given(
    st.dictionaries(
        st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(), st.floats()), max_size=4
    )
)
def test_nonsense_is_bad_input_and_nothing_else(values: dict[str, object]) -> None:
    try:
        load_settings(values)
    except BadInput as error:
        assert "\n" not in str(error)


def test_all_own_folders_follow_the_environment(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert (user_config_dir(), user_data_dir(), user_state_dir()) == (
        home / "config",
        home / "data",
        home / "state",
    )
    assert load_settings().database.resolved() == f"sqlite:///{home / 'data' / 'crashbot.sqlite3'}"


def test_without_the_variable_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CRASHBOT_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    folders = {user_config_dir(), user_data_dir(), user_state_dir()}
    assert len(folders) >= 1
    assert all("crashbot" in folder.parts for folder in folders)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="CRASHBOT_HOME"):
        made(tmp_path / "file" / "inside")


def test_show_config_says_each_value_and_where_it_comes_from() -> None:
    path = write_own("[strategy]\nbase_stake = 2.50\n")
    out = StringIO()
    assert show_config(json=True, overrides={"practice.speed": "4"}, console=Console(file=out)) == 0
    shown = json.loads(out.getvalue())
    assert shown["settings"]["strategy.base_stake"] == "2.50"
    assert shown["origins"]["strategy.base_stake"] == str(path)
    assert shown["origins"]["practice.speed"] == "command line"
    assert shown["origins"]["practice.rtp"] == "shipped"
    assert shown["settings"]["limits.day.loss"] == "2000.00"


def test_show_config_is_readable_and_hides_a_password() -> None:
    write_own('[database]\nurl = "postgresql://bot:hunter2@localhost/records"\n')
    for json_form in (False, True):
        out = StringIO()
        assert show_config(json=json_form, console=Console(file=out, width=200)) == 0
        assert "hunter2" not in out.getvalue()
        assert "bot:***@localhost/records" in out.getvalue()


def test_what_a_sweep_wrote_is_a_strategy_for_every_command(tmp_path: Path) -> None:
    path = tmp_path / "best.toml"
    path.write_text('[strategy]\nname = "martingale"\ntarget = 1.50\nchosen_on = "best of 9 on rounds.csv"\n')
    strategy = load_settings(strategy_file(path)).strategy
    assert (strategy.name, strategy.target) == ("martingale", 150)
    assert strategy.chosen_on == "best of 9 on rounds.csv"


def test_a_file_without_a_strategy_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text("[limits]\nstake = 5.00\n")
    with pytest.raises(BadInput, match="strategy"):
        strategy_file(path)


def test_a_sequence_of_stakes_comes_from_the_settings() -> None:
    write_own('[strategy]\nname = "sequence"\nstakes = [1.00, 2.50]\nadvance_on = "win"\n')
    options = load_settings().strategy.options()
    assert (options.stakes_minor, options.advance_on) == ((100, 250), "win")

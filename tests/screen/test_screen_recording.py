"""A drawn table is watched, put on tape, and replayed: read, decided and refused as it was, or told apart."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import pytest
from screen_page import Page, screen_with

from bot.cli_record import replay as replay_command
from bot.domain.clock import ManualClock, SystemClock
from bot.domain.errors import BadInput
from bot.domain.words import ButtonState, Phase
from bot.limits import Limits, PeriodLimits
from bot.recording import Recorder, RecordingCapture, RecordingFile, open_recording
from bot.runtime.eyes import eye_on
from bot.runtime.messages import TableSpec
from bot.runtime.record_run import RecordAsk, run_record
from bot.runtime.recording_eye import RecordingEye, options_json, options_of, start_recording
from bot.runtime.replay_words import replay_json
from bot.runtime.replaying import ReplayAsk, Replayed, placed, replay
from bot.screen.capture import ImageCapture
from bot.staking import StakingOptions

CRASHES = (164, 231, 128, 305)
BETTING_S, CRASHED_S, STEP_S = 2.0, 1.2, 0.08
PER_S = 0.35
ENDED = ["2.45x", "1.00x", "13.07x", "1.98x"]


@dataclass(frozen=True)
class Taped:
    """A recording and what the live eye read."""

    path: Path
    looks: int


def _pages() -> list[Page]:
    """What is shown, one page a look."""
    shown: list[Page] = []
    history = list(ENDED)
    base = Page(balance="1,000.00")
    for crash in CRASHES:
        steps = round(BETTING_S / STEP_S)
        for step in range(steps):
            left = 1 - step / steps
            shown.append(
                base.but(phase=Phase.BETTING, time_left=left, history=tuple(history), button=ButtonState.BET)
            )
        seconds = math.log(crash / 100) / PER_S
        for step in range(math.ceil(seconds / STEP_S)):
            number = math.floor(100 * math.exp(PER_S * step * STEP_S))
            text = f"{number // 100}.{number % 100:02d}x"
            shown.append(base.but(number=text, history=tuple(history), moment=step * STEP_S))
        end = f"{crash // 100}.{crash % 100:02d}x"
        history = [end, *history[:5]]
        for _ in range(round(CRASHED_S / STEP_S)):
            shown.append(base.but(phase=Phase.CRASHED, number=end, history=tuple(history)))
    shown += [
        base.but(phase=Phase.BETTING, time_left=0.9, history=tuple(history), button=ButtonState.BET)
    ] * 8
    return shown


def _spec(folder: Path) -> TableSpec:
    return TableSpec(
        table="drawn",
        game="aviator",
        account="drawn",
        currency="USD",
        session_id="s1",
        nonce=Page().nonce,
        index=Page().index,
        display=None,
        fonts_folder=str(folder / "fonts"),
        speed=1.0,
        strategy="fixed_stake",
        options=StakingOptions(base_stake_minor=150, target=200),
    )


@pytest.fixture(scope="module")
def taped(tmp_path_factory: pytest.TempPathFactory) -> Taped:
    folder = tmp_path_factory.mktemp("tape")
    clock, screen, path = ManualClock(), ImageCapture(screen_with([])), folder / "drawn.crashrec"
    capture = RecordingCapture(screen)
    recorder = start_recording(_spec(folder), capture, clock, path)
    eye = RecordingEye(eye_on(_spec(folder), capture, clock), capture, recorder)
    pages = _pages()
    for page in pages:
        screen.image = screen_with([(page, 100, 50)], 900, 640)
        eye.look()
        clock.advance(STEP_S)
    eye.close()
    assert eye.problem == ""
    return Taped(path, len(pages))


@pytest.fixture(scope="module")
def replayed(taped: Taped) -> Replayed:
    return replay(ReplayAsk(taped.path), SystemClock())


def test_every_reading_is_as_it_was_and_every_round_is_there(taped: Taped, replayed: Replayed) -> None:
    assert replayed.looks == taped.looks
    assert replayed.reads_as_then
    assert dict(replayed.differing) == {}
    assert [each.crash for each in replayed.rounds] == list(CRASHES)
    assert not replayed.cut_off


def test_bets_are_decided_and_settled_on_what_was_read(replayed: Replayed) -> None:
    bets = placed(replayed)
    assert [(bet.stake_minor, bet.target) for bet in bets] == [(150, 200)] * len(bets)
    seen = {each.number: each for each in replayed.rounds}
    for number in (1, 2):  # the first that is seen from its beginning to its take-off is the second
        assert seen[number].bet is None
        assert seen[number].refused == "no round was seen whole yet"
    won = sum(1 for each in replayed.rounds if each.bet and (each.crash or 0) >= 200)
    assert len(bets) == len(CRASHES) - 2
    assert replayed.result_minor == won * 150 - (len(bets) - won) * 150
    assert replayed.bankroll_minor == 100_000 + replayed.result_minor


def test_the_gate_is_asked(taped: Taped) -> None:
    limits = Limits(session=PeriodLimits(rounds=1))
    found = replay(ReplayAsk(taped.path, limits), SystemClock())
    assert len(placed(found)) == 1
    assert {name for name, _ in found.refusals} == {"first_whole_round", "session_rounds"}
    denied = [each for each in found.rounds if each.refused and each.number > 2]
    assert len(denied) == len(CRASHES) - 3


def test_another_strategy_may_be_tried_on_the_same_tape(taped: Taped) -> None:
    options = StakingOptions(base_stake_minor=100, target=125)
    ask = ReplayAsk(taped.path, strategy="martingale", options=options, bankroll_minor=5_000)
    found = replay(ask, SystemClock())
    assert {bet.target for bet in placed(found)} == {125}
    assert found.bankroll_minor == 5_000 + found.result_minor
    changed = replay(ReplayAsk(taped.path, base_stake_minor=700), SystemClock())
    assert {(bet.stake_minor, bet.target) for bet in placed(changed)} == {(700, 200)}


def test_its_json_has_multipliers_and_money_as_strings(replayed: Replayed) -> None:
    told = json.loads(json.dumps(replay_json(replayed)))
    assert [each["crash"] for each in told["rounds"]] == ["1.64", "2.31", "1.28", "3.05"]
    assert told["rounds"][2]["bet"]["stake"] == "1.50"
    assert told["reads_as_then"] is True
    assert told["speed"] > 0


def _rewritten(source: Path, target: Path, changed: dict[int, dict[str, object]]) -> Path:
    """The same tape with other readings told at some looks."""
    recording = open_recording(source)
    recorder = Recorder(RecordingFile(target, recording.header))
    for number, look in enumerate(recording.looks(), 1):
        told = {**look.told, **changed.get(number, {})}
        recorder.look(look.at, list(look.grabs), told)
    recording.close()
    recorder.close()
    return target


def test_a_reading_that_differs_is_told_and_strict_says_so(taped: Taped, tmp_path: Path) -> None:
    path = _rewritten(taped.path, tmp_path / "other.crashrec", {40: {"multiplier": "9.99"}})
    found = replay(ReplayAsk(path), SystemClock())
    assert dict(found.differing) == {("multiplier", "changed"): 1}
    example = found.examples[0]
    assert (example.look, example.difference.then) == (40, "9.99")
    assert not found.reads_as_then
    with pytest.raises(Exception, match=r"^1$"):
        replay_command(path, strict=True, json=True)


def test_a_tape_that_was_cut_off_is_replayed_up_to_there(taped: Taped, tmp_path: Path) -> None:
    content = taped.path.read_bytes()
    path = tmp_path / "cut.crashrec"
    path.write_bytes(content[: len(content) // 2])
    found = replay(ReplayAsk(path), SystemClock())
    assert found.cut_off
    assert 0 < found.looks < taped.looks
    assert found.reads_as_then


def _with_header(source: Path, target: Path, **changes: object) -> Path:
    recording = open_recording(source)
    header = recording.header | changes
    first = next(recording.looks())
    recording.close()
    recorder = Recorder(RecordingFile(target, {k: v for k, v in header.items() if v is not None}))
    recorder.look(first.at, list(first.grabs), first.told)
    recorder.close()
    return target


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table": "../elsewhere"}, "header"),
        ({"files": {"../../evil.json": "e30="}}, "header"),
        ({"files": {"a.json": "%%%"}}, "header"),
        ({"game": "/etc/passwd"}, "header"),
        ({"screen": None}, "screen"),
        ({"screen": [0, 5]}, "screen"),
        ({"options": {"share": "much"}}, "header"),
        ({"nonce": None}, "header"),
        ({"strategy": "mine.py:Mine"}, "--strategy"),
        ({"strategy": "unheard_of"}, "unheard_of"),
    ],
)
def test_a_header_that_is_wrong_or_reaches_out_is_refused(
    taped: Taped, tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    path = _with_header(taped.path, tmp_path / "bad.crashrec", **changes)
    with pytest.raises(BadInput, match=said) as told:
        replay(ReplayAsk(path), SystemClock())
    assert "\n" not in str(told.value)
    assert not (tmp_path / "evil.json").exists()


def test_a_recording_without_looks_is_told(taped: Taped, tmp_path: Path) -> None:
    recording = open_recording(taped.path)
    RecordingFile(tmp_path / "empty.crashrec", recording.header).close()
    recording.close()
    with pytest.raises(BadInput, match="no looks"):
        replay(ReplayAsk(tmp_path / "empty.crashrec"), SystemClock())


def test_a_disk_that_takes_no_more_ends_the_recording_and_not_the_looking(tmp_path: Path) -> None:
    clock, screen = ManualClock(), ImageCapture(screen_with([(Page(), 100, 50)], 900, 640))
    capture = RecordingCapture(screen)
    recorder = start_recording(_spec(tmp_path), capture, clock, tmp_path / "a.crashrec")
    eye = RecordingEye(eye_on(_spec(tmp_path), capture, clock), capture, recorder)
    told: list[str] = []
    eye.tell = told.append
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - closed with the recorder
    recorder._file._file.close()
    recorder._file._file = full
    for _ in range(40):
        clock.advance(STEP_S)
        assert eye.look().placement is not None
    assert "cannot be written" in eye.problem
    assert told == [eye.problem]
    eye.close()


def test_options_survive_the_tape() -> None:
    options = StakingOptions(base_stake_minor=5, stakes_minor=(1, 2), own=(("a", 1), ("b", "x")))
    assert options_of(json.loads(json.dumps(options_json(options)))) == options


def test_record_says_that_practice_tables_are_recorded_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    monkeypatch.setenv("CRASHBOT_HOME", str(tmp_path))
    with pytest.raises(BadInput, match="practice --record"):
        run_record(RecordAsk("aviator"), Console())
    with pytest.raises(BadInput, match="calibrate"):
        run_record(RecordAsk("nowhere"), Console())
    with pytest.raises(BadInput, match="--minutes"):
        run_record(RecordAsk("nowhere", minutes=0), Console())

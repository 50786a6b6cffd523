"""Learning a font by itself: the curve, likeness, trust, and the wrong labels that are found out."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from screen_drawing import multiplier_text, number_picture
from screen_eye import Table
from screen_page import Page

from bot.domain.ports import Image, Line, OcrEngine
from bot.domain.words import Phase
from bot.screen.fonts import FontStore
from bot.screen.glyphs import GlyphFont, GlyphReader, NoLine
from bot.screen.learning import LearnState, Sample, Teacher, build_font, on_curve, sample_of
from bot.screen.masks import TextColour
from bot.screen.numbers import parse_multiplier

WHITE = TextColour.on_dark("flying", (255, 255, 255))
GROWTH = 0.0858


def flight(pace: float = 1.0, seconds: float = 10.0, step: float = 0.07) -> list[tuple[float, int]]:
    times = np.arange(0.3, seconds, step)
    return [(float(t), math.floor(100 * math.exp(GROWTH * pace * t))) for t in times]


def samples(values: list[tuple[float, int]], family: str = "inter") -> list[Sample]:
    finder = GlyphReader(GlyphFont(), parse_multiplier)
    result = []
    for at_s, value in values:
        text = multiplier_text(value)
        found = finder.find(number_picture(text, family=family, size=60, moment=at_s), [WHITE])
        assert not isinstance(found, NoLine)
        result.append(sample_of(found, text, at_s, value))
    return result


def bare(at_s: float, value: int) -> Sample:
    """A sample without pictures, for the curve alone."""
    return Sample("0", np.zeros((1, 384), np.float32), (1.0,), at_s, value)


@pytest.mark.parametrize("pace", [1.0, 5.0, 20.0])
@pytest.mark.parametrize("known", [True, False])
def test_true_flight_lies_on_its_curve(pace: float, known: bool) -> None:
    chain = [bare(at_s, value) for at_s, value in flight(pace, seconds=8 / pace, step=0.05 / pace)]
    assert len(on_curve(chain, GROWTH, pace if known else None)) == len(chain)


@pytest.mark.parametrize("pace", [None, 1.0])
def test_wrong_labels_leave_the_curve(pace: float | None) -> None:
    rng = random.Random(3)
    values = flight()
    wrong = set(rng.sample(range(len(values)), 12))
    chain = []
    for place, (at_s, value) in enumerate(values):
        digit = rng.choice([10, 30, 70, 100])
        chain.append(bare(at_s, value + digit if place in wrong else value))
    kept = on_curve(chain, GROWTH, pace)
    assert len(kept) >= len(values) - 20
    assert not any(chain[place] is each for place in wrong for each in kept)


def test_numbers_that_do_not_fly_are_no_flight() -> None:
    rng = random.Random(1)
    assert on_curve([bare(i * 0.1, rng.randint(100, 900)) for i in range(60)], GROWTH, None) == []
    assert on_curve([bare(i * 0.1, 137) for i in range(60)], GROWTH, None) == []
    assert on_curve([bare(i * 0.1, 100 + i) for i in range(4)], GROWTH, None) == []


def test_known_pace_refuses_another_growth() -> None:
    chain = [bare(at_s, value) for at_s, value in flight(pace=2.0)]
    assert on_curve(chain, GROWTH, 1.0) == []


def test_injected_wrong_labels_are_left_out_of_the_font() -> None:
    true = samples(flight(seconds=16, step=0.1))
    rng = random.Random(5)
    wrong = rng.sample(range(len(true)), 10)
    mixed = list(true)
    for place in wrong:
        characters = list(true[place].characters)
        spot = rng.randrange(len(characters) - 1)
        characters[spot] = rng.choice([d for d in "0123456789" if d != characters[spot]])
        mixed[place] = replace(true[place], characters="".join(characters))
    font, kept = build_font(mixed, need_x=True, each=3)
    assert font is not None and font.knows_all_digits()
    assert not any(mixed[place] is each for place in wrong for each in kept)
    clean, _ = build_font(true, need_x=True, each=3)
    assert clean is not None
    assert (font.templates * clean.templates).sum(axis=1).min() > 0.99


def test_digit_that_is_always_mislabelled_gives_no_font() -> None:
    true = samples(flight(seconds=16, step=0.1))
    swapped = [replace(each, characters=each.characters.replace("8", "3")) for each in true]
    font, _ = build_font(swapped, need_x=True, each=3)
    assert font is None


def test_missing_digit_gives_no_font() -> None:
    few = [each for each in samples(flight(seconds=16, step=0.1)) if "7" not in each.characters]
    assert build_font(few, need_x=True, each=3)[0] is None


def _fly(teacher: Teacher, labels: dict[int, str] | None = None, family: str = "inter") -> None:
    """One flight with true labels, but for those given."""
    reader = GlyphReader(teacher.font, parse_multiplier)
    for at_s, value in flight(seconds=14, step=0.1):
        reader.font = teacher.font
        text = (labels or {}).get(value, multiplier_text(value))
        found = reader.find(
            number_picture(multiplier_text(value), family=family, size=60, moment=at_s), [WHITE]
        )
        assert not isinstance(found, NoLine)
        said = parse_multiplier(text)
        assert said is not None
        if teacher.state is LearnState.LEARNING:
            teacher.label(found, text, said, at_s)
            teacher.flight_goes_on()
        else:
            seen = reader.read_found(found).value
            teacher.compared(None if seen is None else seen == said, at_s)
    teacher.flight_over()


def test_font_is_trusted_only_after_agreement_on_new_frames() -> None:
    kept: list[bool] = []
    teacher = Teacher(None, lambda font: kept.append(font.trusted), GROWTH)
    assert teacher.state is LearnState.LEARNING and not teacher.trusted
    _fly(teacher)
    assert teacher.trusted and kept == [True]


def test_disagreement_takes_trust_away_and_a_second_one_relearns() -> None:
    teacher = Teacher(None, growth=GROWTH)
    _fly(teacher)
    teacher.compared(False, 100.0)
    assert teacher.state is LearnState.CHECKING
    teacher.compared(False, 101.0)
    assert teacher.state is LearnState.LEARNING and not teacher.font.characters
    _fly(teacher)
    assert teacher.trusted


def test_audit_is_due_about_once_a_second() -> None:
    learner = Teacher(None, growth=GROWTH)
    _fly(learner)
    teacher = Teacher(learner.font, growth=GROWTH)
    for frame in range(5):
        assert teacher.audit_due(200.0 + frame * 0.05)
        teacher.compared(True, 200.0 + frame * 0.05)
    assert not teacher.audit_due(200.3)
    assert teacher.audit_due(201.3)


def test_fonts_survive_on_disk(tmp_path: Path) -> None:
    store = FontStore(tmp_path)
    assert store.load("t", "multiplier") is None and store.stamp("t", "multiplier") == 0
    teacher = Teacher(None, lambda font: store.save("t", "multiplier", font), GROWTH)
    _fly(teacher)
    kept = store.load("t", "multiplier")
    assert kept is not None and kept.trusted
    assert kept.characters == teacher.font.characters
    assert np.array_equal(kept.templates, teacher.font.templates)
    assert Teacher(kept, growth=GROWTH).trusted


def test_damaged_font_file_counts_as_none(tmp_path: Path) -> None:
    store = FontStore(tmp_path)
    teacher = Teacher(None, lambda font: store.save("t", "multiplier", font), GROWTH)
    _fly(teacher)
    (tmp_path / "t" / "multiplier.npz").write_bytes(b"PK\x03\x04 nothing")
    assert store.load("t", "multiplier") is None


class Recorder:
    """The real engine, counted; ``lies`` changes what it says."""

    name = "recorder"

    def __init__(self, engine: OcrEngine) -> None:
        self.engine, self.calls = engine, 0
        self.lies: dict[str, str] = {}

    def read_line(self, image: Image, charset: str | None = None) -> Line:
        self.calls += 1
        line = self.engine.read_line(image, charset)
        return Line(self.lies.get(line.text, line.text), line.confidence)


def _watch(table: Table, seconds: float, step: float = 0.08) -> list[tuple[int, int | None]]:
    """A flight on the drawn page; what was flown and what was read."""
    seen = []
    for at_s in np.arange(0.0, seconds, step):
        value = math.floor(100 * math.exp(GROWTH * at_s))
        page = table.page.but(phase=Phase.FLYING, number=multiplier_text(value), moment=float(at_s))
        seen.append((value, table.look(page, seconds=step).multiplier.value))
    end = table.page.but(phase=Phase.CRASHED)
    reading = table.look(end, seconds=step)
    assert reading.phase is Phase.CRASHED and reading.multiplier.value == value
    table.look(table.page.but(phase=Phase.BETTING), seconds=step)
    return seen


@pytest.mark.parametrize("game", ["aviator", "aviatrix", "jetx"])
def test_fresh_table_reads_right_at_once_and_learns(engine: OcrEngine, game: str, tmp_path: Path) -> None:
    recorder = Recorder(engine)
    table = Table(recorder, Page(game=game), tmp_path)
    first = _watch(table, 9.0)
    assert all(read in (value, None) for value, read in first)
    assert sum(read is not None for _, read in first) > 0.9 * len(first)
    assert table.eye.readers.multiplier.teacher.trusted
    before = recorder.calls
    second = _watch(table, 9.0)
    assert all(read == value for value, read in second)
    assert recorder.calls - before < 30
    again = Table(recorder, Page(game=game), tmp_path)
    assert again.eye.readers.multiplier.teacher.trusted


def test_lying_engine_is_found_out_and_nothing_wrong_is_said(engine: OcrEngine, tmp_path: Path) -> None:
    recorder = Recorder(engine)
    table = Table(recorder, Page(), tmp_path)
    recorder.lies = {multiplier_text(v): multiplier_text(v + 60) for v in (112, 125, 131)}
    _watch(table, 8.0)
    font = table.eye.readers.multiplier.teacher.font
    assert font.knows_all_digits()
    recorder.lies = {}
    assert all(read in (value, None) for value, read in _watch(table, 9.0))


def test_font_that_went_bad_is_relearned(engine: OcrEngine, tmp_path: Path) -> None:
    table = Table(engine, Page(), tmp_path)
    _watch(table, 9.0)
    teacher = table.eye.readers.multiplier.teacher
    font = teacher.font
    swap = str.maketrans("38", "83")
    teacher.font = GlyphFont(font.templates, font.characters.translate(swap), font.aspects, True)
    for _ in range(3):
        _watch(table, 9.0)
    assert teacher.trusted and teacher.relearned >= 1
    assert all(read in (value, None) for value, read in _watch(table, 9.0))

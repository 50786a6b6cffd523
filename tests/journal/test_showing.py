"""The story as text, JSON, contact sheet and page: complete, self-contained, and safe to open."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from PIL import Image as Pictures
from rich.console import Console

from bot.database import Database
from bot.domain.pictures import Moment
from bot.journal.gathering import find_round, gather
from bot.journal.page import page_html
from bot.journal.sheet import WIDTH, sheet_png
from bot.journal.shown import ready
from bot.journal.story import Story, tell
from bot.journal.telling import print_story, story_json
from tests.journal.recorded import LAST, SKIPPED, START, WON, Rows


def story(database: Database, which: str) -> Story:
    return tell(gather(database, find_round(database, which)))


def printed(told: Story, folder: Path, width: int = 100) -> str:
    out = io.StringIO()
    print_story(Console(file=out, width=width, color_system=None), told, folder)
    return out.getvalue()


class Embedded(HTMLParser):
    """What a page holds, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[bytes] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href") and value is not None:
                if value.startswith("data:image/png;base64,"):
                    self.pictures.append(base64.b64decode(value.partition(",")[2]))
                else:
                    self.fetched.append(value)


def parsed(page: str) -> Embedded:
    found = Embedded()
    found.feed(page)
    return found


def test_the_terminal_tells_everything_and_where_the_pictures_lie(recorded: Database, folder: Path) -> None:
    told = story(recorded, WON)
    text = printed(told, folder)
    assert text.startswith("aviator round 1, 2026-01-01 00:00:20 UTC")
    assert told.verdict[0] in text
    for line in told.lines:
        assert line.text.split(":")[0] in text
    for picture in told.pictures:
        if picture.path is not None:
            assert Path(picture.path).name in text
    assert "none: left out: the disk was slower" in text


def test_a_picture_that_is_gone_or_changed_is_said_to_be(recorded: Database, folder: Path) -> None:
    told = story(recorded, WON)
    gone, changed = (picture.path for picture in told.pictures[:2])
    assert gone is not None and changed is not None
    (folder / gone).unlink()
    (folder / changed).write_bytes(b"something else")
    text = printed(told, folder)
    assert "none: not on this disk" in text
    assert "checksum" in text
    assert [each.image is None for each in ready(told, folder)] == [True, True, True, False, False]
    assert sheet_png(told, folder)
    assert "not on this disk" in page_html(told, folder)


def test_json_has_exact_texts_and_files_that_exist(recorded: Database, folder: Path) -> None:
    document = json.loads(json.dumps(story_json(story(recorded, WON), folder)))
    assert (document["crash_point"], document["number"], document["table"]) == ("2.45", 1, "aviator")
    assert document["began"] == "2026-01-01T00:00:20.000000Z"
    assert [Path(each["file"]).is_file() for each in document["pictures"] if each["file"]] == [True] * 4
    assert document["pictures"][2]["missing"].startswith("left out")
    assert document["pictures"][0]["seen"]["balance"]["value"] == "100.00"
    assert all(each["ms"] >= 0 or each["kind"] == "session" for each in document["lines"])


def test_the_sheet_holds_the_pictures_themselves(recorded: Database, folder: Path) -> None:
    told = story(recorded, WON)
    sheet = np.asarray(Pictures.open(io.BytesIO(sheet_png(told, folder))).convert("RGB"))
    assert sheet.shape[1] == WIDTH
    first = ready(told, folder)[0].image
    assert first is not None
    corner = first[20:60, 4:40, ::-1]  # beside the fields, so that no outline is drawn on it
    windows = np.lib.stride_tricks.sliding_window_view(sheet[:, :, 0], corner.shape[:2])[:400, :200]
    assert (windows == corner[:, :, 0]).all(axis=(2, 3)).any()


def test_a_round_without_pictures_has_a_sheet_and_a_page(recorded: Database, folder: Path) -> None:
    told = story(recorded, LAST)
    assert Pictures.open(io.BytesIO(sheet_png(told, folder))).size[0] == WIDTH
    assert "No moment of this round was kept." in page_html(told, folder)
    assert "No pictures are recorded" in printed(told, folder)


def test_the_page_needs_nothing_else(recorded: Database, folder: Path) -> None:
    told = story(recorded, WON)
    found = parsed(page_html(told, folder))
    assert found.fetched == []
    assert "script" not in found.tags and "link" not in found.tags
    whole = [each.data for each in ready(told, folder) if each.data is not None]
    assert len(whole) == 4
    for data in whole:
        assert data in found.pictures
    assert len(found.pictures) > len(whole)  # the crops of the fields
    for data in found.pictures:
        Pictures.open(io.BytesIO(data)).load()


def test_what_a_record_says_is_text_on_the_page(recorded: Database, folder: Path) -> None:
    """Reasons come from screens and databases: they must not become part of the page or of the terminal."""
    bad = "<script>alert(1)</script> [bold]x[/bold] & 'y'"
    rows = Rows(recorded)
    rows.bet("02bad-bet", "01bad-round", "missed", START, reason=bad)
    rows.picture(folder, "01bad-round", Moment.DECIDED, START)
    told = story(recorded, "01bad-round")
    page = page_html(told, folder)
    assert "script" not in parsed(page).tags
    assert "&lt;script&gt;" in page
    assert "[bold]x[/bold]" in printed(told, folder)


def test_fields_are_those_that_the_moment_was_about(recorded: Database, folder: Path) -> None:
    decided, before, _, settled, end = ready(story(recorded, WON), folder)
    assert [field.name for field in decided.fields] == ["p0_button"]
    assert [field.name for field in end.fields] == ["multiplier"]
    assert (end.fields[0].value, end.fields[0].sure, end.fields[0].read) == (
        "2.45x",
        "0.999, both readers",
        True,
    )
    assert settled.fields[0].value.startswith("not read")
    assert before.fields[0].crop.shape[:2] == (38, 68)


def test_a_skipped_round_shows_what_made_it_skip(recorded: Database, folder: Path) -> None:
    page = page_html(story(recorded, SKIPPED), folder)
    assert re.search(r"No bet: the button is disabled", page)
    assert len(parsed(page).pictures) >= 2

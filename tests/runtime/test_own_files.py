"""A user's tables as files: what is packed, what is taken in, and what is refused."""

from __future__ import annotations

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from bot.domain.errors import BadInput
from bot.domain.words import Box
from bot.runtime.own_files import MARK_FILE, MAX_FILE_BYTES, TableFiles
from bot.screen.own.definition import OwnTable, OwnTables, layout_text

TABLE = OwnTable(
    name="desk",
    fields={"multiplier": Box(100, 120, 200, 80), "balance": Box(300, 40, 90, 24)},
    screen=(1280, 900),
    game="aviator",
    bookmaker="Somebody",
    account="wallet",
    currency="EUR",
    rtp=Decimal("0.97"),
)


def arrays() -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, boxes=np.zeros((1, 4), np.int32), p0=np.zeros((24, 48, 3), np.uint8))
    return content.getvalue()


@pytest.fixture
def files(tmp_path: Path) -> TableFiles:
    """One learned table."""
    made = TableFiles(OwnTables(tmp_path / "tables"))
    folder = made.save(TABLE)
    (folder / "learned.json").write_text('{"version": 1}', encoding="utf-8")
    (folder / "anchors.npz").write_bytes(arrays())
    (folder / "multiplier.json").write_text('{"version": 1}', encoding="utf-8")
    (folder / "multiplier.npz").write_bytes(arrays())
    return made


def other(tmp_path: Path) -> TableFiles:
    return TableFiles(OwnTables(tmp_path / "elsewhere"))


def packed(path: Path, **changes: bytes | None) -> Path:
    """A packed table with some files changed (``None``: left out)."""
    contents: dict[str, bytes | None] = {
        MARK_FILE: json.dumps({"format": "crashbot table", "version": 1, "name": "desk"}).encode(),
        "table.toml": layout_text(TABLE).encode(),
        "learned.json": b"{}",
    }
    contents |= {name.replace("__", "/").replace("_dot_", "."): content for name, content in changes.items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def test_a_table_goes_to_another_machine_with_all_that_was_learned(files: TableFiles, tmp_path: Path) -> None:
    inside = files.export("desk", tmp_path / "desk.zip")
    taken = other(tmp_path).unpack(tmp_path / "desk.zip")
    assert taken == TABLE
    folder = other(tmp_path).tables.path("desk")
    assert sorted(path.name for path in folder.iterdir()) == sorted(set(inside) - {MARK_FILE})
    assert (folder / "anchors.npz").read_bytes() == (files.tables.path("desk") / "anchors.npz").read_bytes()


def test_a_packed_table_can_be_taken_in_under_another_name(files: TableFiles, tmp_path: Path) -> None:
    files.export("desk", tmp_path / "desk.zip")
    assert files.unpack(tmp_path / "desk.zip", "second").name == "second"
    assert files.tables.names() == ["desk", "second"]


def test_nothing_is_overwritten(files: TableFiles, tmp_path: Path) -> None:
    files.export("desk", tmp_path / "desk.zip")
    with pytest.raises(BadInput, match="is there already"):
        files.export("desk", tmp_path / "desk.zip")
    with pytest.raises(BadInput, match="already: give another name"):
        files.unpack(tmp_path / "desk.zip")
    with pytest.raises(BadInput, match="already: give another name"):
        files.copy("desk", "desk", None)


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/passwd", "a/../../b.npz", "run.py", "fonts/x.npz", "Table.toml", ".json"]
)
def test_a_file_that_does_not_belong_there_is_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "bad.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"{}")
    with pytest.raises(BadInput, match="is not a packed table"):
        other(tmp_path).unpack(path)
    assert not (tmp_path / "elsewhere").exists()


def test_arrays_with_pickled_objects_are_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    np.savez(content, boxes=np.array([{"a": 1}], dtype=object))
    with pytest.raises(BadInput, match=r"anchors\.npz is damaged"):
        other(tmp_path).unpack(packed(tmp_path / "bad.zip", anchors_dot_npz=content.getvalue()))


def test_an_array_that_claims_to_be_huge_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 40,)}
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("boxes.npy", header.getvalue())
    with pytest.raises(BadInput, match="damaged"):
        other(tmp_path).unpack(packed(tmp_path / "bad.zip", anchors_dot_npz=content.getvalue()))


def test_a_file_that_unpacks_to_more_than_a_table_can_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MARK_FILE, b'{"format": "crashbot table", "version": 1}')
        archive.writestr("learned.json", b" " * (MAX_FILE_BYTES + 1))
    with pytest.raises(BadInput, match="larger than a table can be"):
        other(tmp_path).unpack(path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "many.zip")
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(90):
            archive.writestr(f"a{number}.json", b"{}")
    with pytest.raises(BadInput, match="at most"):
        other(tmp_path).unpack(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"table_dot_toml": None}, r"no table\.toml"),
        ({"table_dot_toml": b"fields = 3"}, "no fields"),
        ({"table_dot_toml": b"\xff\xfe"}, "not valid TOML"),
        ({"learned_dot_json": b"[1"}, r"learned\.json is damaged"),
        ({"learned_dot_json": b"[" * 100_000}, r"learned\.json is damaged"),
        ({"anchors_dot_npz": b"no zip"}, r"anchors\.npz is damaged"),
    ],
)
def test_damage_is_told(tmp_path: Path, changes: dict[str, bytes | None], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        other(tmp_path).unpack(packed(tmp_path / "bad.zip", **changes))


def test_what_is_no_packed_table_is_told(tmp_path: Path) -> None:
    plain = tmp_path / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("table.toml", layout_text(TABLE))
    with pytest.raises(BadInput, match="crashbot tables export"):
        other(tmp_path).unpack(plain)
    text = tmp_path / "text.zip"
    text.write_text("hello", encoding="utf-8")
    with pytest.raises(BadInput, match="not a packed table"):
        other(tmp_path).unpack(text)
    with pytest.raises(BadInput, match="there is no file"):
        other(tmp_path).unpack(tmp_path / "none.zip")
    whole = packed(tmp_path / "cut.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="not a packed table"):
        other(tmp_path).unpack(tmp_path / "cut.zip")


def test_a_copy_stands_where_it_was_told_and_keeps_what_was_learned(files: TableFiles) -> None:
    copy = files.copy("desk", "right", (700, 240))
    assert (copy.bounds().x, copy.bounds().y) == (700, 240)
    assert copy.fields["multiplier"].width == TABLE.fields["multiplier"].width
    assert files.tables.load("right") == copy
    assert (files.tables.path("right") / "anchors.npz").is_file()


def test_a_copy_that_would_leave_the_screen_is_refused(files: TableFiles) -> None:
    with pytest.raises(BadInput, match="does not fit the screen"):
        files.copy("desk", "right", (1200, 40))
    with pytest.raises(BadInput, match="does not fit the screen"):
        files.copy("desk", "right", (-3, 40))


def test_other_boxes_drop_what_was_learned_of_the_old_ones(files: TableFiles) -> None:
    folder = files.save(TABLE)
    assert (folder / "learned.json").is_file()
    files.save(TABLE.moved(5, 0))
    assert [path.name for path in folder.iterdir()] == ["table.toml"]


def test_a_removed_table_is_gone_also_a_damaged_one(files: TableFiles) -> None:
    (files.tables.path("desk") / "table.toml").write_text("broken", encoding="utf-8")
    files.remove("desk")
    assert files.tables.names() == []
    with pytest.raises(BadInput, match="there is no table"):
        files.remove("desk")

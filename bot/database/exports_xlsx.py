"""Rounds as an Excel workbook: numbers as numbers, texts as texts, never as formulas.

xlsxwriter makes the workbook with its styles, the heads of its sheets and the sheet ``watched``; the rows,
millions of cells, are written into its sheets as XML made column by column. (Cell by cell the library took
43 s for a million rounds of ten columns, more than a third of which is now the compression.)
"""

from __future__ import annotations

import io
import zipfile
from typing import IO, Any

import polars as pl
import pyarrow as pa
import xlsxwriter

from bot.database.exports_files import RoundFile, frame_of

#: Rows of a sheet, its head not counted.
SHEET_ROWS = 1_048_575
#: Characters of a cell; longer texts are cut.
CELL_CHARACTERS = 32_767
#: Bytes of XML that a cell takes at most on the average; sheets that may exceed 2 GB need a wider header.
_CELL_BYTES = 120
_US_PER_DAY = 86_400_000_000
#: Days from Excel's first day to 1970-01-01.
_EPOCH_DAY = 25_569
_BAD = r"[\x00-\x08\x0b-\x1f\ufffe\uffff]"
#: Rows whose XML is made at once.
_CHUNK_ROWS = 16_384


class XlsxFile(RoundFile):
    """A workbook: ``rounds``, ``watched``, and further sheets for what exceeds 1,048,575 rows.

    Binary floats are how Excel keeps all numbers; those of money and multipliers show their exact digits.
    """

    def __init__(self, file: IO[bytes], schema: pa.Schema, total: int, watched: dict[str, Any]) -> None:
        super().__init__(file, schema, total, watched)
        self._styles: dict[str, int] = {}
        self._heads, self._tails, rest = self._skeleton(max(1, -(-total // SHEET_ROWS)))
        self._wide = min(total, SHEET_ROWS) * len(schema) * _CELL_BYTES > zipfile.ZIP64_LIMIT
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, data in rest.items():
            self._zip.writestr(name, data)
        self._sheets = list(self._heads)
        self._sheet: IO[bytes] | None = None
        self._written = 0
        self._next_sheet()

    def write_rows(self, rows: pa.Table) -> None:
        frame = frame_of(rows)
        while frame.height:
            room = min(_CHUNK_ROWS, SHEET_ROWS - self._written)
            if not room:
                if not self._sheets:
                    return  # rounds that came after the sheets were counted
                self._next_sheet()
                continue
            self._rows_xml(frame[:room])
            frame = frame[room:]

    def end(self) -> None:
        self._end_sheet()
        while self._sheets:
            self._next_sheet()
            self._end_sheet()

    def close(self) -> None:
        if self._sheet is not None:
            self._sheet.close()
        self._zip.close()

    # -- sheets -----------------------------------------------------------------------------------------

    def _next_sheet(self) -> None:
        self._end_sheet()
        name = self._sheets.pop(0)
        self._sheet = self._zip.open(name, "w", force_zip64=self._wide)
        self._sheet.write(self._heads[name])
        self._written, self._name = 0, name

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.write(self._tails[self._name])
            self._sheet.close()
            self._sheet = None

    def _rows_xml(self, frame: pl.DataFrame) -> None:
        assert self._sheet is not None
        # The head is row 1.
        numbers = pl.int_range(self._written + 2, self._written + 2 + pl.len(), dtype=pl.Int64).cast(
            pl.String
        )
        cells = [
            _cell(place, field.type, self._styles.get(_form(field.type), 0), pl.col(field.name))
            for place, field in enumerate(self.schema)
        ]
        line = pl.concat_str(pl.lit('<row r="'), pl.col("#"), pl.lit('">'), *cells, pl.lit("</row>"))
        lines = frame.with_columns(numbers.alias("#")).select(line.str.join("")).item()
        self._sheet.write(lines.encode())
        self._written += frame.height

    def _skeleton(self, sheets: int) -> tuple[dict[str, bytes], dict[str, bytes], dict[str, bytes]]:
        """What stands before and after the rows of each sheet of rounds, and all other files of the zip."""
        data = io.BytesIO()
        book = xlsxwriter.Workbook(
            data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        head = book.add_format({"bold": True})
        formats = {
            form: book.add_format({"num_format": form}) for form in map(_form, self.schema.types) if form
        }
        names = []
        for number in range(sheets):
            sheet = book.add_worksheet("rounds" if not number else f"rounds {number + 1}")
            names.append(f"xl/worksheets/sheet{len(book.worksheets())}.xml")
            for place, field in enumerate(self.schema):
                form = formats.get(_form(field.type))
                sheet.set_column(place, place, 24 if pa.types.is_timestamp(field.type) else 14, form)
                sheet.write_string(0, place, field.name, head)
            sheet.freeze_panes(1, 0)
            if not number:
                _fill_watched(book.add_worksheet("watched"), self.watched, head)
        book.close()
        self._styles = {form: made.xf_index for form, made in formats.items()}
        with zipfile.ZipFile(data) as skeleton:
            files = {name: skeleton.read(name) for name in skeleton.namelist()}
        heads, tails = {}, {}
        for name in names:
            before, end, after = files.pop(name).partition(b"</sheetData>")
            heads[name], tails[name] = before, end + after
        return heads, tails, files


def _fill_watched(sheet: Any, watched: dict[str, Any], head: Any) -> None:
    """Figures first, then the intervals."""
    row = 0
    for name, value in watched.items():
        if name != "intervals":
            sheet.write_string(row, 0, name, head)
            sheet.write(row, 1, value)
            row += 1
    for place, name in enumerate(("from", "to")):
        sheet.write_string(row + 1, place, name, head)
    for number, interval in enumerate(watched["intervals"], row + 2):
        sheet.write_string(number, 0, interval["from"])
        sheet.write_string(number, 1, interval["to"])
    sheet.set_column(0, 1, 30)


# -- cells ----------------------------------------------------------------------------------------------


def _form(kind: pa.DataType) -> str:
    """Excel's number format; empty where none is needed."""
    if pa.types.is_decimal(kind):
        return f"0.{'0' * kind.scale}"
    if pa.types.is_timestamp(kind):
        return "yyyy-mm-dd hh:mm:ss.000"
    return "yyyy-mm-dd" if pa.types.is_date(kind) else ""


def _column_letters(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, letter = divmod(place - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def _cell(place: int, kind: pa.DataType, style: int, value: pl.Expr) -> pl.Expr:
    """The XML of a column's cells, empty where there is no value."""
    start = f'<c r="{_column_letters(place)}'
    if pa.types.is_string(kind):
        inner = [
            pl.lit('" t="inlineStr"><is><t xml:space="preserve">'),
            _text(value),
            pl.lit("</t></is></c>"),
        ]
    elif pa.types.is_boolean(kind):
        inner = [pl.lit('" t="b"><v>'), value.cast(pl.Int8).cast(pl.String), pl.lit("</v></c>")]
    else:
        inner = [pl.lit(f'" s="{style}"><v>'), _number(kind, value).cast(pl.String), pl.lit("</v></c>")]
    return pl.concat_str(pl.lit(start), pl.col("#"), *inner).fill_null("")


def _number(kind: pa.DataType, value: pl.Expr) -> pl.Expr:
    """Times and days as Excel counts them, in days."""
    if pa.types.is_timestamp(kind):
        return value.dt.timestamp("us") / _US_PER_DAY + _EPOCH_DAY
    return value.cast(pl.Int32) + _EPOCH_DAY if pa.types.is_date(kind) else value


def _text(value: pl.Expr) -> pl.Expr:
    """Text as XML; what XML cannot hold as Excel writes it (``_x0001_``)."""
    safe = value.str.slice(0, CELL_CHARACTERS)
    safe = safe.str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
    for found, by in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        safe = safe.str.replace_all(found, by, literal=True)
    bad = pl.when(safe.str.contains(_BAD)).then(safe.map_elements(_escaped, return_dtype=pl.String))
    return bad.otherwise(safe)


def _escaped(text: str) -> str:
    return "".join(
        f"_x{ord(c):04X}_" if (c < " " and c not in "\t\n") or c in "\ufffe\uffff" else c for c in text
    )

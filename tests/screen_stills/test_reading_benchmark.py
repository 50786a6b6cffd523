from __future__ import annotations

from benchmarks.reading import measure


def test_a_short_run_reads_nothing_wrong_and_reports_every_reader() -> None:
    figures = measure(values=180, model_values=18, tesseract_values=1, seed=5)
    readers = figures["readers"]
    assert isinstance(readers, dict)
    glyphs = readers["glyphs"]
    assert glyphs["values"] == 180
    assert glyphs["wrong"] == 0
    assert glyphs["refused"] <= 2
    assert readers["recognition model"]["wrong"] == 0
    for name in ("glyphs_hard_list", "glyphs_while_changing"):
        part = figures[name]
        assert isinstance(part, dict)
        assert part.get("wrong", 0) == part.get("neither", 0) == 0

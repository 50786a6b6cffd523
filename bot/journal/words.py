"""What was read in a field, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

#: The crash points of the strip that are named, newest first.
_CHIPS = 8
#: A small field whose pixels have just changed is read a look or two later.
_WAITING = "waiting for the engine"
#: Who reads, as people may call them.
READERS = {
    "both": "both readers",
    "glyphs": "learned digits",
    "engine": "recognition model",
    "remembered": "pixels known before",
}


def field_words(name: str) -> str:
    """A field's name for people: ``p0_stake`` is the stake of panel 1."""
    if len(name) > 3 and name[0] == "p" and name[1].isdigit() and name[2] == "_":
        return f"{name[3:].replace('_', ' ')} {int(name[1]) + 1}"
    return {"players_total": "players' total"}.get(name, name)


def value_words(name: str, read: Mapping[str, object]) -> str:
    """What was read in a field, or why nothing was."""
    value = read.get("value")
    if value is None:
        return f"not read: {reason_words(read)}"
    if isinstance(value, bool):
        return "on" if value else "off"
    times = "x" if name == "multiplier" or name.endswith("target") else ""
    if isinstance(value, list):
        return " ".join(f"{each}x" for each in value[:_CHIPS]) + (" …" if len(value) > _CHIPS else "")
    return f"{value}{times}".replace("_", " ")


def reason_words(read: Mapping[str, object]) -> str:
    """Why a field was not read."""
    reason = str(read.get("reason") or "no reason kept")
    return "the recognition model had not come to it yet" if reason == _WAITING else reason


def sureness(read: Mapping[str, object]) -> str:
    """How sure, and who read it: ``0.99, learned digits``."""
    sure, by = read.get("confidence"), read.get("by")
    words = f"{sure:.3g}" if isinstance(sure, (int, float)) else ""
    return f"{words}, {READERS.get(str(by), by)}" if words and by else words


def seen_words(seen: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """What was read in all fields, in few lines; fields that were not read say why in a line of their own."""
    read = [(name, each) for name, each in seen.items() if each.get("value") is not None]
    if read:
        yield "saw " + ", ".join(
            f"{field_words(name)} {value_words(name, each)}"
            + (f" ({sureness(each)})" if sureness(each) else "")
            for name, each in read
        )
    missing: dict[str, list[str]] = {}
    for name, each in seen.items():
        if each.get("value") is None and name != "multiplier":
            missing.setdefault(reason_words(each), []).append(field_words(name))
    for reason, names in missing.items():
        yield f"not read ({reason}): {', '.join(names)}"

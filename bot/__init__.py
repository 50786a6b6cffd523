"""crashbot: an honest workbench and bot for crash games.

The expected result of play is a loss for every strategy; the software measures, records and limits,
it does not win. Start reading at ``bot/domain`` (the words) and ``docs/life-of-a-round.md``.
"""

__version__ = "0.1.0"

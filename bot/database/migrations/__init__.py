"""The steps by which an older database follows, run by Alembic.

``versions`` has one file a step, and beside it the step's statements, frozen, for each engine. To make a new
step: raise ``SCHEMA_VERSION`` (``schema.py``), run ``python -m bot.database.migrations.freeze``, look at what
it wrote, and add what it cannot know: how the rows that are there follow.
"""

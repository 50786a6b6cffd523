"""The tree of what can go wrong, grouped by who mends it.

::

    CrashbotError
    ├── TableError              the table: retry, wait, reload
    │   ├── AnchorLost
    │   ├── StaleFrame
    │   └── TableDied
    ├── PersonError             the person: calibrate, log in, install, set a limit, arm
    │   ├── BadInput
    │   ├── MissingPart
    │   ├── AlreadyRunning
    │   ├── NotArmed
    │   └── StorageError
    └── ProgrammerError         a bug: report it
        └── IllegalTransition
"""

from __future__ import annotations


class CrashbotError(Exception):
    """Base of all errors of this software. The message is one line that says what to do."""

    reaction = "report it"
    exit_code = 1


class TableError(CrashbotError):
    """The table can mend it: wait, retry, reload."""

    reaction = "retry"


class AnchorLost(TableError):
    """The anchor or the session's mark is not where the window was: moved, covered, reloaded or closed."""


class StaleFrame(TableError):
    """The picture is older than a decision may be."""


class TableDied(TableError):
    """A table's process ended by itself."""

    reaction = "restart the table"


class PersonError(CrashbotError):
    """A person can mend it, and the message says how."""

    reaction = "tell the person"
    exit_code = 2


class BadInput(PersonError):
    """An option, a file or a value that cannot be used."""


class MissingPart(PersonError):
    """Something that must be installed, started or allowed is not there."""

    exit_code = 3


class AlreadyRunning(PersonError):
    """Another instance of this user holds the hands."""

    exit_code = 4


class NotArmed(PersonError):
    """Live play is closed, or was not armed by a person: nothing real is staked."""

    exit_code = 6


class StorageError(PersonError):
    """The database or the disk does not take records: betting stops until it does."""

    exit_code = 5


class ProgrammerError(CrashbotError):
    """A bug. Nothing a user did wrong."""

    exit_code = 70


class IllegalTransition(ProgrammerError):
    """A change of state that the transition table does not know."""

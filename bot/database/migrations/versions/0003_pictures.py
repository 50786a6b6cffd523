"""The journal: a row for each moment of a round, and where its picture lies."""

from bot.database.migrations import step

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table; no row changes."""
    step.run(revision)


def downgrade() -> None:
    """Not possible."""
    step.refuse_downgrade(revision)

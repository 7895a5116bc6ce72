"""Out: the ledger of reports: what is due to whom, and how far it has come."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One step forward."""
    op.create_table(
        "report",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("through", sa.String(32)),
        sa.Column("paused", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_table(
        "delivery",
        sa.Column("key", sa.String(32), primary_key=True),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("due", sa.String(32), nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("stand", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", sa.String(32)),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("delivery_to_do", "delivery", ["stand", "next_try"])
    op.create_index("delivery_of_report", "delivery", ["report", "due"])

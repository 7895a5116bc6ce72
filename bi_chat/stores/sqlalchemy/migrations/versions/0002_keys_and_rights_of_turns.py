"""Out: keys of the HTTP API, and under which rights a turn was answered."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One step forward."""
    op.add_column("turn", sa.Column("scope", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "api_key",
        sa.Column("prefix", sa.String(32), primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("revoked_at", sa.String(32)),
    )

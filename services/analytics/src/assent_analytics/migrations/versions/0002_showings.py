"""When the figures of items were first shown."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "showings",
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("first_shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("study", "item", name=op.f("pk_showings")),
    )

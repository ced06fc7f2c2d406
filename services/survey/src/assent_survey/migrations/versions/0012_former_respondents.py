"""Whom accounts of a response named that do not all name the same: a withdrawal finds their response under every name."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_respondent",
        sa.Column("response", sa.String(40), nullable=False),
        sa.Column("respondent_index", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("response", "respondent_index", name=op.f("pk_former_respondent")),
    )
    op.create_index(op.f("ix_former_respondent_respondent_index"), "former_respondent", ["respondent_index"])

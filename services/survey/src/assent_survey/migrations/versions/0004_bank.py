"""The table of the item bank."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bank_item",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("item", sa.JSON(), nullable=False),
        sa.Column("origin", sa.JSON(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("licence", sa.String(200), nullable=True),
        sa.Column("purpose", sa.String(64), nullable=True),
        sa.Column("operation", sa.String(64), nullable=True),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("taken_from", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_item")),
        sa.UniqueConstraint("study", "taken_from", name=op.f("uq_bank_item_study_taken_from")),
    )
    with op.batch_alter_table("bank_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_item_study"), ["study"], unique=False)

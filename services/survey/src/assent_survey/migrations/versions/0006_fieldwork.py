"""Tables of fieldwork: tokens, information sheets, quotas, dispositions; and what a researcher says of a response being a test."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("response") as batch_op:
        batch_op.add_column(sa.Column("marked_test", sa.Boolean(), nullable=True))
    _tokens()
    op.create_table(
        "information_sheet",
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["collection"], ["collection.id"], name=op.f("fk_information_sheet_collection_collection")),
        sa.PrimaryKeyConstraint("collection", "number", name=op.f("pk_information_sheet")),
    )
    for name, content in (("quota_plan", "cells"), ("disposition_report", "report")):
        op.create_table(
            name,
            sa.Column("collection", sa.String(40), nullable=False),
            sa.Column("study", sa.String(40), nullable=False),
            sa.Column(content, sa.JSON(), nullable=False),
            sa.Column("version", sa.Integer(), nullable=False),
            sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
            sa.ForeignKeyConstraint(["collection"], ["collection.id"], name=op.f(f"fk_{name}_collection_collection")),
            sa.PrimaryKeyConstraint("collection", name=op.f(f"pk_{name}")),
        )


def _tokens() -> None:
    op.create_table(
        "token_batch",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("label", sa.String(100), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["collection"], ["collection.id"], name=op.f("fk_token_batch_collection_collection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_batch")),
    )
    op.create_index("ix_token_batch_collection", "token_batch", ["collection"])
    op.create_table(
        "respondent_token",
        sa.Column("token_index", sa.String(64), nullable=False),
        sa.Column("respondent_index", sa.String(64), nullable=False),
        sa.Column("batch", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("disposition", sa.String(2), nullable=True),
        sa.ForeignKeyConstraint(["batch"], ["token_batch.id"], name=op.f("fk_respondent_token_batch_token_batch")),
        sa.PrimaryKeyConstraint("token_index", name=op.f("pk_respondent_token")),
        sa.UniqueConstraint("respondent_index", name=op.f("uq_respondent_token_respondent_index")),
    )
    op.create_index("ix_respondent_token_batch", "respondent_token", ["batch"])
    op.create_index("ix_respondent_token_collection", "respondent_token", ["collection"])

"""Tables of vignettes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vignette_design",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("decks", sa.JSON(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vignette_design")),
    )
    with op.batch_alter_table("vignette_design", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vignette_design_study"), ["study"], unique=False)

    op.create_table(
        "vignette_queue",
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["collection"], ["collection.id"], name=op.f("fk_vignette_queue_collection_collection")),
        sa.ForeignKeyConstraint(["design"], ["vignette_design.id"], name=op.f("fk_vignette_queue_design_vignette_design")),
        sa.PrimaryKeyConstraint("design", "collection", "test", name=op.f("pk_vignette_queue")),
    )
    op.create_table(
        "vignette_assignment",
        sa.Column("respondent_index", sa.String(64), nullable=False),
        sa.Column("design", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["collection"], ["collection.id"], name=op.f("fk_vignette_assignment_collection_collection")),
        sa.ForeignKeyConstraint(["design"], ["vignette_design.id"], name=op.f("fk_vignette_assignment_design_vignette_design")),
        sa.PrimaryKeyConstraint("respondent_index", "design", name=op.f("pk_vignette_assignment")),
        sa.UniqueConstraint(
            "design", "collection", "test", "place", name=op.f("uq_vignette_assignment_design_collection_test_place")
        ),
    )

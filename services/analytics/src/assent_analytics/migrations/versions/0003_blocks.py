"""Responses have places, and stand as columns in blocks of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Places in the order of keys, which is that in which responses were made.
PLACE_RESPONSES = """
    UPDATE responses SET place = placed.place
    FROM (SELECT key, ROW_NUMBER() OVER (PARTITION BY collection ORDER BY key) - 1 AS place FROM responses) AS placed
    WHERE placed.key = responses.key
"""
COUNT_PLACES = "UPDATE editions SET places = (SELECT COUNT(*) FROM responses WHERE responses.collection = editions.collection)"
MARK_BLOCKS = """
    INSERT INTO blocks (collection, block, edition)
    SELECT DISTINCT responses.collection, responses.place / 4096, editions.edition
    FROM responses JOIN editions ON editions.collection = responses.collection
"""


def upgrade() -> None:
    op.add_column("responses", sa.Column("place", sa.Integer(), nullable=False, server_default="0"))
    op.execute(PLACE_RESPONSES)
    op.add_column("editions", sa.Column("places", sa.Integer(), nullable=False, server_default="0"))
    op.execute(COUNT_PLACES)
    with op.batch_alter_table("responses") as responses:
        responses.alter_column("place", server_default=None)
        responses.drop_index("ix_responses_collection")
        responses.create_index("ix_responses_collection_place", ["collection", "place"])
    with op.batch_alter_table("editions") as editions:
        editions.alter_column("places", server_default=None)
    op.create_table(
        "blocks",
        sa.Column("collection", sa.String(length=80), nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("collection", "block", name=op.f("pk_blocks")),
    )
    op.execute(MARK_BLOCKS)

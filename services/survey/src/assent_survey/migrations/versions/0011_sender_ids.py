"""Deliveries are found by what their sender calls them, which is much, and not by their connection, which may be all of them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_delivery_sender", table_name="delivery")
    op.create_index("ix_delivery_sender", "delivery", ["sender_id", "connection"])

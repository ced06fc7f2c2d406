"""A delivery that has just come is in fewer indexes; those by which it is found later take it up when it has been read."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("open", "waiting", "state"):
        op.drop_index(f"ix_delivery_{name}", table_name="delivery")
    for name, columns, which in (
        ("state", ["study", "state", "id"], "state NOT IN ('received', 'verified')"),
        ("aside", ["connection", "state", "id"], "state IN ('parsed', 'quarantined', 'dead')"),
    ):
        op.create_index(f"ix_delivery_{name}", "delivery", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))

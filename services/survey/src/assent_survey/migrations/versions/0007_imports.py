"""Imports and their files; a version is kept once it is superseded, the newest being the response's own row."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _imports()
    with op.batch_alter_table("response") as batch_op:
        batch_op.add_column(sa.Column("delivery", sa.String(40), nullable=True))
    newest = "FROM response_version v WHERE v.response = response.id AND v.number = response.version"
    op.execute(f"UPDATE response SET delivery = (SELECT v.delivery {newest})")  # noqa: S608  # no value in it
    op.execute(
        "DELETE FROM response_version WHERE EXISTS (SELECT 1 FROM response r "
        "WHERE r.id = response_version.response AND r.version = response_version.number)"
    )
    op.drop_index("ix_response_code_index", table_name="response")
    given = sa.text("code_index IS NOT NULL")
    op.create_index("ix_response_code_index", "response", ["code_index"], sqlite_where=given, postgresql_where=given)
    op.create_index(
        "ix_response_partial",
        "response",
        ["study", "id"],
        sqlite_where=sa.text("complete = 0"),
        postgresql_where=sa.text("NOT complete"),
    )
    op.create_index("ix_delivery_connection", "delivery", ["connection", "id"])
    op.create_index("ix_delivery_state", "delivery", ["study", "state", "id"])
    for name, columns, which in (
        ("waiting", ["connection", "state", "id"], "state NOT IN ('applied', 'duplicate')"),
        ("reason", ["study", "reason", "id"], "reason IS NOT NULL"),
        ("made", ["response", "id"], "response IS NOT NULL"),
        ("origin", ["study", "origin", "id"], "origin <> 'hook'"),
    ):
        op.create_index(f"ix_delivery_{name}", "delivery", columns, sqlite_where=sa.text(which), postgresql_where=sa.text(which))


def _imports() -> None:
    op.create_table(
        "import",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("collection", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("job", sa.String(80), nullable=True),
        sa.Column("attempt", sa.String(40), nullable=True),
        sa.Column("buckets_done", sa.Integer(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=True),
        sa.Column("outcomes", sa.JSON(), nullable=False),
        sa.Column("has_file", sa.Boolean(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import")),
    )
    op.create_index("ix_import_study", "import", ["study", "id"])
    op.create_index("ix_import_has_file", "import", ["has_file"])
    op.create_table(
        "import_file",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "number", name=op.f("pk_import_file")),
    )

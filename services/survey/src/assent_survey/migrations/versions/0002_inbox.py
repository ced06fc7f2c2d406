"""Records that were asked for, reconciliations, problems of responses, and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connection") as batch_op:
        batch_op.add_column(sa.Column("access", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("access_set_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reconcile_hours", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("deletions", sa.String(10), nullable=False, server_default="report"))
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.add_column(sa.Column("origin", sa.String(20), nullable=False, server_default="hook"))
        batch_op.add_column(sa.Column("answers", sa.String(40), nullable=True))
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["due_at"],
        sqlite_where=sa.text("state = 'parsed'"),
        postgresql_where=sa.text("state = 'parsed'"),
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["study", "state", "reason"],
        sqlite_where=sa.text("state NOT IN ('applied', 'duplicate')"),
        postgresql_where=sa.text("state NOT IN ('applied', 'duplicate')"),
    )
    for table in ("response", "response_version"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("problems", sa.JSON(), nullable=False, server_default="[]"))
            batch_op.add_column(sa.Column("form_version", sa.String(200), nullable=True))
    with op.batch_alter_table("response") as batch_op:
        batch_op.add_column(sa.Column("listed_by", sa.String(40), nullable=True))
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("connection", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deletions", sa.String(10), nullable=False),
        sa.Column("most_deletions", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=False),
        sa.Column("detail", sa.String(500), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation")),
    )
    op.create_index("ix_reconciliation_connection", "reconciliation", ["connection", "id"])
    op.create_table(
        "allowance",
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("minute", sa.Float(), nullable=False),
        sa.Column("day", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_allowance")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("result", sa.String(length=500), nullable=True),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("takes", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(length=80), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_state", "job", ["state"])

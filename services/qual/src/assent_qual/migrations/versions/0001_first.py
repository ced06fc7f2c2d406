"""The first tables of qual."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "number", name=op.f("pk_blob")),
    )
    op.create_table(
        "code",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("parent", sa.String(40), nullable=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("definition", sa.String(4000), nullable=False),
        sa.Column("when_to_use", sa.String(4000), nullable=False),
        sa.Column("examples", sa.JSON(), nullable=False),
        sa.Column("practice", sa.JSON(), nullable=False),
        sa.Column("rationale", sa.String(80), nullable=True),
        sa.Column("response", sa.String(10), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["code.id"], name=op.f("fk_code_parent_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code")),
    )
    op.create_index(op.f("ix_code_parent"), "code", ["parent"])
    op.create_index(op.f("ix_code_study"), "code", ["study"])

    op.create_table(
        "codebook",
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("study", name=op.f("pk_codebook")),
    )
    op.create_table(
        "cohort",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("composition", sa.JSON(), nullable=False),
        sa.Column("chosen_because", sa.String(2000), nullable=False),
        sa.Column("target_size", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
    )
    op.create_index(op.f("ix_cohort_study"), "cohort", ["study"])

    op.create_table(
        "erasure",
        sa.Column("topic", sa.String(200), nullable=False),
        sa.Column("tombstone", sa.String(40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "tombstone", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_due_at"), "erasure", ["due_at"])

    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("location", sa.String(500), nullable=False),
        sa.Column("resource", sa.String(80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"])

    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("aggregatetype", sa.String(200), nullable=False),
        sa.Column("aggregateid", sa.String(200), nullable=False),
        sa.Column("type", sa.String(200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(500), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_refused_at"), "outbox", ["refused_at"])

    op.create_table(
        "participant",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("pseudonym", sa.String(80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant")),
    )
    op.create_index(op.f("ix_participant_study"), "participant", ["study"])

    op.create_table(
        "attribute",
        sa.Column("participant", sa.String(40), nullable=False),
        sa.Column("variable", sa.String(64), nullable=False),
        sa.Column("word", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["participant"], ["participant.id"], name=op.f("fk_attribute_participant_participant")),
        sa.PrimaryKeyConstraint("participant", "variable", name=op.f("pk_attribute")),
    )
    op.create_table(
        "consent_entry",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("participant", sa.String(40), nullable=False),
        sa.Column("form_version", sa.String(80), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("mode", sa.String(40), nullable=False),
        sa.Column("taken_by", sa.String(200), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("uses", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["participant"], ["participant.id"], name=op.f("fk_consent_entry_participant_participant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_entry")),
    )
    op.create_index(op.f("ix_consent_entry_participant"), "consent_entry", ["participant"])

    op.create_table(
        "talk_session",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("cohort", sa.String(40), nullable=True),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.Column("transcript", sa.String(40), nullable=True),
        sa.Column("format", sa.String(10), nullable=True),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort"], ["cohort.id"], name=op.f("fk_talk_session_cohort_cohort")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_session")),
    )
    op.create_index(op.f("ix_talk_session_study"), "talk_session", ["study"])

    op.create_table(
        "excerpt",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("study", sa.String(40), nullable=False),
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("start_turn", sa.Integer(), nullable=False),
        sa.Column("start_offset", sa.Integer(), nullable=False),
        sa.Column("end_turn", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("stance", sa.String(12), nullable=True),
        sa.Column("practice", sa.JSON(), nullable=False),
        sa.Column("memo", sa.String(4000), nullable=False),
        sa.Column("coder", sa.String(200), nullable=False),
        sa.Column("coded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["code.id"], name=op.f("fk_excerpt_code_code")),
        sa.ForeignKeyConstraint(["session"], ["talk_session.id"], name=op.f("fk_excerpt_session_talk_session")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excerpt")),
    )
    op.create_index(op.f("ix_excerpt_code"), "excerpt", ["code"])
    op.create_index(op.f("ix_excerpt_session"), "excerpt", ["session"])
    op.create_index(op.f("ix_excerpt_study"), "excerpt", ["study"])

    op.create_table(
        "turn",
        sa.Column("session", sa.String(40), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("voice", sa.String(12), nullable=False),
        sa.Column("label", sa.String(200), nullable=True),
        sa.Column("participant", sa.String(40), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=True),
        sa.Column("to_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["participant"], ["participant.id"], name=op.f("fk_turn_participant_participant")),
        sa.ForeignKeyConstraint(["session"], ["talk_session.id"], name=op.f("fk_turn_session_talk_session")),
        sa.PrimaryKeyConstraint("session", "n", name=op.f("pk_turn")),
    )
    op.create_index(op.f("ix_turn_participant"), "turn", ["participant"])

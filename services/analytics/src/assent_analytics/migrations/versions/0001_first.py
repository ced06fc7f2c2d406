"""The first tables of analytics: the read models, and proposals with their matches and thresholds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "codebooks",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_codebooks")),
    )
    with op.batch_alter_table("codebooks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_codebooks_study"), ["study"], unique=False)

    op.create_table(
        "cohorts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cohorts")),
    )
    with op.batch_alter_table("cohorts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohorts_study"), ["study"], unique=False)

    op.create_table(
        "collections",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_collections")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collections_study"), ["study"], unique=False)

    op.create_table(
        "consumed",
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "key", name=op.f("pk_consumed")),
    )
    op.create_table(
        "departures",
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("study", "kind", name=op.f("pk_departures")),
    )
    op.create_table(
        "documents",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_documents_study"), ["study"], unique=False)

    op.create_table(
        "editions",
        sa.Column("collection", sa.String(length=80), nullable=False),
        sa.Column("edition", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("collection", name=op.f("pk_editions")),
    )
    op.create_table(
        "erasure",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("tombstone", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("topic", "tombstone", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_due_at"), ["due_at"], unique=False)

    op.create_table(
        "excerpts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_excerpts")),
    )
    with op.batch_alter_table("excerpts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_excerpts_study"), ["study"], unique=False)

    op.create_table(
        "groups",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_groups")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_groups_study"), ["study"], unique=False)

    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("resource", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_created_at"), ["created_at"], unique=False)

    op.create_table(
        "instruments",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instruments")),
    )
    with op.batch_alter_table("instruments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_instruments_study"), ["study"], unique=False)

    op.create_table(
        "listener",
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rebuilding", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_listener")),
    )
    op.create_table(
        "matches",
        sa.Column("proposal", sa.String(length=80), nullable=False),
        sa.Column("item", sa.String(length=300), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "item", name=op.f("pk_matches")),
    )
    with op.batch_alter_table("matches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_matches_study"), ["study"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("aggregatetype", sa.String(length=200), nullable=False),
        sa.Column("aggregateid", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_refused_at"), ["refused_at"], unique=False)

    op.create_table(
        "participants",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_participants")),
    )
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participants_study"), ["study"], unique=False)

    op.create_table(
        "passages",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_passages")),
    )
    with op.batch_alter_table("passages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passages_study"), ["study"], unique=False)

    op.create_table(
        "poison",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("consumer", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poison")),
    )
    with op.batch_alter_table("poison", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_poison_key"), ["key"], unique=False)

    op.create_table(
        "proposals",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("practice", sa.JSON(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("targets_dropped", sa.Integer(), nullable=False),
        sa.Column("practice_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence_first_shown_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    with op.batch_alter_table("proposals", schema=None) as batch_op:
        batch_op.create_index("ix_proposals_study_id", ["study", "id"], unique=False)

    op.create_table(
        "rationales",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rationales")),
    )
    with op.batch_alter_table("rationales", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rationales_study"), ["study"], unique=False)

    op.create_table(
        "responses",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("collection", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_responses")),
    )
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_responses_collection"), ["collection"], unique=False)
        batch_op.create_index(batch_op.f("ix_responses_study"), ["study"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sessions")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_study"), ["study"], unique=False)

    op.create_table(
        "studies",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_studies")),
    )
    with op.batch_alter_table("studies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_studies_study"), ["study"], unique=False)

    op.create_table(
        "thresholds",
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("study", name=op.f("pk_thresholds")),
    )
    op.create_table(
        "vocabularies",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("study", sa.String(length=80), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_vocabularies")),
    )
    with op.batch_alter_table("vocabularies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_vocabularies_study"), ["study"], unique=False)

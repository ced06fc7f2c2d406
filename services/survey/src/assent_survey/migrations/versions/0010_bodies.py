"""Bodies are compressed quickly: PostgreSQL's own way takes most of the time in which a large delivery is kept. Not all builds have lz4."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    has_lz4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    way = "COMPRESSION lz4" if connection.execute(sa.text(has_lz4)).scalar() else "STORAGE EXTERNAL"
    op.execute(f"ALTER TABLE delivery ALTER COLUMN body SET {way}")

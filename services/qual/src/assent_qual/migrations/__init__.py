"""The database's versions, in Alembic's way."""

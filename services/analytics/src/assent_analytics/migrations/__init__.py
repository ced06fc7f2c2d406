"""Alembic migrations of analytics."""

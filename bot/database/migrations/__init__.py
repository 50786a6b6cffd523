"""Alembic migrations of the database, for SQLite and PostgreSQL."""

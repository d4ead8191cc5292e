"""The durable store: the one importer of SQLAlchemy and Alembic."""

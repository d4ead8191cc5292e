"""Alembic's entry: the migrations run on the connection, and in the transaction, of the caller."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # SQLite's is, since we begin transactions ourselves
)
with context.begin_transaction():
    context.run_migrations()

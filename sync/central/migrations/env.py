"""How migrations run: on the connection they are handed, in its transaction."""

from __future__ import annotations

from alembic import context

from sync.central import gatetables, releasetables, tables

assert gatetables.metadata is releasetables.metadata is tables.metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=tables.metadata)
with context.begin_transaction():
    context.run_migrations()

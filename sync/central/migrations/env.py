"""How migrations run: on the connection they are handed, in its transaction."""

from __future__ import annotations

from alembic import context

from sync.central.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()

"""In: the open transaction of a store. Out: its migrations have run in it."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

connection = cast(Connection, context.config.attributes["connection"])
context.configure(connection=connection, transactional_ddl=False)
context.run_migrations()

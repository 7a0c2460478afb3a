"""How Alembic reaches the database: by the URL that the workspace gives, under one write lock."""

from alembic import context

from insights.storage.database import open_engine
from insights.storage.tables import metadata


def run() -> None:
    engine = open_engine(context.config.attributes["url"])
    with engine.connect() as plain:
        connection = plain.execution_options(insights_write=True)
        with connection.begin():
            context.configure(connection=connection, target_metadata=metadata)
            context.run_migrations()
    engine.dispose()


run()

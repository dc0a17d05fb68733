"""Write a new migration from the difference between models and migrations.

`python -m models.migrations.new_revision NAME`: a tool for developers.  The file it writes is a draft that a person
reads and completes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from models.database import open_database
from models.schema import migrations_config, upgrade


def write_revision(name: str) -> None:
    """Write `versions/NNNN_<name>.py`."""
    versions = Path(__file__).parent / "versions"
    number = f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/scratch.db")
        upgrade(engine)
        config = migrations_config()
        config.set_main_option("file_template", f"{number}_%%(slug)s")
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=name.replace("_", " "), autogenerate=True, rev_id=number)
        engine.dispose()


if __name__ == "__main__":
    write_revision(sys.argv[1])

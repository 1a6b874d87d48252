"""The revisions from an empty database to the current tables and back, on both databases."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, select, text

from core.db.base import Base
from core.db.engine import Database, open_database
from core.db.migrations.upgrade import check, downgrade, upgrade
from core.db.stylizations import Stylization
from core.db.tables import TABLES
from core.db.users import DEFAULT_SCOPES, ApiKey, User
from core.errors import SetupError
from core.settings import Settings


@pytest.fixture
def empty_database(database_url: str, tmp_path: Path) -> Iterator[Database]:
    database = open_database(Settings(data_dir=tmp_path, database_url=database_url))
    yield database
    database.close()


def test_an_empty_database_is_upgraded_to_exactly_the_current_tables(
    empty_database: Database,
) -> None:
    upgrade(empty_database)

    check(empty_database)
    assert set(Base.metadata.tables) < set(inspect(empty_database.engine).get_table_names())


def test_every_revision_can_be_reverted(empty_database: Database) -> None:
    upgrade(empty_database)

    downgrade(empty_database)

    assert inspect(empty_database.engine).get_table_names() == ["alembic_version"]


def test_a_downgraded_database_can_be_upgraded_again(empty_database: Database) -> None:
    upgrade(empty_database)
    downgrade(empty_database)

    upgrade(empty_database)

    check(empty_database)


def test_concurrent_upgrades_run_one_after_the_other(
    empty_database: Database,
) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: upgrade(empty_database), range(4)))

    check(empty_database)


def test_a_database_of_a_newer_version_is_a_setup_error(empty_database: Database) -> None:
    upgrade(empty_database)
    with empty_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SetupError, match="9999"):
        upgrade(empty_database)


def test_users_and_keys_of_the_first_revision_keep_their_permissions(
    empty_database: Database,
) -> None:
    upgrade(empty_database, "0001")
    with empty_database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO users (id, kind, name, created_at)"
            " VALUES ('usr_1', 'api', 'old', '2026-01-01 00:00:00')"
        )
        connection.exec_driver_sql(
            "INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, created_at)"
            " VALUES ('key_1', 'usr_1', 'old', 'dt_old', 'x', '2026-01-01 00:00:00')"
        )

    upgrade(empty_database)

    with empty_database.reading() as session:
        user, key = session.get_one(User, "usr_1"), session.get_one(ApiKey, "key_1")
    assert (user.token_version, user.erased_at) == (0, None)
    assert (key.scopes, key.expires_at) == (DEFAULT_SCOPES, None)


def test_existing_stylizations_can_be_searched(
    empty_database: Database,
) -> None:
    upgrade(empty_database, "0006")
    titles = ["Чёрное Море", None, "100% \\", "Straße", ""]
    with empty_database.engine.begin() as connection:
        _add_rows_of_revision_6(connection, titles)

    upgrade(empty_database)

    with empty_database.reading() as session:
        rows = session.scalars(select(Stylization).order_by(Stylization.id)).all()
    assert [row.title for row in rows] == titles
    assert [row.search_text for row in rows] == [
        f"{title}\n尼西黑陶\nnixi black pottery"
        for title in ("чёрное море", "", "100% \\", "strasse", "")
    ]


def _add_rows_of_revision_6(connection: Connection, titles: list[str | None]) -> None:
    connection.exec_driver_sql(
        "INSERT INTO users (id, kind, name, created_at)"
        " VALUES ('usr_1', 'api', 'old', '2026-01-01 00:00:00')"
    )
    connection.exec_driver_sql(
        "INSERT INTO pictures"
        " (id, owner_id, sha256, bytes, width, height, format, storage_key, created_at)"
        " VALUES ('pic_1', 'usr_1', 'x', 1, 96, 64, 'JPEG', 'x', '2026-01-01 00:00:00')"
    )
    row = text(
        "INSERT INTO stylizations (id, owner_id, style_id, style_name, tau, keep_color,"
        " picture_id, width, height, status, attempts, title, created_at)"
        " VALUES (:id, 'usr_1', 'nixi-black-pottery', :name, 1, false, 'pic_1', 96, 64, 'done', 1,"
        " :title, '2026-01-01 00:00:00')"
    )
    name = json.dumps({"zh": "尼西黑陶", "en": "Nixi black pottery"})
    for number, title in enumerate(titles):
        connection.execute(row, {"id": f"stl_{number}", "name": name, "title": title})


def test_the_documented_command_finds_nothing_to_migrate(tmp_path: Path) -> None:
    # A process of its own, in which no test has imported the modules of the tables.
    command = (
        "from unittest.mock import patch\n"
        "from alembic import command\n"
        "from core.db.migrations import upgrade\n"
        "with patch.object(command, 'revision') as revision:\n"
        "    upgrade._write_revision('nothing')\n"
        "assert revision.called\n"
        "from core.db.engine import open_database\n"
        "from core.settings import Settings\n"
        "database = open_database(Settings())\n"
        "upgrade.upgrade(database)\n"
        "upgrade.check(database)\n"
    )
    environment = {**os.environ, "DUALTRANS_DATA_DIR": str(tmp_path)}

    process = subprocess.run(
        [sys.executable, "-c", command], env=environment, capture_output=True, text=True
    )

    assert process.returncode == 0, process.stderr


def test_every_table_is_in_the_list_of_tables() -> None:
    assert {table.__table__ for table in TABLES} == set(Base.metadata.tables.values())

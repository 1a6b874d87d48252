"""A database of the previous release works after `upgrade`.

The schema and the rows are plain SQL in `previous_schema.sql`. They do not depend on the current
tables or revisions.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core.db import cloud_mirror, moderation, notifications, scheduling, users, workers
from core.db.base import Base
from core.db.engine import SQLITE_FILE, Database, open_database
from core.db.migrations.upgrade import check, is_current, upgrade
from core.db.pictures import Picture
from core.db.search_text import search_text
from core.db.styles import Style
from core.db.stylizations import Status, StyleShare, Stylization
from core.settings import Settings
from styling.brush import Brush

PREVIOUS = Path(__file__).with_name("previous_schema.sql")
CREATED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with sqlite3.connect(tmp_path / SQLITE_FILE) as connection:
        connection.executescript(PREVIOUS.read_text(encoding="utf-8"))
    connection.close()
    database = open_database(Settings(data_dir=tmp_path))
    upgrade(database)
    yield database
    database.close()


def test_it_is_upgraded_to_exactly_the_current_tables(database: Database) -> None:
    assert is_current(database)
    check(database)


def test_every_row_of_every_table_can_be_read(database: Database) -> None:
    with database.reading() as session:
        counts = {
            mapper.class_.__tablename__: len(session.scalars(select(mapper.class_)).all())
            for mapper in Base.registry.mappers
        }

    assert counts == dict.fromkeys(Base.metadata.tables, 1) | {"pictures": 3}


def test_values_are_read_with_their_meaning(database: Database) -> None:
    with database.reading() as session:
        user = session.get_one(users.User, "usr_1")
        key = session.get_one(users.ApiKey, "key_1")
        row = session.get_one(Stylization, "stl_1")
        style = session.get_one(Style, "sty_1")
        share = session.scalars(select(StyleShare)).one()
        webhook = session.get_one(notifications.Webhook, "whk_1")
        notification = session.get_one(notifications.Notification, "ntc_1")
        heartbeat = session.get_one(workers.WorkerHeartbeat, "wrk_1")
        mirrored = session.get_one(cloud_mirror.MirrorEntry, "stl_1")
        check_row = session.get_one(moderation.ContentCheck, "stl_1")
        turn = session.get_one(scheduling.OwnerTurn, "usr_1")

    assert (user.kind, user.created_at) == (users.UserKind.API, CREATED_AT)
    assert key.scopes == users.DEFAULT_SCOPES
    assert (row.status, row.style_name["en"]) == (Status.DONE, "Nixi black pottery")
    assert row.search_text == search_text(row.title, row.style_name)
    assert row.levels == {"colour": 1.0, "texture": 0.5}
    assert row.brush == Brush.MEDIUM
    assert (style.code, share.weight) == (b"\x01\x02\x03", 2.0)
    assert (style.refinement, style.refined_code, style.refinement_steps) == ("pending", None, 0)
    assert webhook.events == [notifications.Event.DONE]
    assert (notification.event, notification.attempts) == (notifications.Event.DONE, 1)
    assert heartbeat.state == workers.WorkerState.READY
    assert (mirrored.file_id, check_row.due_at) == ("cloud://file", None)
    assert turn.stylization_id == "stl_1"


def test_rows_can_be_changed(database: Database) -> None:
    with database.transaction() as session:
        picture = session.get_one(Picture, "pic_3")
        session.get_one(users.User, "usr_1").revoke_tokens()
        session.add(
            Stylization(
                id="stl_2",
                owner_id="usr_1",
                style_id="sty_1",
                style_name={"zh": "我的", "en": "mine"},
                tau=1.0,
                picture_id=picture.id,
                width=96,
                height=64,
            )
        )

    with database.reading() as session:
        assert session.get_one(users.User, "usr_1").token_version == 2
        assert session.get_one(Stylization, "stl_2").status == Status.QUEUED

"""API keys are found by their text, which is not stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.keys import find_key, local_user, mint_key, renew_development_key
from core.db.base import Base, now_utc
from core.db.engine import Database, open_database
from core.db.users import ApiKey, User
from core.settings import Settings


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(Settings(data_dir=tmp_path))
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


def test_a_key_is_found_by_its_text_which_is_not_stored(database: Database) -> None:
    with database.transaction() as session:
        key, text = mint_key(session, local_user(session), "mine")

    with database.reading() as session:
        found = find_key(session, text)
        assert found is not None
        assert found.id == key.id
    assert text not in (key.secret_hash, key.prefix)
    assert text.startswith(key.prefix)


def test_a_revoked_key_is_not_found(database: Database) -> None:
    with database.transaction() as session:
        key, text = mint_key(session, local_user(session), "mine")
        key.revoked_at = now_utc()

    with database.reading() as session:
        assert find_key(session, text) is None


def test_a_new_development_key_revokes_only_the_previous_one(database: Database) -> None:
    with database.transaction() as session:
        _, other = mint_key(session, local_user(session), "mine")
        first = renew_development_key(session)
        second = renew_development_key(session)

    with database.reading() as session:
        assert find_key(session, first) is None
        assert find_key(session, second) is not None
        assert find_key(session, other) is not None
        assert len(session.scalars(select(User)).all()) == 1
        assert len(session.scalars(select(ApiKey)).all()) == 3

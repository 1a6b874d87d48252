"""`GET /v1/stylizations?q=`: the same results on SQLite and on PostgreSQL."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from core.db.stylizations import Stylization
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.factories import make_stylization

URL = "/v1/stylizations"
COMPOSED, DECOMPOSED = "Café Ångström", unicodedata.normalize("NFD", "Café Ångström")


def found(client, query: str) -> list[str]:
    response = client.get(URL, params={"q": query})
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


@pytest.mark.parametrize(
    ("title", "queries"),
    [
        ("Чёрное Море", ["чёрное", "МОРЕ", "ЧЁРНОЕ МОРЕ"]),
        ("Σίσυφος", ["σίσυφοσ", "ΣΊΣΥΦΟΣ", "σίσυφος"]),
        ("Große Straße", ["GROSSE", "straße", "STRASSE"]),
        ("Işık", ["IŞ", "şık"]),
        ("Ｓｅａ　１２", ["sea 12", "ＳＥＡ", "１２"]),
        (COMPOSED, ["café", DECOMPOSED, "ÅNGSTRÖM"]),
        (DECOMPOSED, ["CAFÉ", COMPOSED]),
        ("尼西的海边", ["海边", "尼西的海边"]),
        ("海 🌊 日落", ["🌊", "海 🌊"]),
        ("100% wool_mix \\ /path", ["100%", "l_m", "\\", "/path", "% w"]),
    ],
)
def test_a_title_is_found_however_it_is_spelled(make_client, database_url, title, queries):
    client = make_client(database_url=database_url)
    job = upload(client, title=title).json()["id"]
    upload(client, tau="0.1", title="100 woolxmix, a sunset")

    assert {query: found(client, query) for query in queries} == {query: [job] for query in queries}


@pytest.mark.parametrize("query", ["_", "\\", "cafe", "wool__mix", "a\nb", "\n"])
def test_characters_with_a_meaning_in_sql_have_none_in_a_query(make_client, database_url, query):
    client = make_client(database_url=database_url)
    job = upload(client, title="100% café").json()["id"]

    assert found(client, query) == ([job] if query == "\n" else [])


@pytest.mark.parametrize("query", ["", " ", "　", "\t"])
def test_an_empty_query_is_no_condition(make_client, database_url, query):
    client = make_client(database_url=database_url)
    job = upload(client).json()["id"]

    assert found(client, query) == [job]


@pytest.mark.parametrize("query", ["黑陶", "nixi BLACK", "ＮＩＸＩ"])
def test_the_name_of_a_preset_is_found_in_both_languages(make_client, database_url, query):
    client = make_client(database_url=database_url)
    job = upload(client, title="海").json()["id"]
    upload(client, style_id="great-wave")

    assert found(client, query) == [job]


def test_the_names_of_own_styles_and_of_all_styles_of_a_mixture_are_found(
    make_client, database_url
):
    client = make_client(database_url=database_url)
    style = client.post("/v1/styles", files={"file": jpeg()}, data={"name": "Вышивка Ё"}).json()
    picture = client.post("/v1/pictures", files={"file": jpeg()}).json()
    mixture = client.post(
        URL,
        json={
            "picture_id": picture["id"],
            "styles": [{"id": "great-wave", "weight": 2}, {"id": style["id"]}],
        },
    ).json()["id"]

    assert found(client, "вышивка ё") == [mixture]
    assert found(client, "GREAT wave") == [mixture]
    client.delete(f"/v1/styles/{style['id']}")
    assert found(client, "ВЫШИВКА") == [mixture]


def test_a_changed_title_replaces_the_previous_one(make_client, database_url):
    client = make_client(database_url=database_url)
    job = upload(client, title="Море").json()["id"]

    client.request("PATCH", f"{URL}/{job}", json={"title": "Гора"})
    after_change = found(client, "море"), found(client, "гора")
    client.request("PATCH", f"{URL}/{job}", json={"title": ""})

    assert after_change == ([], [job])
    assert (found(client, "гора"), found(client, "nixi")) == ([], [job])


def test_a_row_of_the_previous_version_is_found_by_its_title(make_client, database_url):
    client = make_client(database_url=database_url)
    job = upload(client, title="Sea").json()["id"]
    with client.resources.database.transaction() as session:
        session.execute(update(Stylization).values(search_text=None))

    assert (found(client, "SEA"), found(client, "land")) == ([job], [])


def test_the_length_of_a_query_is_counted_like_the_length_of_a_title(client):
    longest = "Ё" * 80
    job = upload(client, title=longest).json()["id"]

    assert found(client, unicodedata.normalize("NFD", longest)) == [job]
    for form in ("NFC", "NFD"):
        query = unicodedata.normalize(form, longest + "Ё")
        response = client.get(URL, params={"q": query})
        assert response.status_code == 422
        assert "81 characters; the limit is 80" in response.json()["error"]["message"]


def test_every_part_of_a_title_finds_it(make_client, database_url):
    client = make_client(database_url=database_url)
    letters = st.sampled_from([*"aÀßΣςİıЁ海❤ｶﾞ%_\\/'\"🌊", "e\u0301", "\ufdfa", "\u1100\u1161"])
    texts = st.lists(letters, min_size=1, max_size=10).map("".join)

    @given(before=texts, part=texts)
    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def search(before: str, part: str) -> None:
        database, storage = client.resources.database, client.resources.storage
        with database.transaction() as session:
            owner_id = session.get_one(Stylization, job).owner_id
            row = make_stylization(session, storage, owner_id=owner_id, title=f"{before} {part}")
        assert row.id in found(client, part)
        assert row.id in found(client, unicodedata.normalize("NFD", part))

    job = upload(client).json()["id"]
    search()

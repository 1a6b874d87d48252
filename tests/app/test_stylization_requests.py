"""Requests as JSON and as forms: mixtures, levels, formats, sizes, titles, batches."""

import json
from typing import Any

import pytest

from app.stylizations.requests import StylizationBody, request_from
from core.db.stylizations import Stylization
from styling.brush import Brush
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import count, upload
from tests.app.test_stored_photos import create_from_photo, store_photo
from tests.factories import NIXI

URL = "/v1/stylizations"
WAVE_AND_INK = [{"id": "great-wave", "weight": 3}, {"id": NIXI, "weight": 1}]


@pytest.fixture
def picture_id(client) -> str:
    return store_photo(client).json()["id"]


def row_of(client, response) -> Stylization:
    with client.resources.database.reading() as session:
        return session.get_one(Stylization, response.json()["id"])


def test_a_json_request_can_set_every_parameter(client, picture_id):
    levels = {"colour": 1.0, "texture": 0.5, "structure": 0.0}

    response = create_from_photo(
        client,
        picture_id,
        tau=1.2,
        levels=levels,
        brush="broad",
        keep_color=True,
        output_format="png",
        max_side_px=160,
        title="  海边  ",
        client_key="tap-7",
    )

    job, row = response.json(), row_of(client, response)
    assert response.status_code == 202
    assert (job["tau"], job["levels"], job["keep_color"], job["title"]) == (
        *(1.2, levels, True),
        "海边",
    )
    assert (job["brush"], row.brush) == ("broad", Brush.BROAD)
    assert (row.width, row.height, row.output_format, row.client_key) == (160, 120, "png", "tap-7")


def test_a_form_can_set_the_same_parameters_as_strings(client):
    response = upload(
        client,
        levels='{"texture": 0.5}',
        brush="fine",
        output_format="webp",
        max_side_px="160",
        title="Sea",
    )

    row = row_of(client, response)
    assert row.levels == {"colour": 1.0, "texture": 0.5, "structure": 1.0}
    assert (row.width, row.height, row.output_format, row.title) == (160, 120, "webp", "Sea")
    assert (response.json()["brush"], row.brush) == ("fine", Brush.FINE)


def test_the_brush_is_medium_by_default(client, picture_id):
    jobs = [create_from_photo(client, picture_id).json(), upload(client).json()]

    assert [job["brush"] for job in jobs] == ["medium", "medium"]


@pytest.mark.parametrize("brush", ["huge", "FINE", ""])
def test_an_unknown_brush_in_a_form_is_refused_with_the_allowed_ones(client, brush):
    response = upload(client, brush=brush, headers={"Accept-Language": "en"})

    error = response.json()["error"]
    assert (response.status_code, error["field"]) == (422, "brush")
    assert f'it must be one of fine, medium, broad, not "{brush}"' in error["message"]


def test_a_request_without_a_brush_keeps_the_hash_that_the_previous_release_stored():
    def content_hash(**brush: Any) -> str:
        body = StylizationBody(
            picture_id="pic_1", style_id="great-wave", tau=0.8, title="Sea", **brush
        )
        return request_from(body, "usr_1").content_hash()

    hashes = [content_hash(), content_hash(brush="medium"), content_hash(brush="fine")]

    stored = "4c73e6ae801d4df8c248ef62a240a531b824816530601c056994cd8ee08e349b"
    assert hashes[:2] == [stored, stored]
    assert hashes[2] != stored


def test_the_variants_of_a_batch_have_their_brushes(client, picture_id):
    looks = [{"style_id": NIXI, "brush": "fine"}, {"style_id": NIXI}]

    response = client.post(f"{URL}/batch", json={"picture_id": picture_id, "looks": looks})

    assert [job["brush"] for job in response.json()["items"]] == ["fine", "medium"]


def test_a_form_can_name_a_stored_photo(client, picture_id):
    response = client.post(URL, files={"picture_id": (None, picture_id), "style_id": (None, NIXI)})

    assert (response.status_code, response.json()["content"]["id"]) == (202, picture_id)


def test_a_stored_photo_and_a_file_together_are_refused(client, picture_id):
    response = upload(client, picture_id=picture_id)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "picture_id")


def test_styles_can_be_mixed(client, picture_id):
    response = create_from_photo(client, picture_id, style_id=None, styles=WAVE_AND_INK)

    job = response.json()
    assert response.status_code == 202
    assert job["styles"] == [{"id": "great-wave", "weight": 0.75}, {"id": NIXI, "weight": 0.25}]
    assert job["style"]["id"] == "great-wave"
    assert job["style"]["name"]["en"].endswith(" + Nixi black pottery")


def test_a_form_mixes_styles_in_json(client):
    response = client.post(
        URL,
        files={"file": ("a.jpg", jpeg()), "styles": (None, json.dumps(WAVE_AND_INK))},
    )

    assert [share["weight"] for share in response.json()["styles"]] == [0.75, 0.25]


def test_a_mixture_is_found_by_each_of_its_styles(client, picture_id):
    job = create_from_photo(client, picture_id, style_id=None, styles=WAVE_AND_INK).json()

    found = [client.get(URL, params={"style": s["id"]}).json()["items"] for s in WAVE_AND_INK]

    assert [[item["id"] for item in items] for items in found] == [[job["id"]], [job["id"]]]


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({"style_id": None}, "missing_style", "style_id"),
        ({"style_id": None, "styles": []}, "missing_style", "style_id"),
        ({"styles": WAVE_AND_INK}, "bad_request", "styles"),
        ({"style_id": None, "styles": [WAVE_AND_INK[0]] * 2}, "bad_request", "styles"),
        (
            {"style_id": None, "styles": [{"id": NIXI, "weight": 0}]},
            "bad_request",
            "styles.0.weight",
        ),
        ({"style_id": None, "styles": [{"id": "a"}] * 5}, "bad_request", "styles"),
        ({"style_id": None, "styles": [{"id": "海"}]}, "unknown_style", "style_id"),
        ({"style_id": ""}, "missing_style", "style_id"),
        ({"style_id": "no-such"}, "unknown_style", "style_id"),
        ({"style_id": "海\0"}, "unknown_style", "style_id"),
        ({"tau": 1.6}, "invalid_tau", "tau"),
        ({"tau": -0.1}, "invalid_tau", "tau"),
        ({"tau": "high"}, "bad_request", "tau"),
        ({"tau": 1.5, "levels": {"texture": 1.2}}, "bad_request", "levels.texture"),
        ({"levels": {"texture": 2}}, "bad_request", "levels.texture"),
        ({"levels": {"shine": 1}}, "bad_request", "levels.shine"),
        ({"keep_color": "yes"}, "bad_request", "keep_color"),
        ({"brush": "huge"}, "bad_request", "brush"),
        ({"brush": 1}, "bad_request", "brush"),
        ({"output_format": "bmp"}, "bad_request", "output_format"),
        ({"max_side_px": -1}, "bad_request", "max_side_px"),
        ({"max_side_px": 63}, "bad_request", "max_side_px"),
        ({"max_side_px": 1601}, "bad_request", "max_side_px"),
        ({"max_side_px": 70}, "bad_request", "max_side_px"),
        ({"title": "x" * 81}, "bad_request", "title"),
        ({"title": "a\nb"}, "bad_request", "title"),
        ({"client_key": "two words"}, "bad_request", "client_key"),
        ({"colour": "red"}, "bad_request", "colour"),
    ],
)
def test_an_invalid_parameter_is_refused_with_its_name(client, picture_id, parameters, code, field):
    response = create_from_photo(client, picture_id, **parameters)

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["field"]) == (422, code, field)
    assert count(client) == 0


@pytest.mark.parametrize("size", [-1, 0, 63, 1601, 10**6, 10**400])
def test_a_size_outside_the_range_is_refused_with_the_range(client, picture_id, size):
    as_json = create_from_photo(client, picture_id, max_side_px=size)
    as_form = upload(client, max_side_px=str(size))

    for response in (as_json, as_form):
        assert response.status_code == 422
        assert "it must be from 64 to 1600, not" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("variant", "code", "field"),
    [
        ({"style_id": "no-such"}, "unknown_style", "looks.1.style_id"),
        ({"styles": [{"id": NIXI}, {"id": "no-such"}]}, "unknown_style", "looks.1.styles.1.id"),
        (
            {"style_id": NIXI, "tau": 1.5, "levels": {"texture": 1.2}},
            "bad_request",
            "looks.1.levels.texture",
        ),
        ({"style_id": NIXI, "tau": 1.6}, "invalid_tau", "looks.1.tau"),
        ({"style_id": NIXI, "title": "a\nb"}, "bad_request", "looks.1.title"),
    ],
)
def test_a_refused_variant_of_a_batch_is_named(client, picture_id, variant, code, field):
    error = batch(client, picture_id, {"style_id": NIXI}, variant).json()["error"]

    assert (error["code"], error["field"]) == (code, field)
    assert count(client) == 0


def test_a_refused_field_that_a_batch_shares_has_no_position(client, picture_id):
    body = {"picture_id": picture_id, "looks": [{"style_id": NIXI}], "max_side_px": 1}

    response = client.post(f"{URL}/batch", json=body)

    assert response.json()["error"]["field"] == "max_side_px"


@pytest.mark.parametrize("field", ["style_id", "picture_id"])
def test_an_unknown_id_is_quoted_without_control_characters(client, picture_id, field):
    body = {"picture_id": picture_id, "style_id": NIXI, field: "a\0\x1b[31m"}

    message = client.post(URL, json=body).json()["error"]["message"]

    assert '"a??[31m"' in message


def test_a_size_with_too_short_a_side_is_refused_with_the_minimum(client, picture_id):
    message = create_from_photo(client, picture_id, max_side_px=70).json()["error"]["message"]

    assert "use at least 86" in message
    assert create_from_photo(client, picture_id, max_side_px=86).status_code == 202


def test_a_result_is_never_larger_than_the_photo(client, picture_id):
    row = row_of(client, create_from_photo(client, picture_id, max_side_px=1600))

    assert (row.width, row.height) == (320, 240)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"picture_id": 7}'])
def test_invalid_json_is_refused(client, body):
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})

    assert response.status_code in (400, 422)
    assert response.json()["error"]["code"] == "bad_request"


def test_a_json_body_above_the_size_limit_is_refused(client):
    response = client.post(URL, json={"title": "x" * 70_000})

    assert response.status_code == 400
    assert "65536" in response.json()["error"]["message"]


def test_a_json_request_can_be_sent_again(client, picture_id):
    first = create_from_photo(client, picture_id, client_key="tap-1")
    again = create_from_photo(client, picture_id, client_key="tap-1")
    other = create_from_photo(client, picture_id, client_key="tap-1", tau=0.1)

    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 409)
    assert first.json()["id"] == again.json()["id"]


# Batches


def batch(client, picture_id: str, *variants, **parameters):
    return client.post(
        f"{URL}/batch", json={"picture_id": picture_id, "looks": variants, **parameters}
    )


def test_a_batch_creates_several_variants(client, picture_id):
    response = batch(
        client,
        picture_id,
        {"style_id": NIXI, "tau": 0.4},
        {"style_id": "great-wave", "title": "Wave"},
        {"styles": WAVE_AND_INK},
    )

    items = response.json()["items"]
    assert response.status_code == 202
    assert [item["style"]["id"] for item in items] == [NIXI, "great-wave", "great-wave"]
    assert [item["title"] for item in items] == [None, "Wave", None]
    assert [item["position"] for item in items] == [1, 2, 3]


def test_one_invalid_variant_refuses_the_whole_batch(client, picture_id):
    response = batch(client, picture_id, {"style_id": NIXI}, {"style_id": "no-such"})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_style")
    assert count(client) == 0


def test_a_batch_can_be_sent_again(client, picture_id):
    variants = [{"style_id": NIXI, "tau": tau} for tau in (0.2, 0.4)]

    first = batch(client, picture_id, *variants, client_key="grid")
    again = batch(client, picture_id, *variants, client_key="grid")
    other = batch(client, picture_id, variants[0], client_key="grid")
    another = batch(client, picture_id, *reversed(variants), client_key="grid")

    assert (first.status_code, again.status_code) == (202, 200)
    assert [i["id"] for i in first.json()["items"]] == [i["id"] for i in again.json()["items"]]
    assert (other.status_code, another.status_code) == (409, 409)
    assert count(client) == 2


def test_a_batch_cannot_be_sent_again_after_one_of_its_items_was_deleted(client, picture_id):
    variants = [{"style_id": NIXI, "tau": tau} for tau in (0.2, 0.4)]
    first = batch(client, picture_id, *variants, client_key="grid").json()["items"]
    client.delete(f"{URL}/{first[1]['id']}")

    again = batch(client, picture_id, *variants, client_key="grid")
    other = batch(client, picture_id, *reversed(variants), client_key="grid")

    assert (again.status_code, again.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert "deleted" in again.json()["error"]["message"]
    assert "different request" in other.json()["error"]["message"]


def test_the_key_of_a_batch_is_shorter_than_that_of_a_request(client, picture_id):
    body = {"picture_id": picture_id, "looks": [{"style_id": NIXI}] * 12}

    fits, too_long = (
        client.post(f"{URL}/batch", json=body, headers={"Idempotency-Key": "k" * length})
        for length in (197, 198)
    )

    assert (fits.status_code, too_long.status_code) == (202, 422)
    assert "197" in too_long.json()["error"]["message"]


def test_a_batch_beyond_the_quota_creates_nothing(make_client):
    client = make_client(max_queued_per_owner=2)
    picture_id = store_photo(client).json()["id"]

    response = batch(client, picture_id, *[{"style_id": NIXI}] * 3)

    assert (response.status_code, response.json()["error"]["code"]) == (429, "quota_exceeded")
    assert count(client) == 0


@pytest.mark.parametrize("variants", [[], [{"style_id": NIXI}] * 13])
def test_a_batch_has_one_to_twelve_variants(client, picture_id, variants):
    response = batch(client, picture_id, *variants)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "looks")

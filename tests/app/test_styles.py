"""Styles: presets for everyone, own styles for their owner."""

import io
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from PIL import Image, ImageStat
from sqlalchemy import select

from app.styles.presets import Presets
from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.workers import WorkerHeartbeat
from core.failures import WorkerDied
from imaging.labels import Label, draw_mark, read_label
from tests.app.sample_pictures import file_of, gradient, jpeg
from tests.app.test_creating_stylizations import count, upload
from tests.factories import NIXI

URL = "/v1/styles"


def add(client, data: bytes | None = None, **fields):
    return client.post(URL, files={"file": jpeg() if data is None else data}, data=fields)


def set_status(client, style_id: str, status: str) -> None:
    with client.resources.database.transaction() as session:
        style = session.get_one(Style, style_id)
        style.claim(token="tkn", lease_until=now_utc())
        if status == "ready":
            style.finish(token="tkn", code=b"code", model_version="m1")
        else:
            style.fail(token="tkn", error=WorkerDied(attempts=3))


def test_the_presets_come_first_with_names_in_both_languages(client):
    items = client.get(URL).json()["items"]

    nixi = next(item for item in items if item["id"] == NIXI)
    assert (nixi["kind"], nixi["status"], nixi["default_tau"]) == ("preset", "ready", 1.0)
    assert nixi["name"] == {"zh": "尼西黑陶", "en": "Nixi black pottery"}
    assert set(nixi["credit"]) == {"zh", "en"}
    assert set(nixi["story"]) == {"zh", "en"}


def test_the_preview_of_a_preset_needs_no_key_and_can_be_cached_for_a_year(client):
    nixi = client.get(f"{URL}/{NIXI}").json()

    response = client.without_key().get(nixi["preview_url"])

    assert Image.open(io.BytesIO(response.content)).format == "WEBP"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("preset", list(Presets.load()), ids=lambda preset: preset.entry.id)
def test_every_shipped_preview_has_the_visible_and_the_embedded_ai_label(preset):
    preview = Image.open(io.BytesIO(preset.preview)).convert("L")
    letters, around = label_masks(preview.size)

    label = read_label(preset.preview)

    assert label is not None
    assert label.content_producer == "DualTrans"
    assert abs(mean_inside(preview, letters) - mean_inside(preview, around)) > 100


def label_masks(size: tuple[int, int]) -> tuple[Image.Image, Image.Image]:
    """Return masks of the letters of the label, and of its backdrop beside them."""
    black = Image.new("RGB", size)
    marked = draw_mark(black, Label()).convert("L")
    box = marked.getbbox()
    assert box is not None
    around = Image.new("L", size)
    around.paste(255, (box[0] + 2, box[1] + 6, box[0] + 6, box[3] - 6))
    return marked.point(lambda value: 255 * (value > 240)), around


def mean_inside(picture: Image.Image, mask: Image.Image) -> float:
    return ImageStat.Stat(picture, mask).mean[0]


@pytest.mark.parametrize("preset", list(Presets.load()), ids=lambda preset: preset.entry.id)
def test_a_story_is_one_to_three_sentences_in_each_language(preset):
    story = preset.entry.story

    assert 1 <= len(re.findall(r"[。；]", story.zh)) <= 3
    assert 1 <= len(re.findall(r"[.:](?= |$)", story.en)) <= 3
    assert story.zh.endswith("。")
    assert story.en.endswith(".")


def test_no_two_presets_have_the_same_story():
    stories = [preset.entry.story for preset in Presets.load()]

    assert len({story.zh for story in stories}) == len(stories)
    assert len({story.en for story in stories}) == len(stories)


def test_an_own_style_has_no_story(client):
    assert add(client).json()["story"] is None


def test_a_cached_preview_is_not_sent_again(client):
    url = f"{URL}/{NIXI}/preview.webp"
    etag = client.get(url).headers["ETag"]

    response = client.get(url, headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")


def test_a_preview_has_a_file_name(client):
    preset = client.get(f"{URL}/{NIXI}").json()

    response = client.get(preset["preview_url"])

    assert urlsplit(preset["preview_url"]).path == f"{URL}/{NIXI}/preview.webp"
    assert response.headers["Content-Disposition"] == f'inline; filename="{NIXI}.webp"'


def test_the_preview_url_of_earlier_releases_still_works(client):
    old, new = (client.get(f"{URL}/{NIXI}/{name}") for name in ("preview", "preview.webp"))

    assert (old.status_code, old.content) == (200, new.content)


def test_the_preview_of_an_unknown_preset_is_not_found(client):
    assert client.get(f"{URL}/no-such-style/preview.webp").status_code == 404


def test_a_cached_list_is_not_sent_again(client):
    etag = client.get(URL).headers["ETag"]

    unchanged = client.get(URL, headers={"If-None-Match": etag})
    add(client)
    changed = client.get(URL, headers={"If-None-Match": etag})

    assert (unchanged.status_code, changed.status_code) == (304, 200)


def test_an_uploaded_picture_becomes_an_own_style_in_preparation(client, stored_files):
    response = add(client, name=" 外婆的刺绣 ")

    style = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{URL}/{style['id']}"
    assert (style["kind"], style["status"], style["category"]) == ("own", "preparing", "own")
    assert style["name"] == {"zh": "外婆的刺绣", "en": "外婆的刺绣"}
    assert client.without_key().get(style["thumb_url"]).headers["Content-Type"] == "image/webp"
    assert len(stored_files()) == 1
    assert client.resources.queue.count_pending() == 1


def test_the_picture_of_an_own_style_does_not_expire(client):
    add(client)

    with client.resources.database.reading() as session:
        assert session.scalars(select(Picture)).one().expires_at is None


def test_an_unnamed_style_has_a_default_name(client):
    assert add(client).json()["name"] == {"zh": "我的风格", "en": "My style"}


@pytest.mark.parametrize("name", ["x" * 81, "two\nlines", "a\0b"])
def test_an_invalid_name_is_refused(client, stored_files, name):
    response = add(client, name=name)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "name")
    assert (count(client, Style), stored_files()) == (0, [])


def test_a_bad_style_picture_is_refused_before_anything_is_stored(client, stored_files):
    response = add(client, b"text")

    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_image")
    assert (count(client, Style), stored_files()) == (0, [])


def test_a_style_without_a_file_is_refused(client):
    response = client.post(URL, files={"picture": jpeg()})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "missing_file")


def test_the_same_client_key_and_picture_return_the_same_style(client, stored_files):
    first, second = (add(client, name="mine", client_key="tap-1") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(stored_files()) == 1


def test_a_replay_after_the_deletion_of_the_style_says_that_it_was_deleted(client):
    style = add(client, name="mine", client_key="tap-1").json()
    client.delete(f"{URL}/{style['id']}")

    replay = add(client, name="mine", client_key="tap-1")
    other = add(client, name="another", client_key="tap-1")

    assert [r.json()["error"]["code"] for r in (replay, other)] == ["idempotency_conflict"] * 2
    assert "deleted" in replay.json()["error"]["message"]
    assert "different request" in other.json()["error"]["message"]


def test_the_same_client_key_with_another_picture_is_a_conflict(client):
    add(client, client_key="tap-1")

    response = add(client, file_of(gradient(100, 90)).getvalue(), client_key="tap-1")

    assert (response.status_code, response.json()["error"]["code"]) == (409, "idempotency_conflict")


def test_own_styles_follow_the_presets_paginated_newest_first(client):
    ids = [add(client).json()["id"] for _ in range(3)]
    presets = [preset.entry.id for preset in Presets.load()]

    first = client.get(URL, params={"limit": 2}).json()
    second = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()

    assert [item["id"] for item in first["items"]] == [*presets, ids[2], ids[1]]
    assert [item["id"] for item in second["items"]] == [ids[0]]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "own"),
    [
        ({"category": "clay"}, 0),
        ({"category": "own"}, 3),
        ({"category": "none"}, 0),
        ({"category": "own", "kind": "own"}, 3),
        ({"category": "own", "kind": "preset"}, 0),
        ({"category": "clay", "kind": "own"}, 0),
        ({"kind": "own"}, 3),
        ({}, 3),
    ],
)
def test_only_the_last_page_of_a_filtered_list_is_not_full(client, query, own: int):
    added = [add(client, file_of(gradient(90 + n, 90)).getvalue()).json()["id"] for n in range(3)]

    pages = [client.get(URL, params=query | {"limit": 1}).json()]
    while pages[-1]["next"] is not None:
        cursor = pages[-1]["next"]
        pages.append(client.get(URL, params=query | {"limit": 1, "cursor": cursor}).json())

    own_ids = [[item["id"] for item in page["items"] if item["kind"] == "own"] for page in pages]
    assert own_ids == ([[style_id] for style_id in reversed(added)] if own else [[]])


def test_the_list_can_be_filtered_by_kind_and_category(client):
    own = add(client).json()["id"]

    by_kind = client.get(URL, params={"kind": "own"}).json()["items"]
    by_category = client.get(URL, params={"category": "clay"}).json()["items"]

    assert [item["id"] for item in by_kind] == [own]
    assert NIXI in [item["id"] for item in by_category]
    assert own not in [item["id"] for item in by_category]


def test_a_style_in_preparation_can_be_used_at_once(client):
    style = add(client, name="mine").json()

    response = upload(client, style_id=style["id"])

    assert response.status_code == 202
    assert response.json()["style"] == {"id": style["id"], "name": {"zh": "mine", "en": "mine"}}


def test_a_failed_style_has_an_error_and_cannot_be_used(client):
    style = add(client).json()
    set_status(client, style["id"], "failed")

    shown = client.get(f"{URL}/{style['id']}").json()
    response = upload(client, style_id=style["id"])

    assert (shown["status"], shown["error"]["code"]) == ("failed", "worker_died")
    assert "interrupted 1 times" in shown["error"]["message"]
    assert (response.status_code, response.json()["error"]["code"]) == (422, "style_failed")


def test_a_ready_style_has_the_status_ready(client):
    style = add(client).json()
    set_status(client, style["id"], "ready")

    assert client.get(f"{URL}/{style['id']}").json()["status"] == "ready"


def add_worker(client, *, refines: bool = True, version: str = "m1", seconds_ago: int = 0) -> None:
    with client.resources.database.transaction() as session:
        seen_at = now_utc() - timedelta(seconds=seconds_ago)
        row = WorkerHeartbeat(seen_at=seen_at, model_version=version, refines_styles=refines)
        session.add(row)


def change_refinement(client, style_id: str, state: str) -> None:
    with client.resources.database.transaction() as session:
        session.get_one(Style, style_id).refinement = state


def refinements(client, style_id: str) -> list[str]:
    """Return the refinement in the style and in the list of styles."""
    listed = client.get(URL, params={"kind": "own"}).json()["items"]
    return [client.get(f"{URL}/{style_id}").json()["refinement"], listed[0]["refinement"]]


def test_a_style_is_refining_from_when_it_is_ready_until_it_is_refined(client):
    add_worker(client)
    style = add(client, client_key="tap-1").json()
    seen = [style["refinement"], *refinements(client, style["id"])]
    set_status(client, style["id"], "ready")
    seen += refinements(client, style["id"])
    seen.append(add(client, client_key="tap-1").json()["refinement"])  # a replay
    change_refinement(client, style["id"], "refined")
    seen += refinements(client, style["id"])

    assert seen == [*["none"] * 3, *["refining"] * 3, *["refined"] * 2]


@pytest.mark.parametrize(
    "worker",
    [{"refines": False}, {"version": "m2"}, {"seconds_ago": 60}],
    ids=["refines nothing", "other weights", "dead"],
)
def test_a_style_that_no_live_worker_refines_is_not_refining(client, worker):
    add_worker(client, **worker)
    style = add(client).json()
    set_status(client, style["id"], "ready")

    assert refinements(client, style["id"]) == ["none", "none"]


def test_a_refined_style_stays_refined_without_a_worker(client):
    style = add(client).json()
    set_status(client, style["id"], "ready")
    change_refinement(client, style["id"], "refined")

    assert refinements(client, style["id"]) == ["refined", "refined"]


def test_a_style_whose_refinement_was_given_up_is_ready_and_not_refining(client):
    add_worker(client)
    style = add(client).json()
    set_status(client, style["id"], "ready")
    change_refinement(client, style["id"], "given_up")

    assert refinements(client, style["id"]) == ["none", "none"]
    assert client.get(f"{URL}/{style['id']}").json()["status"] == "ready"


def test_presets_are_not_refined(client):
    add_worker(client)

    assert {item["refinement"] for item in client.get(URL).json()["items"]} == {"none"}


def test_another_owners_style_is_not_found(client):
    style = add(client).json()
    other = client.of_another_user()

    assert other.get(f"{URL}/{style['id']}").status_code == 404
    assert other.delete(f"{URL}/{style['id']}").status_code == 404
    assert upload(other, style_id=style["id"]).json()["error"]["code"] == "unknown_style"
    assert client.get(f"{URL}/{style['id']}").status_code == 200


def test_deleting_a_style_deletes_its_picture(client):
    style = add(client).json()

    response = client.delete(f"{URL}/{style['id']}")

    assert response.status_code == 204
    assert client.get(f"{URL}/{style['id']}").status_code == 404
    assert client.get(style["preview_url"]).status_code == 404
    assert upload(client, style_id=style["id"]).json()["error"]["code"] == "unknown_style"


def test_a_preset_cannot_be_deleted(client):
    response = client.delete(f"{URL}/{NIXI}")

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def test_a_stylization_stays_readable_when_its_preset_is_no_longer_included(client, monkeypatch):
    picture = client.post("/v1/pictures", files={"file": jpeg()}).json()["id"]
    shares = [{"id": "sashiko", "weight": 1}, {"id": NIXI, "weight": 1}]
    body = {"picture_id": picture, "styles": shares}
    jobs = [upload(client, style_id="sashiko"), client.post("/v1/stylizations", json=body)]
    before = {job.json()["id"]: job.json()["style"] for job in jobs}
    monkeypatch.setattr(Presets, "find", lambda _presets, _style_id: None)

    items = client.get("/v1/stylizations").json()["items"]

    assert {item["id"]: item["style"] for item in items} == before
    assert client.get(f"{URL}/sashiko").status_code == 404
    assert upload(client, style_id="sashiko").json()["error"]["code"] == "unknown_style"


ENTRY = {
    "id": "a-style",
    "name": {"zh": "名", "en": "name"},
    "category": "ink",
    "credit": {"zh": "源", "en": "source"},
    "story": {"zh": "事", "en": "story"},
    "default_tau": 1.0,
}


def catalogue(folder, *entries) -> None:
    (folder / "catalogue.json").write_text(json.dumps(entries), encoding="utf-8")
    (folder / "a-style.webp").write_bytes(file_of(gradient(), "WEBP").getvalue())


def test_a_catalogue_keeps_its_order(tmp_path):
    catalogue(tmp_path, ENTRY)

    assert [preset.entry.id for preset in Presets.load(tmp_path)] == ["a-style"]


@pytest.mark.parametrize(
    "entries",
    [
        [{**ENTRY, "id": "another"}],
        [{**ENTRY, "id": "Not Kebab"}],
        [{**ENTRY, "default_tau": 2}],
        [{**ENTRY, "name": {"en": "name"}}],
        [{name: value for name, value in ENTRY.items() if name != "story"}],
        [ENTRY, ENTRY],
    ],
    ids=["no preview", "no kebab case", "tau too high", "one language", "no story", "twice"],
)
def test_an_invalid_catalogue_stops_the_start(tmp_path, entries):
    catalogue(tmp_path, *entries)

    with pytest.raises(ValueError, match=r"."):
        Presets.load(tmp_path)


def test_an_invalid_preview_stops_the_start(tmp_path):
    catalogue(tmp_path, ENTRY)
    (tmp_path / "a-style.webp").write_bytes(b"RIFF")

    with pytest.raises(ValueError, match="no preview"):
        Presets.load(tmp_path)

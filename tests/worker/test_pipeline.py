"""How rows are rendered, and how they end."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.stylizations import StyleShare
from imaging.encode import encode_result
from imaging.formats import PictureFormat
from imaging.labels import AigcRecord, Label, draw_mark, read_label
from styling.brush import Brush
from tests.factories import NIXI
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION

JFIF = {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
WEBP = {"background", "loop"}  # what Pillow reports for every WebP
TOLERANCE = 40  # of 255: compression artefacts of JPEG and WebP at the edges of letters


def render_all(stack: WorkerStack) -> int:
    batches = 0
    while stack.renderer.render_next_batch():
        batches += 1
    return batches


def refuse_width(width: int, error: Exception):
    def check(pictures: Sequence[Image.Image]) -> None:
        if any(picture.width == width for picture in pictures):
            raise error

    return check


def refuse_red(error: Exception):
    def check(pictures: Sequence[Image.Image]) -> None:
        if any(picture.getpixel((0, 0)) == (254, 0, 0) for picture in pictures):
            raise error

    return check


def test_a_queued_row_becomes_done_with_a_jpeg_and_a_thumbnail(stack: WorkerStack) -> None:
    row_id = stack.queue_row(size=(640, 427))

    stack.renderer.render_next_batch()

    row = stack.row(row_id)
    with stack.database.reading() as session:
        result = session.get_one(Picture, row.result_picture_id)
        thumb = session.get_one(Picture, row.thumb_picture_id)
    assert (row.status, row.result_width, row.result_height) == ("done", 640, 427)
    assert (result.format, thumb.format, thumb.width) == ("JPEG", "WEBP", 480)
    assert Image.open(BytesIO(stack.storage.read(result.storage_key))).size == (640, 427)
    assert row.finished_at
    assert row.started_at
    assert row.token is None


def test_result_and_thumbnail_have_the_ai_metadata_and_no_other(
    stack: WorkerStack,
) -> None:
    row_id = stack.queue_row(size=(640, 427))

    stack.renderer.render_next_batch()

    label = AigcRecord(content_producer="DualTrans", produce_id=row_id)
    result, thumb = stored_pictures(stack, row_id)
    assert (read_label(result), read_label(thumb)) == (label, label)
    assert set(Image.open(BytesIO(result)).info) == {*JFIF, "xmp"}
    assert set(Image.open(BytesIO(thumb)).info) == {*WEBP, "xmp"}


def test_result_and_thumbnail_have_the_visible_mark_at_their_own_size(stack: WorkerStack) -> None:
    row_id = stack.queue_row(size=(960, 640))

    stack.renderer.render_next_batch()

    result, thumb = map(decoded, stored_pictures(stack, row_id))
    assert (result.size, thumb.size) == ((960, 640), (480, 320))
    assert is_like(result, draw_mark(unmarked(result), Label()))
    assert is_like(thumb, draw_mark(unmarked(thumb), Label()))
    assert not is_like(result, unmarked(result))


@pytest.mark.parametrize("picture_format", list(PictureFormat))
def test_every_output_format_carries_the_label(
    picture_format: PictureFormat,
) -> None:
    encoded = encode_result(
        Image.new("RGB", (96, 64), "teal"), picture_format, label=Label(), produce_id="stl_1"
    )

    found = read_label(encoded.data)
    assert found == AigcRecord(content_producer="DualTrans", produce_id="stl_1")
    assert (encoded.format, encoded.extension) == (
        picture_format.pillow_name,
        picture_format.extension,
    )
    assert Image.open(BytesIO(encoded.data)).format == encoded.format


def test_twenty_rows_of_one_size_use_three_forward_passes(stack: WorkerStack) -> None:
    rows = stack.queue_rows(20)

    render_all(stack)

    assert stack.painter.forwards == [8, 8, 4]
    assert stack.statuses(rows) == ["done"] * 20


def test_styles_and_strengths_may_differ_within_a_forward_pass(stack: WorkerStack) -> None:
    style = stack.new_style()
    stack.renderer.prepare_next_style()
    rows = [
        stack.queue_row(style_id=NIXI, tau=0.5),
        stack.queue_row(style_id=style, tau=1.5, keep_color=True),
    ]

    render_all(stack)

    assert stack.painter.forwards == [2]
    assert stack.statuses(rows) == ["done", "done"]


def test_sizes_may_not_differ_within_a_forward_pass_and_the_oldest_row_is_first(
    stack: WorkerStack,
) -> None:
    stack.queue_row(size=(96, 64))
    stack.queue_row(size=(64, 96))
    stack.queue_row(size=(96, 64))

    render_all(stack)

    assert stack.painter.forwards == [2, 1]


def test_a_row_that_was_tried_before_runs_alone(stack: WorkerStack) -> None:
    stack.queue_row(attempts=1)
    stack.queue_rows(2)

    render_all(stack)

    assert stack.painter.forwards == [1, 2]


def test_one_refused_photo_does_not_fail_its_batch(stack: WorkerStack) -> None:
    good = stack.queue_rows(3)
    bad = stack.queue_row()
    with stack.database.transaction() as session:
        picture = session.get_one(Picture, stack.row(bad).picture_id)
        buffer = BytesIO()
        Image.new("RGB", (96, 64), (255, 0, 0)).save(buffer, "JPEG", quality=100)
        stack.storage.put(picture.storage_key, buffer.getvalue())
    stack.painter.before_forward = refuse_red(ValueError("no red"))

    render_all(stack)

    assert stack.statuses(good) == ["done"] * 3
    assert stack.row(bad).error_code == "render_failed"
    assert stack.row(bad).attempts == 1


def test_a_photo_that_does_not_fit_into_memory_fails_with_its_size(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.painter.before_forward = refuse_width(96, MemoryError())

    stack.renderer.render_next_batch()

    row = stack.row(row_id)
    assert (row.status, row.error_code) == ("failed", "out_of_memory")
    assert row.error_message is not None
    assert "96x64" in row.error_message["en"]
    assert "96×64" in row.error_message["zh"]


def test_a_row_whose_photo_is_missing_fails_as_picture_lost(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    with stack.database.reading() as session:
        key = session.get_one(Picture, stack.row(row_id).picture_id).storage_key
    stack.storage.remove(key)

    stack.renderer.render_next_batch()

    assert stack.row(row_id).error_code == "picture_lost"


def test_a_row_whose_preset_does_not_exist_fails_as_style_lost(stack: WorkerStack) -> None:
    row_id = stack.queue_row(style_id="no-such-preset")

    stack.renderer.render_next_batch()

    assert stack.row(row_id).error_code == "style_lost"


def test_a_row_cancelled_while_it_is_rendered_stays_cancelled(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.painter.before_forward = lambda _: stack.change(
        row_id, lambda row: row.cancel(now=now_utc())
    )

    stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "cancelled"
    assert stack.row(row_id).result_picture_id is None
    assert count_pictures(stack) == 1


def test_a_late_result_of_a_worker_whose_lease_expired_is_dropped(stack: WorkerStack) -> None:
    row_id = stack.queue_row()

    def let_the_lease_expire(_: Sequence[Image.Image]) -> None:
        stack.painter.before_forward = lambda _: None
        stack.change(row_id, expire_lease)
        stack.reconciler.release_expired_rows()
        stack.renderer.render_next_batch()

    stack.painter.before_forward = let_the_lease_expire

    stack.renderer.render_next_batch()

    row = stack.row(row_id)
    assert (row.status, row.attempts) == ("done", 2)
    assert count_pictures(stack) == 3


def test_a_cancelled_row_is_not_rendered(stack: WorkerStack) -> None:
    row_id = stack.queue_row()
    stack.change(row_id, lambda row: row.cancel(now=now_utc()))

    assert stack.renderer.render_next_batch() == 0


@pytest.mark.parametrize("kind", ["style", "row"])
def test_with_nothing_waiting_nothing_is_processed(stack: WorkerStack, kind: str) -> None:
    process = {
        "style": stack.renderer.prepare_next_style,
        "row": stack.renderer.render_next_batch,
    }

    assert not process[kind]()


def stored_pictures(stack: WorkerStack, row_id: str) -> tuple[bytes, bytes]:
    """Return the bytes of result and thumbnail."""
    row = stack.row(row_id)
    with stack.database.reading() as session:
        result = session.get_one(Picture, row.result_picture_id)
        thumb = session.get_one(Picture, row.thumb_picture_id)
    return stack.storage.read(result.storage_key), stack.storage.read(thumb.storage_key)


def decoded(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def unmarked(picture: Image.Image) -> Image.Image:
    """Return what the fake painter makes of a photo of one colour, without the mark."""
    return Image.new("RGB", picture.size, picture.getpixel((9, 9)))


def is_like(picture: Image.Image, expected: Image.Image) -> bool:
    """Return whether the pictures differ by compression artefacts at most."""
    most = ImageStat.Stat(ImageChops.difference(picture, expected).convert("L")).extrema[0][1]
    return most <= TOLERANCE


def expire_lease(row) -> None:
    row.lease_until = now_utc() - timedelta(seconds=1)


def count_pictures(stack: WorkerStack) -> int:
    with stack.database.reading() as session:
        return session.query(Picture).count()


def test_a_mix_of_styles_is_weighted_by_its_shares(stack: WorkerStack) -> None:
    dark, light = (
        stack.new_style(status="ready", code=bytes([level] * 3), model_version=MODEL_VERSION)
        for level in (0, 200)
    )
    row_id = stack.queue_row(style_id=dark, tau=1.5)
    with stack.database.transaction() as session:
        session.add(StyleShare(stylization_id=row_id, style_id=dark, weight=1))
        session.add(StyleShare(stylization_id=row_id, style_id=light, weight=3))

    stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "done"
    assert [request.code.color for request in stack.painter.requests] == [(150, 150, 150)]


def test_a_row_with_a_mix_waits_for_each_of_its_styles(stack: WorkerStack) -> None:
    row_id, style_id = stack.queue_row(), stack.new_style()
    with stack.database.transaction() as session:
        session.add(StyleShare(stylization_id=row_id, style_id=NIXI, weight=1))
        session.add(StyleShare(stylization_id=row_id, style_id=style_id, weight=1))

    before = stack.renderer.render_next_batch()
    stack.renderer.prepare_next_style()
    after = stack.renderer.render_next_batch()

    assert (before, after) == (0, 1)
    assert stack.row(row_id).status == "done"


def test_levels_reach_the_model(stack: WorkerStack) -> None:
    stack.queue_row(levels={"colour": 1.0, "texture": 0.5, "structure": 0.0})
    stack.queue_row()

    stack.renderer.render_next_batch()

    levels = [request.levels for request in stack.painter.requests]
    assert levels == [{"colour": 1.0, "texture": 0.5, "structure": 0.0}, {}]


def test_the_brush_reaches_the_model(stack: WorkerStack) -> None:
    stack.queue_row(brush=Brush.BROAD)
    stack.queue_row()

    stack.renderer.render_next_batch()

    assert [request.brush for request in stack.painter.requests] == [Brush.BROAD, Brush.MEDIUM]


def test_a_smaller_result_is_rendered_from_the_same_photo(stack: WorkerStack) -> None:
    row_id = stack.queue_row(size=(640, 427))
    stack.change(row_id, lambda row: (setattr(row, "width", 320), setattr(row, "height", 214)))

    stack.renderer.render_next_batch()

    row = stack.row(row_id)
    assert (row.result_width, row.result_height) == (320, 214)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_a_result_has_the_requested_format_and_the_label(stack: WorkerStack, name: str) -> None:
    row_id = stack.queue_row(output_format=name)

    stack.renderer.render_next_batch()

    with stack.database.reading() as session:
        result = session.get_one(Picture, stack.row(row_id).result_picture_id)
    record = read_label(stack.storage.read(result.storage_key))
    assert result.format == name.upper()
    assert (record and record.produce_id) == row_id

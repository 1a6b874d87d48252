"""The mark is legible on every background, and the metadata is readable in every format."""

import json
from functools import reduce
from io import BytesIO
from typing import NamedTuple, cast

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageOps, ImageStat
from PIL.PngImagePlugin import PngInfo

from imaging.formats import PictureFormat
from imaging.labels import (
    DARK_COLOR,
    LIGHT_COLOR,
    AigcRecord,
    Corner,
    Label,
    checked_text,
    draw_mark,
    encode_labelled,
    read_label,
)
from tests.factories import jpeg

FORMATS = pytest.mark.parametrize("picture_format", list(PictureFormat))
MIN_CONTRAST = 4.5  # of text to its background, as WCAG level AA requires
LONGEST_TEXT = "本作品由人工智能模型生成仅供参考"


def encoded(picture_format: PictureFormat, size: tuple[int, int] = (320, 200), **given) -> bytes:
    picture = Image.new("RGB", size, "teal")
    return encode_labelled(
        picture,
        picture_format,
        label=given.get("label", Label()),
        produce_id=given.get("produce_id", "stl_1"),
        quality=90,
    )


# Metadata


@FORMATS
def test_a_file_of_each_format_contains_the_producer_and_the_produce_id(picture_format) -> None:
    data = encoded(picture_format, label=Label(producer="某某科技"), produce_id="stl_abc")

    record = read_label(data)

    assert record == AigcRecord(content_producer="某某科技", produce_id="stl_abc")
    assert Image.open(BytesIO(data)).format == picture_format.pillow_name


@pytest.mark.parametrize(
    ("picture_format", "container"),
    [
        (PictureFormat.JPEG, b"http://ns.adobe.com/xap/1.0/\0"),
        (PictureFormat.PNG, b"iTXtXML:com.adobe.xmp\0"),
        (PictureFormat.WEBP, b"XMP "),
    ],
)
def test_the_xmp_packet_of_each_format_contains_the_seven_fields_of_the_standard(
    picture_format: PictureFormat, container: bytes
) -> None:
    data = encoded(picture_format)

    _, _, packet = data.partition(container)
    element, _, _ = packet.partition(b"</TC260:AIGC>")
    text = element.partition(b"<TC260:AIGC>")[2].decode().replace("&quot;", '"')
    assert b'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"' in element
    assert json.loads(text) == {
        "Label": "1",
        "ContentProducer": "DualTrans",
        "ProduceID": "stl_1",
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }


@FORMATS
def test_xml_special_characters_are_restored(picture_format) -> None:
    label = Label(producer="""A<b>&"'公司""")

    record = read_label(encoded(picture_format, label=label))

    assert record is not None
    assert record.content_producer == label.producer


@FORMATS
def test_other_metadata_of_a_picture_is_removed(picture_format) -> None:
    picture = Image.new("RGB", (64, 64))
    picture.info |= {"comment": b"where it was taken", "exif": b"Exif\0\0MM", "dpi": (300, 300)}

    data = encode_labelled(picture, picture_format, label=Label(), produce_id="stl_1", quality=90)

    assert b"where it was taken" not in data
    assert b"Exif" not in data


def test_a_picture_without_a_label_has_no_record() -> None:
    assert read_label(jpeg()) is None


def test_a_label_after_the_pixel_data_of_a_png_is_found() -> None:
    data = encoded(PictureFormat.PNG)
    at = data.index(b"iTXt") - 4
    length = int.from_bytes(data[at : at + 4]) + 12
    chunk, others = data[at : at + length], data[:at] + data[at + length :]

    moved = others.replace(b"\0\0\0\0IEND", chunk + b"\0\0\0\0IEND")

    assert read_label(moved) == read_label(data)


def test_a_label_stored_as_an_xml_attribute_is_read() -> None:
    record = '{"Label":"2","ContentProducer":"x"}'.replace('"', "&quot;")

    found = read_label(
        png_with(f'<r xmlns:q="http://www.tc260.org.cn/ns/AIGC/1.0/" q:AIGC="{record}"/>')
    )

    assert found == AigcRecord(label="2", content_producer="x")


@pytest.mark.parametrize(
    "packet",
    [
        "<not closed",
        '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        '<q:AIGC xmlns:q="http://www.tc260.org.cn/ns/AIGC/1.0/">{"Label":"9"}</q:AIGC>',
    ],
    ids=["invalid XML", "document type", "invalid label"],
)
def test_metadata_that_cannot_be_read_is_refused(packet: str) -> None:
    with pytest.raises(ValueError, match=r"metadata|Label"):
        read_label(png_with(packet))


def png_with(packet: str) -> bytes:
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet)
    buffer = BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


# The visible mark


class Mark(NamedTuple):
    """Properties of a visible mark, measured on the pixels."""

    box: tuple[int, int, int, int]
    text_height: int  # pixel rows in which letters have at least half of their full contrast
    contrast: float  # lowest contrast of the letters to a pixel of the background


def measured(picture: Image.Image, label: Label) -> Mark:
    marked = draw_mark(picture, label)
    box = ImageChops.difference(picture, marked).getbbox()
    assert box is not None
    inside = marked.crop(box)
    ink = max(
        (DARK_COLOR, LIGHT_COLOR),
        key=lambda color: sum(p == color for p in inside.get_flattened_data()),
    )
    strip = inside.crop((2, inside.height // 3, max(3, inside.height // 6), inside.height * 2 // 3))
    background = {strip.getpixel((x, y)) for x in range(strip.width) for y in range(strip.height)}
    least = min(contrast(ink, cast("tuple[int, int, int]", color)) for color in background)
    return Mark(box, _letter_rows(inside, ink), least)


def _letter_rows(inside: Image.Image, ink: tuple[int, int, int]) -> int:
    # Dark letters are inverted, so that letters are always lighter than the background.
    light_letters = ImageOps.invert(inside) if ink == DARK_COLOR else inside
    grey = light_letters.convert("L")
    padding = grey.height // 8  # around the letters; the corners show the picture
    inner = grey.crop((padding, padding, grey.width - padding, grey.height))
    background, letters = ImageStat.Stat(inner).median[0], ImageStat.Stat(inner).extrema[0][1]
    box = inner.point(lambda value: 255 * (value > (background + letters) / 2)).getbbox()
    assert box is not None
    return box[3] - box[1]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: tuple[int, int, int]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _unit(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _unit(color: tuple[int, int, int]) -> list[float]:
    return [channel / 255 for channel in color]


def checkered(first: str, second: str) -> Image.Image:
    board = Image.new("RGB", (600, 400), first)
    pen = ImageDraw.Draw(board)
    for y in range(0, 400, 2):
        for x in range(y % 4, 600, 4):
            pen.rectangle((x, y, x + 1, y + 1), fill=second)
    return board


@pytest.mark.parametrize(
    "background",
    [
        *(Image.new("RGB", (600, 400), name) for name in ("white", "black", "skyblue", "red")),
        *(Image.new("RGB", (600, 400), (grey, grey, grey)) for grey in (110, 139, 141, 170)),
        checkered("white", "black"),
        checkered("white", "#303030"),
        checkered("black", "#f0f0f0"),
    ],
    ids=["white", "black", "sky", "red", "110", "139", "141", "170", "even", "bright", "dim"],
)
def test_the_letters_have_enough_contrast_on_every_background(background: Image.Image) -> None:
    assert measured(background, Label()).contrast >= MIN_CONTRAST


@pytest.mark.parametrize("text", ["AI生成", "由人工智能生成", "AI-generated"])
@pytest.mark.parametrize(
    "size", [(64, 64), (100, 150), (225, 302), (480, 320), (853, 480), (1600, 1067), (1080, 1920)]
)
def test_the_text_is_at_least_5_percent_of_the_short_side_high(
    size: tuple[int, int], text: str
) -> None:
    height = measured(Image.new("RGB", size, "white"), Label(text)).text_height

    assert height >= 0.05 * min(size)


def test_the_text_on_a_small_picture_has_a_legible_height() -> None:
    assert measured(Image.new("RGB", (64, 64), "black"), Label()).text_height >= 10


ROUNDING = 0.01  # a part of a pixel more in each direction, around a long text at 64 px
TEXTS = ["AI生成", "AI合成", "人工智能生成", "AI generated", "Generated by AI", LONGEST_TEXT]


def covered_share(marked: Image.Image, picture: Image.Image) -> float:
    channels = ImageChops.difference(marked, picture).split()
    changed = reduce(ImageChops.lighter, channels).point(lambda value: value and 1)
    return ImageStat.Stat(changed).mean[0]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("corner", list(Corner))
@pytest.mark.parametrize(("side", "share"), [(64, 0.125), (96, 0.125), (128, 0.125), (256, 0.09)])
def test_the_mark_covers_a_bounded_share_of_a_small_picture(
    text: str, corner: Corner, side: int, share: float
) -> None:
    for size in ((side, side), (side, 3 * side), (3 * side, side)):
        picture = Image.new("RGB", size, "teal")
        covered = covered_share(draw_mark(picture, Label(text, corner=corner)), picture)

        assert 0 < covered <= share + ROUNDING


@pytest.mark.parametrize(
    ("side", "share"),
    [(64, 0.125), (96, 0.1), (128, 0.06), (256, 0.022), (512, 0.02), (1024, 0.02)],
)
def test_the_usual_mark_covers_2_percent_and_more_only_below_256_px(
    side: int, share: float
) -> None:
    picture = Image.new("RGB", (side, side), "teal")

    assert covered_share(draw_mark(picture, Label()), picture) <= share


def test_a_larger_height_share_makes_the_text_larger() -> None:
    background = Image.new("RGB", (900, 600), "white")

    assert measured(background, Label(height_share=0.1)).text_height >= 60


@pytest.mark.parametrize(
    ("corner", "is_left", "is_top"),
    [
        (Corner.TOP_LEFT, True, True),
        (Corner.TOP_RIGHT, False, True),
        (Corner.BOTTOM_LEFT, True, False),
        (Corner.BOTTOM_RIGHT, False, False),
    ],
)
def test_the_mark_is_in_its_corner(corner: Corner, is_left: bool, is_top: bool) -> None:
    left, top, right, bottom = measured(
        Image.new("RGB", (600, 400), "teal"), Label(corner=corner)
    ).box

    assert (left < 20, right > 580) == (is_left, not is_left)
    assert (top < 20, bottom > 380) == (is_top, not is_top)


@pytest.mark.parametrize("size", [(64, 64), (64, 1600), (1600, 64)])
def test_the_longest_text_fits_into_the_smallest_picture(size: tuple[int, int]) -> None:
    width, height = Label(checked_text(LONGEST_TEXT)).mark_size_px(size)

    assert width <= size[0]
    assert height <= size[1]


def test_pixels_outside_the_mark_do_not_change() -> None:
    picture = Image.new("RGB", (600, 400), "teal")

    marked = draw_mark(picture, Label())

    top_half = (0, 0, 600, 200)
    assert marked.crop(top_half).tobytes() == picture.crop(top_half).tobytes()


# The text of the mark


@pytest.mark.parametrize("text", ["AI生成", " 人工智能合成 ", "AI-generated", "内容由 AI 生成"])
def test_a_text_that_declares_ai_generation_is_accepted(text: str) -> None:
    assert checked_text(text) == text.strip()


@pytest.mark.parametrize(
    "text", ["", " ", "DualTrans", "AI", "生成", "手绘作品", "Painting, generated"]
)
def test_a_text_that_does_not_declare_ai_generation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must say that AI generated"):
        checked_text(text)


def test_a_text_with_missing_characters_is_refused_with_these_characters() -> None:
    with pytest.raises(ValueError, match="cannot be drawn: 龘靐"):
        checked_text("AI生成龘靐")


def test_a_text_that_is_too_long_is_refused_with_its_width() -> None:
    with pytest.raises(ValueError, match=r"21\.\d times as wide as high.*at most 17\.1"):
        checked_text("本作品由人工智能模型生成仅供参考仅供参考")

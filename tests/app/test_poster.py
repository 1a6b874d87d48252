"""The layout of posters for pictures of every shape, and the space for the AI label."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops

from app.sharing.poster import PALETTES, Theme, compose_poster
from imaging.formats import PictureFormat
from imaging.labels import Corner, Label, draw_mark, encode_labelled, read_label

RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (10, 120, 10)
SHAPES = pytest.mark.parametrize(
    "size", [(800, 600), (600, 800), (500, 500), (1600, 64), (64, 1600)], ids=str
)


def poster(size: tuple[int, int] = (800, 600), **arguments) -> Image.Image:
    photo, result = Image.new("RGB", size, RED), Image.new("RGB", size, BLUE)
    arguments = {"style_name": "尼西黑陶", "label": Label(), **arguments}
    return compose_poster(photo, result, **arguments)


def box_of(color: tuple[int, int, int], picture: Image.Image) -> tuple[int, int, int, int]:
    off = ImageChops.difference(picture, Image.new("RGB", picture.size, color)).convert("L")
    box = off.point(lambda value: 255 * (value == 0)).getbbox()
    assert box is not None
    return box


@SHAPES
def test_a_poster_is_1080_px_wide_and_shows_both_pictures_in_one_size(
    size: tuple[int, int],
) -> None:
    made = poster(size)

    photo, result = box_of(RED, made), box_of(BLUE, made)
    assert made.width == 1080
    assert (photo[2] - photo[0], photo[3] - photo[1]) == (
        result[2] - result[0],
        result[3] - result[1],
    )
    assert result[3] < made.height


def test_wide_pictures_are_stacked_and_tall_ones_are_side_by_side() -> None:
    wide, tall = poster((800, 600)), poster((600, 800))

    assert box_of(RED, wide)[3] < box_of(BLUE, wide)[1]
    assert box_of(RED, tall)[2] < box_of(BLUE, tall)[0]


@pytest.mark.parametrize("corner", list(Corner))
@pytest.mark.parametrize("text", ["AI生成", "本图片由人工智能生成"])
@SHAPES
def test_the_label_covers_only_background(size: tuple[int, int], text: str, corner: Corner) -> None:
    label = Label(text, height_share=0.06, corner=corner)
    made = poster(size, label=label, code_picture=Image.new("RGB", (400, 400), GREEN))

    box = ImageChops.difference(made, draw_mark(made, label)).getbbox()

    background = PALETTES[Theme.LIGHT].background
    assert box is not None
    assert made.crop(box).getcolors() == [((box[2] - box[0]) * (box[3] - box[1]), background)]


def test_an_encoded_poster_has_the_visible_and_the_embedded_label() -> None:
    made = poster()

    data = encode_labelled(made, PictureFormat.JPEG, label=Label(), produce_id="stl_1", quality=90)

    record = read_label(data)
    assert record is not None
    assert record.produce_id == "stl_1"
    assert (
        ImageChops.difference(made, Image.open(BytesIO(data)))
        .point(lambda value: 255 * (value > 60))
        .getbbox()
    )


def test_the_code_is_on_white_in_the_dark_theme_too() -> None:
    code = Image.new("RGBA", (430, 430), (0, 0, 0, 0))
    code.paste((*GREEN, 255), (100, 100, 330, 330))

    made = poster(code_picture=code, theme=Theme.DARK)

    left, top, right, bottom = box_of(GREEN, made)
    assert 90 < right - left == bottom - top
    assert made.getpixel((left - 10, top - 10)) == (255, 255, 255)
    assert made.getpixel((5, 5)) == PALETTES[Theme.DARK].background


def test_a_name_that_the_font_cannot_draw_is_replaced() -> None:
    assert poster(style_name="龘龘的画").tobytes() == poster(style_name="自选风格").tobytes()
    assert poster(style_name="尼西黑陶").tobytes() != poster(style_name="自选风格").tobytes()


@pytest.mark.parametrize(
    "name",
    [
        "Seurat, A Sunday Afternoon on the Island of La Grande Jatte",
        "维米尔 戴珍珠耳环的少女" * 6,
        "W" * 80,
        "",
    ],
    ids=["two lines", "chinese", "one word", "none"],
)
def test_a_name_of_any_length_does_not_reach_the_code(name: str) -> None:
    code = Image.new("RGB", (400, 400), GREEN)
    named, short = poster(style_name=name, code_picture=code), poster(code_picture=code)

    code_box = (1080 - 64 - 208, 0, 1080, short.height)

    assert named.size == short.size
    assert named.crop(code_box).tobytes() == short.crop(code_box).tobytes()


def test_the_texts_exist_in_both_languages() -> None:
    assert poster(language="zh").tobytes() != poster(language="en").tobytes()

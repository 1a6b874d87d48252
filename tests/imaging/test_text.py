"""The included font: its characters and its licence."""

import pytest

from app.styles.presets import Presets
from imaging.text import FONT, font, missing_characters, shortened

MAX_FONT_BYTES = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "AI生成",
        "由人工智能生成",
        "本图片由AI生成",
        "深度合成",
        "AI-generated",
        "0123456789 ©·—（）",
    ],
)
def test_common_label_texts_can_be_drawn(text: str) -> None:
    assert missing_characters(text) == ""


def test_the_name_of_every_preset_can_be_drawn() -> None:
    names = [name for each in Presets.load() for name in (each.entry.name.zh, each.entry.name.en)]

    assert {name: missing for name in names if (missing := missing_characters(name))} == {}


def test_missing_characters_are_returned_once_and_in_order() -> None:
    assert missing_characters("龘AI靐生龘\n") == "龘靐\n"


def test_the_font_is_small_and_renamed_and_has_its_licence_in_the_same_folder() -> None:
    licence = FONT.with_name("OFL.txt").read_text(encoding="utf-8")

    assert FONT.stat().st_size < MAX_FONT_BYTES
    assert font(20).getname()[0] == "DualTrans Lettering"
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "with Reserved Font Name 'Source'" in licence


def test_a_text_that_is_too_wide_is_cut_with_an_ellipsis() -> None:
    letters = font(20)

    short = shortened("AI生成AI生成", letters, letters.getlength("AI生成…"))

    assert short == "AI生成…"
    assert shortened("AI生成", letters, 1000) == "AI生成"

"""`dualtrans evaluate --presets`, `--strokes` and `--faces`, on a tiny generator."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from model import held_out, inference
from model.evaluation import faces, preset_run, strokes
from model.evaluation.__main__ import main
from model.evaluation.faces import Box
from model.evaluation.picture_selection import resize_short_side
from model.inference import Stylizer
from model.presets import sources
from model.style_code import write_presets
from tests.model.samples import picture, write_pictures


@pytest.fixture
def shared(tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Research data with two photos and two presets, whose stored codes are those of each other."""
    shared = tmp_path / "shared"
    names = [f"{held_out.PHOTO_PREFIXES[0]}_{index}.jpg" for index in range(2)]
    write_pictures(shared / "content", names)
    write_pictures(shared / "style", ["ink.jpg", "wave_1.jpg", "wave_2.jpg"], first_seed=10)
    monkeypatch.setattr(sources, "SOURCES", {"ink": ("style/ink.*",), "wave": ("style/wave_*",)})
    monkeypatch.setattr(sources, "DRAWN", ("drawn",))
    monkeypatch.setattr(inference, "WEIGHTS", weights)
    monkeypatch.setattr(inference, "PRESETS", tmp_path / "presets.safetensors")
    stylizer = Stylizer.load(precision="fp32")
    codes = {
        "ink": stylizer.style_code(Image.open(shared / "style" / "wave_1.jpg")),
        "wave": stylizer.style_code(Image.open(shared / "style" / "ink.jpg")),
    }
    write_presets(codes, inference.PRESETS, stylizer.model_version)
    return shared


@pytest.fixture
def command(tmp_path: Path, shared: Path, vgg_file: Path) -> list[str]:
    catalogue = tmp_path / "catalogue.json"
    strengths = {"ink": 0.5, "wave": 1.0}
    entries = [{"id": style_id, "default_tau": tau} for style_id, tau in strengths.items()]
    catalogue.write_text(json.dumps(entries))
    return [
        *("--shared", str(shared), "--vgg", str(vgg_file), "--catalogue", str(catalogue)),
        *("--side", "64", "--limit", "2", "--out", str(tmp_path / "out")),
    ]


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


# Distances


def test_every_preset_is_measured_with_both_codes(tmp_path: Path, command: list[str]):
    code = main([*command, "--presets"])

    rows = read_rows(tmp_path / "out" / "presets-short-side-64-px.csv")
    assert code == 0
    assert {(row["style"], row["method"]) for row in rows} == {
        (style, method)
        for style in ("ink", "wave")
        for method in ("stored code", "style controller")
    }
    assert len(rows) == 2 * 2 * 2
    first, other = (
        float(row["style_distance"])
        for row in rows
        if row["style"] == "ink" and row["photo"] == rows[0]["photo"]
    )
    assert first != other  # the stored code is that of another artwork


def test_the_means_are_those_of_the_presets(tmp_path: Path, command: list[str]):
    main([*command, "--presets"])

    figures = json.loads((tmp_path / "out" / "presets-short-side-64-px.json").read_text())
    ink, wave, mean = (
        figures[name]["stored code"]["calm"]["mean"] for name in ("ink", "wave", "mean of presets")
    )
    assert mean == pytest.approx((ink + wave) / 2, rel=1e-4)


def test_presets_can_be_named_and_several_sizes_measured(tmp_path: Path, command: list[str]):
    main([*command, "--presets", "wave", "--side", "64", "80"])

    assert {path.name for path in (tmp_path / "out").glob("*.md")} == {
        "presets-short-side-64-px.md",
        "presets-short-side-80-px.md",
    }
    table = (tmp_path / "out" / "presets-short-side-80-px.md").read_text()
    assert ("| wave |" in table, "| ink |" in table) == (True, False)


def test_an_unknown_preset_is_reported_in_one_line(
    command: list[str], capsys: pytest.CaptureFixture[str]
):
    code = main([*command, "--presets", "wave", "oil"])

    assert (code, capsys.readouterr().err.splitlines()[-1]) == (
        2,
        "dualtrans evaluate: unknown presets: oil; known: ink, wave",
    )


@pytest.mark.parametrize(
    ("removed", "part", "message"),
    [
        ("--shared", "--presets", "give --photographs or --shared"),
        ("--catalogue", "--faces", "--faces needs --catalogue"),
    ],
)
def test_a_missing_option_is_reported_in_one_line(
    command: list[str],
    removed: str,
    part: str,
    message: str,
    capsys: pytest.CaptureFixture[str],
):
    index = command.index(removed)

    code = main([*command[:index], *command[index + 2 :], part])

    assert (code, message in capsys.readouterr().err) == (2, True)


# Strokes


def test_the_strokes_of_every_brush_are_measured(
    tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(strokes, "LARGE_PX", 160)
    monkeypatch.setattr(strokes, "SMALL_PX", 80)

    main([*command, "--strokes", "ink"])

    rows = read_rows(tmp_path / "out" / "strokes-short-side-64-px.csv")
    first = rows[:3]
    widths = [float(row["stroke_width"]) for row in first]
    assert [row["brush"] for row in rows] == ["fine", "medium", "broad"] * 2
    assert first[0]["growth"] == ""
    at_both_sizes = [
        (float(row["style_distance"]), float(row["style_distance_of_brush"])) for row in first
    ]
    assert [one == other for one, other in at_both_sizes] == [False, True, False]
    assert [float(row["growth"]) for row in first[1:]] == pytest.approx(
        [widths[1] / widths[0], widths[2] / widths[1]]
    )
    (reduced, _) = read_rows(tmp_path / "out" / "results-of-160-px-reduced-to-80-px.csv")
    assert float(reduced["ratio"]) == pytest.approx(
        float(reduced["reduced"]) / float(reduced["small"])
    )


# Faces


class Faces:
    """Finds a face in every chosen picture."""

    def __init__(self, has_face: Callable[[Image.Image], bool]) -> None:
        self.has_face = has_face

    def faces(self, photo: Image.Image) -> list[Box]:
        return [Box(8, 8, 40, 40)] if self.has_face(photo) else []

    candidates = faces


def test_overlap_is_the_intersection_over_the_union():
    box = Box(10, 10, 20, 20)

    assert faces.overlap(box, box) == 1
    assert faces.overlap(box, Box(20, 10, 20, 20)) == pytest.approx(200 / 600)
    assert faces.overlap(box, Box(30, 10, 20, 20)) == 0


def test_a_face_is_found_if_a_box_overlaps_it_by_0_3():
    face = Box(0, 0, 100, 100)

    assert faces.is_found(face, [Box(300, 0, 9, 9), Box(40, 0, 100, 100)])
    assert not faces.is_found(face, [Box(60, 0, 100, 100)])
    assert not faces.is_found(face, [])


def test_the_share_of_found_faces_is_that_of_the_results(
    tmp_path: Path, stylizer: Stylizer, shared: Path
):
    stylizer = Stylizer.load(precision="fp32")
    photos = {"a": picture((64, 64), 1), "b": picture((64, 64), 2)}
    lost = {stylizer.stylize(photos["a"], stylizer.preset("ink"), 0.5).tobytes()}

    detector = Faces(lambda one: one.tobytes() not in lost)

    section = faces.measure_faces(
        stylizer, detector, photos, {"ink": 0.5, "wave": 1.0}, title="Faces", seed=0
    )

    shares = {name: share["mean"] for name, share in section.figures["shares"].items()}
    assert shares == {"ink": 0.5, "wave": 1.0, "all presets": 0.75}
    assert (section.figures["faces"], section.figures["photos"]) == (2, 2)
    assert "2 faces in 2 photos." in section.text


def test_photos_without_a_face_are_not_rendered(
    tmp_path: Path, command: list[str], shared: Path, monkeypatch: pytest.MonkeyPatch
):
    write_pictures(shared / "content", ["other_1.jpg"], first_seed=20)
    with_face = Image.open(shared / "content" / "other_1.jpg").convert("RGB")
    face = resize_short_side(with_face, 64).tobytes()
    detector = Faces(lambda one: one.tobytes() == face)
    monkeypatch.setattr(preset_run, "HaarDetector", lambda: detector)

    main([*command, "--faces"])

    rows = read_rows(tmp_path / "out" / "faces-short-side-64-px.csv")
    assert {Path(row["photo"]).name for row in rows} == {"other_1.jpg"}
    assert [(row["preset"], row["strength"]) for row in rows] == [("ink", "0.5"), ("wave", "1.0")]


def test_photos_without_any_face_are_reported_in_one_line(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(preset_run, "HaarDetector", lambda: Faces(lambda _: False))

    code = main([*command, "--faces"])

    assert (code, "finds no face in 2 photos" in capsys.readouterr().err) == (2, True)


def test_a_broken_catalogue_is_reported_in_one_line(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "catalogue.json").write_text('[{"id": "ink"}]')

    code = main([*command, "--faces"])

    assert (code, "is not a catalogue of presets" in capsys.readouterr().err) == (2, True)

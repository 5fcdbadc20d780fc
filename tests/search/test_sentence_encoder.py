"""The model, where the optional part is installed; and its files where they are not right."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree
from time import process_time

import numpy as np
import pytest

from config import Config
from forum.search.sentence_encoder import MODEL, VOCABULARY, WIDTH, WINDOW, WINDOWS, MiniLm
from forum.search.word_pieces import WordPieces, words
from tests.search.searching import found, results
from tests.search.stand_in import catch_up
from tests.world import World

HERE = Config.MEANING.exists() and find_spec("onnxruntime") is not None
needs_model = pytest.mark.skipif(
    not HERE, reason="not run: the optional part is not here; make install MEANING=1 installs it"
)
LETTER = (
    "I saw from the crest that it was a complaint. For three days the envelope lay on my desk,"
    " and I could not bring myself to read the letter."
)


@pytest.fixture(scope="module")
def model():
    return MiniLm(Config.MEANING)


def cosine(model, one, other):
    return float(model.vector(one) @ model.vector(other))


@needs_model
def test_texts_of_like_meaning_are_near(model):
    asked = "afraid of opening the post"

    assert cosine(model, asked, LETTER) > 2 * cosine(model, asked, "Methotrexate needs a test.")
    assert cosine(model, "heart attack", "myocardial infarction") > 0.5


@needs_model
@pytest.mark.parametrize("text", ["", "Fear", "x" * 20_000, "word " * 4_000, "漢字 \x00 \ud7a3"])
def test_any_text_has_a_vector_of_length_one(model, text):
    vector = model.vector(text)

    assert vector.shape == (WIDTH,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


@needs_model
def test_what_comes_after_the_last_window_does_not_count(model):
    text = "pain " * WINDOW * WINDOWS

    assert np.array_equal(model.vector(text), model.vector(text + "a heron"))
    assert not np.array_equal(model.vector(text), model.vector("a heron " + text))


@needs_model
def test_a_query_and_a_post_take_little_time(model, figure):
    long = " ".join((LETTER.split() * 9)[:150])
    model.vector(long)
    times = []
    for text in ("afraid of opening the post", long):
        start = process_time()
        for _ in range(20):
            model.vector(text)
        times.append((process_time() - start) / 20 * 1000)

    figure(f"{times[0]:.1f} ms of CPU a query, {times[1]:.1f} ms a post of 150 words")
    assert times[0] < 8
    assert times[1] < 50


@needs_model
def test_a_complaint_letter_is_found_by_the_fear_of_it(tmp_path):
    world = World(tmp_path, MEANING=Config.MEANING)
    thread_id = world.present("ray", "The brown envelope", LETTER)
    world.present("fay", "Methotrexate", "We changed how repeat prescriptions are signed.")
    catch_up(world)

    page = results(world, "mo", "afraid of opening the post")

    assert page.hits[0].post.id == thread_id
    assert page.hits[0].near


@pytest.mark.parametrize("harm", ["a byte", "another model", "no model", "no vocabulary", "a text"])
def test_a_wrong_file_leaves_searching_by_words(tmp_path, caplog, harm):
    folder = _files(tmp_path / "meaning")
    model = folder / MODEL
    match harm:
        case "a byte":
            *most, last = model.read_bytes()
            model.write_bytes(bytes([*most, last ^ 1]))
        case "another model":
            model.write_bytes(b"\x08\x09" * 1_000)
        case "no model":
            model.unlink()
        case "no vocabulary":
            (folder / VOCABULARY).unlink()
        case "a text":
            (folder / VOCABULARY).write_text("[PAD]\n")
    world = World(tmp_path / "world", MEANING=folder)
    world.reply("ray", "A kestrel over the road")
    catch_up(world)

    assert found(world, "mo", "kestrel") == ["A kestrel over the road"]
    assert found(world, "mo", "falcon") == []
    assert caplog.text.count("search: goes by words alone") == 1


def _files(folder: Path) -> Path:
    """A copy of the model's files, or something in their place: both are looked at first."""
    if HERE:
        copytree(Config.MEANING, folder)
    else:
        folder.mkdir()
        for name in (MODEL, VOCABULARY):
            (folder / name).write_bytes(b"not the model")
    return folder


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("Crème brûlée, I'd say: CRP=143.", "creme brulee , i ' d say : crp = 143 ."),
        ("漢字 a\tb\nc\x00d", "漢 字 a b cd"),
        ("soft\u00adhyphen na\u200bme", "softhyphen name"),
        ("", ""),
    ],
)
def test_words_are_split_as_the_model_was_trained(text, split):
    assert words(text) == split.split()


def test_a_word_is_its_longest_pieces():
    pieces = WordPieces(["[PAD]", "un", "##open", "##opened", "##ed", "a"])

    assert pieces.of_text("Unopened unopen a") == [1, 3, 1, 2, 5]
    assert pieces.of_text("zebra " + "a" * 101) == [100, 100]


ENCODES_A_TEXT = """
import os, time
from config import Config
from forum.search.sentence_encoder import MiniLm

MiniLm(Config.MEANING).vector("A heron")
time.sleep(1)  # for whatever the runtime does beside us
print(sum("socket" in os.readlink(each.path) for each in os.scandir("/proc/self/fd")
          if os.path.lexists(each.path)))
"""


@needs_model
def test_the_runtime_reports_to_nobody(tmp_path):
    """Fails when the runtime may count itself, as it does unasked: it keeps a number for this
    machine, and sends what it runs on to its makers."""
    places = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}

    done = subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-c", ENCODES_A_TEXT],
        env=os.environ | places,
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout == "0\n"
    assert not list(tmp_path.rglob("*"))

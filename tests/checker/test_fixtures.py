"""Every published example is found in every place and disguise; what only looks like one is not."""

from collections.abc import Callable

import pytest

from forum.checker import Finding, Kind, Severity, check

STOPPED = [
    (Kind.NHS_NUMBER, "999 000 0018"),
    (Kind.NHS_NUMBER, "999 000 0026"),
    (Kind.NHS_NUMBER, "999 999 9999"),
    (Kind.NHS_NUMBER, "943 476 5919"),
    (Kind.CHI_NUMBER, "0101011237"),
    (Kind.CHI_NUMBER, "1904851231"),
    (Kind.CHI_NUMBER, "0101201234"),
    (Kind.HC_NUMBER, "320 000 0007"),
    (Kind.IE_IHI, "800 000 0024"),
    (Kind.IHI_AU, "8003 6081 6669 0503"),
    (Kind.HPI_AU, "8003610833334085"),
    (Kind.RAMQ, "TEST 5412 2816"),
    (Kind.OHIP, "9876-543-217-AB"),
    (Kind.NI_NUMBER, "QQ 12 34 56 C"),
    (Kind.PHONE, "07700 900123"),
    (Kind.PHONE, "01632 960123"),
    (Kind.PHONE, "020 7946 0123"),
    (Kind.PHONE, "0491 570 156"),
    (Kind.PHONE, "604-555-0123"),
    (Kind.EMAIL, "someone@example.org"),
    (Kind.POSTCODE, "ZZ99 3WZ"),
    (Kind.POSTCODE, "SW1A 1AA"),
]
LABELLED = [
    (Kind.MEDICARE_AU, "2123 45670 1", "Medicare "),
    (Kind.PHN_BC, "9698 658 215", "PHN "),
    (Kind.DATE_OF_BIRTH, "02/03/1981", "DOB "),
    (Kind.DATE_OF_BIRTH, "2 March 1981", "born "),
    (Kind.TFN, "123 456 782", "tax file number "),
    (Kind.SIN, "046 454 286", "SIN "),
]
CONFIRMED = [
    (Kind.OTHER_HEALTH_ID, "1234567", "hospital number 1234567"),
    (Kind.OTHER_HEALTH_ID, "ZZZ0016", "her NHI ZZZ0016 was wrong"),
    (Kind.EXACT_AGE, "15-year-old", "a 15-year-old came"),
    (Kind.EXACT_AGE, "93", "she, aged 93, came"),
    (Kind.ADDRESS, "14 Sample Street", "she lives at 14 Sample Street"),
    (Kind.PERSON_NAME, "Mrs Exampleton", "I saw Mrs Exampleton today"),
    (Kind.PLACE_OR_ORG, "Sampleton Surgery", "the one at Sampleton Surgery"),
    (Kind.PROFESSIONAL_ID, "1234567", "GMC 1234567"),
    (Kind.PROFESSIONAL_ID, "71A2998E", "she gave 71A2998E"),
    (Kind.PRACTICE_CODE, "V81999", "practice V81999"),
    (Kind.IP, "192.0.2.1", "from 192.0.2.1 at night"),
    (Kind.URL_OR_HANDLE, "@someone", "ask @someone there"),
    (Kind.VEHICLE, "KX00 ABC", "it was KX00 ABC"),
    (Kind.FULL_DATE, "12 May 2023", "it was 12 May 2023"),
    (Kind.PERSON_NAME, "Joan", "her name was Joan"),
    (Kind.PLACE_OR_ORG, "Diss", "she moved here from Diss."),
    (Kind.PLACE_OR_ORG, "Rye", "a GP in Rye"),
    (Kind.PLACE_OR_ORG, "Wells", "he lives near Wells now"),
]
PLACES: dict[str, Callable[[str], str]] = {
    "title": lambda it: it,
    "field": lambda it: f"What I keep thinking of is {it}, and the rest.",
    "code block": lambda it: f"I had pasted\n\n```\n{it}\n```\n\ninto it",
    "code": lambda it: f"I had pasted `{it}` into it",
    "HTML comment": lambda it: f"Long day. <!-- {it} --> Longer evening.",
    "link text": lambda it: f"See [{it}](https://example.org) for it.",
    "quotation": lambda it: f"> {it}\n\nI wrote",
    "table": lambda it: f"| a | b |\n|---|---|\n| x | {it} |",
    "list": lambda it: f"- one\n- {it}\n",
}


def _spread(it: str) -> str:
    """A line end in place of the first space."""
    return it.replace(" ", "\n", 1)


DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda it: it,
    "no-break spaces": lambda it: it.replace(" ", "\u00a0"),
    "thin spaces": lambda it: it.replace(" ", "\u2009"),
    "dots": lambda it: it.replace(" ", "."),
    "hyphens": lambda it: it.replace(" ", "-"),
    "no-break hyphens": lambda it: it.replace(" ", "\u2011"),
    "en dashes": lambda it: it.replace(" ", " – "),
    "zero width": lambda it: it[:3] + "\u200b" + it[3:],
    "soft hyphen": lambda it: it[:4] + "\u00ad" + it[4:],
    "joiner": lambda it: "\u200d".join(it),
    "full width": lambda it: "".join(
        chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in it
    ),
    "Arabic digits": lambda it: it.translate({48 + n: 0x660 + n for n in range(10)}),
    "bold within": lambda it: it[:2] + "**" + it[2:5] + "**" + it[5:],
    "backslashes": lambda it: it.replace("-", "\\-"),
    "entities": lambda it: it.replace(" ", "&nbsp;").replace("1", "&#49;"),
    "tags": lambda it: it[:4] + "<b>" + it[4:6] + "</b>" + it[6:],
    "bidirectional": lambda it: "\u202e" + it + "\u202c",
    "keycaps": lambda it: "".join(
        letter + "\ufe0f\u20e3" if letter.isdigit() else letter for letter in it
    ),
    "line end": _spread,
}
MARKED = frozenset({"bold within", "tags", "backslashes", "entities"})


def _found(text: str, kind: Kind) -> list[Finding]:
    return [each for each in check(text) if each.kind is kind]


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("kind", "written"), STOPPED)
def test_what_must_not_be_posted_is_found_in_every_disguise(
    kind: Kind, written: str, disguise: str
) -> None:
    if kind is Kind.EMAIL and disguise in ("dots", "hyphens"):
        pytest.skip("an address has no spaces")
    text = f"I wrote {DISGUISES[disguise](written)} on my hand"

    findings = _found(text, kind)

    assert findings, text
    assert all(each.severity is Severity.STOP for each in findings)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "written"), STOPPED)
def test_what_must_not_be_posted_is_found_in_every_place(
    kind: Kind, written: str, place: str
) -> None:
    text = PLACES[place](written)

    found = _found(text, kind)

    assert [text[each.start : each.end] for each in found] == [written]


@pytest.mark.parametrize("written", ["999 000 0018", "999.000.0018", "9990000018", "07700 900123"])
def test_a_number_in_a_link_is_found(written: str) -> None:
    for link in (f"https://example.org/{written}", f"tel:{written}", f"/files/r_{written}_x.pdf"):
        text = f"See [the letter]({link.replace(' ', '%20' if 'http' in link else '-')})"
        if "%20" not in text:
            assert any(each.severity is Severity.STOP for each in check(text)), text


@pytest.mark.parametrize("disguise", DISGUISES)
@pytest.mark.parametrize(("kind", "written", "label"), LABELLED)
def test_a_labelled_number_is_found_in_every_disguise(
    kind: Kind, written: str, label: str, disguise: str
) -> None:
    if kind is Kind.DATE_OF_BIRTH and disguise in (
        "joiner",
        "bold within",
        "line end",
        "en dashes",
    ):
        pytest.skip("a date has no such groups")

    text = f"On the form: {label}{DISGUISES[disguise](written)}."

    assert _found(text, kind), text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("kind", "written", "text"), CONFIRMED)
def test_what_may_identify_is_found_in_every_place(
    kind: Kind, written: str, text: str, place: str
) -> None:
    typed = PLACES[place](text)

    found = _found(typed, kind)

    assert written in [typed[each.start : each.end] for each in found], found
    assert all(each.severity is Severity.CONFIRM for each in found)


@pytest.mark.parametrize("written", ["999 000 0019", "9698 648 215"])
def test_a_failed_check_digit_stops_nothing(written: str) -> None:
    assert not any(each.severity is Severity.STOP for each in check(f"Was it {written}?"))


@pytest.mark.parametrize("written", ["3201201234", "1904851232"])
def test_what_is_no_chi_number_is_not_called_one(written: str) -> None:
    assert not _found(f"Was it {written}?", Kind.CHI_NUMBER)


def test_a_mistyped_nhs_number_is_asked_about() -> None:
    (found,) = _found("NHS number 999 000 0019", Kind.NHS_NUMBER)

    assert found.severity is Severity.CONFIRM


def test_a_medicare_number_counts_fully_beside_its_word_only() -> None:
    (beside,) = _found("Medicare 2123 45670 1", Kind.MEDICARE_AU)
    (alone,) = _found("It said 2123 45670 1", Kind.MEDICARE_AU)

    assert (beside.severity, alone.severity) == (Severity.STOP, Severity.CONFIRM)
    assert not _found("Medicare 2123 45671 1", Kind.MEDICARE_AU)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("CHI 0101011237", Kind.CHI_NUMBER),
        ("it was 0101011237", Kind.CHI_NUMBER),
        ("H&C 320 000 0007", Kind.HC_NUMBER),
        ("it was 320 000 0007", Kind.HC_NUMBER),
        ("NHS 320 000 0007", Kind.NHS_NUMBER),
        ("PHN 9698 658 215", Kind.PHN_BC),
        ("OHIP 9876 543 217", Kind.OHIP),
    ],
)
def test_the_word_beside_a_number_decides_its_kind(text: str, kind: Kind) -> None:
    assert [each.kind for each in check(text)] == [kind]


@pytest.mark.parametrize(
    "written",
    [
        "oh seven seven double oh nine double oh one two three",
        "nine nine nine, zero zero zero, zero zero one eight",
        "triple nine 000 oh oh one eight",
        "someone (at) example dot org",
        "someone at example dot org",
        "07700 9OO 123",
        "ЅW1A 1АА",  # Cyrillic letters drawn as Latin ones
    ],
)
def test_what_is_spelt_out_is_found(written: str) -> None:
    assert any(each.severity is Severity.STOP for each in check(f"He said {written} to me"))


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("ZZZ0016", True),
        ("ZZZ0017", False),
        ("ZZZ00AX", True),
        ("ZZZ00AY", False),
        ("ZZZ0041", False),  # a remainder of 0 is given to nobody
    ],
)
def test_numbers_of_new_zealand_have_a_check_digit_or_letter(code: str, valid: bool) -> None:
    assert bool(_found(f"it said {code} there", Kind.OTHER_HEALTH_ID)) is valid

"""Words and numbers of medicine name nobody; beside a title or a person the same ones do."""

import pytest

from forum.checker import Finding, Kind, Severity, check

HARMLESS = """
ISBN 0306406152 is a good book
doi 10.1136/bmj.1234567890
PMID 31234567 and PMID 9434765919
SNOMED 73211009, SNOMED 9434765919
take 500 mg three times a day, 30/500 at night, 2.5 mg
BP 120/80, then 104/58, HR 72, sats 94%, RR 16, temp 38.4
HbA1c 48, eGFR 29, CRP 112, INR 6.1, TSH 0.02, Hb 71, ferritin 8, PSA 4.1
at 10.30 and again at 14:20, 8.00-18.30
call 999, 111, 112 or 000
the Samaritans on 116 123, Lifeline 13 11 14, or 0330 123 1245
GCS 15, MRC 4/5, NEWS2 of 7, Wells 4.5, CHA2DS2-VASc 2, PHQ-9 of 18
Addison's disease, Bell's palsy, Crohn's, Hashimoto's, Parkinson's, Down's
Graves, Marfan, Ehlers-Danlos, Huntington's, Guillain-Barré and Behçet's
I thought of Addison, then of Cushing, then of Conn
Rinne positive, Weber central, Romberg steady
Dix-Hallpike, Epley, Phalen and Tinel
the Wells score, the Ottawa rules, the Bristol stool chart, Edinburgh scale
Dupuytren's, Colles' and Smith's, Heberden's nodes
Osgood-Schlatter, Sever's and Perthes
Tegretol, Epilim, Calpol, Ventolin, Fostair and Gaviscon
Priadel comes every year
amoxicillin 500 mg, Amoxicillin for a week, indapamide 2.5
NG136, CG90, NG143, TA875, QS21, SIGN 158 and ICD F32.1
the RECOVERY trial, SPRINT, UKPDS and HOPE
over-75s, under-5s, men aged 55 to 69, scans at 65, smears from 25
people aged 40 and over, children under 12, women over 50
a 12-year history, for 3 years, three weeks of cough, 6/52 of it, 3/7
34 weeks pregnant, at 20 weeks, in her 40s, seventy odd
she was 2 minutes late, it is 3 a.m., he is 40 minutes over
MRC 5, NYHA III, ASA 2, stage 3b, grade 4, L4/5, C5, T12, S1, B12
room 4, page 12, step 3, day 2, item 36, question 9
EMIS, SystmOne, Docman, Ardens, AccuRx, Datix, Teams and Zoom
NHS, GMC, CQC, BMA, RCGP, PCN, ICB, LMC, MDU, DVLA and DWP
Monday, Tuesday, in March, by May, at Christmas, at Easter, in Lent
Scotland, Wales, Ontario, Queensland, Ireland and New Zealand
a Scottish winter, French bread, Dutch courage, Catholic guilt
Balint would smile. Gibbs would draw a circle. Kolb too
Sherlock Holmes, Watson, Hamlet and Godot
I'd read half of *Middlemarch* by then
Mr Right, Dr Google, Dr Who
sats of 88, weight 47 kg, height 1.62, BMI 41
K+ 5.9, Na 128, urea 14.2, lactate 4.1
1 in 90, one in nine, two of the three, 4 out of 10
p < 0.05, n = 1234, 95% CI 1.2-3.4
the 3-7-11 rule, 2 + 2, 7/10 pain, 4/5 power
version 2.4.12, v10.3.2
""".strip().splitlines()
TELLING = [
    ("I saw Mr Addison on the stairs", Kind.PERSON_NAME, "Mr Addison"),
    ("Mr Crohn came about Crohn's", Kind.PERSON_NAME, "Mr Crohn"),
    ("Dr Wells rang about it", Kind.PERSON_NAME, "Dr Wells"),
    ("Mrs Graves came with her son", Kind.PERSON_NAME, "Mrs Graves"),
    ("her sister, Florence, rang", Kind.PERSON_NAME, "Florence"),
    ("she lives in Bristol", Kind.PLACE_OR_ORG, "Bristol"),
    ("he moved to Edinburgh", Kind.PLACE_OR_ORG, "Edinburgh"),
    ("she is 74", Kind.EXACT_AGE, "74"),
    ("a man of 65", Kind.EXACT_AGE, "65"),
    ("84F, falls", Kind.EXACT_AGE, "84F"),
    ("the baby, 11 days old, slept", Kind.EXACT_AGE, "11 days old"),
    ("the girl, 8, drew a house", Kind.EXACT_AGE, "8"),
    ("he's ninety seven now", Kind.EXACT_AGE, "ninety seven"),
    ("Joan (71) and I", Kind.EXACT_AGE, "71"),
    ("her ninetieth birthday", Kind.EXACT_AGE, "ninetieth"),
    ("| name | age |\n|---|---|\n| x | 47 |", Kind.EXACT_AGE, "47"),
    ("on the 8th of May I knew", Kind.FULL_DATE, "the 8th of May"),
    ("it is the twenty third of october", Kind.FULL_DATE, "the twenty third of october"),
    ("seen 3.5.23 by me", Kind.FULL_DATE, "3.5.23"),
    ("le 4 octobre 2023", Kind.FULL_DATE, "le 4 octobre 2023"),
    ("off Gorse Hill, past the shop", Kind.ADDRESS, "Gorse Hill"),
    ("he drives an old ute, QWX 000", Kind.VEHICLE, "QWX 000"),
    ("the Ōtākou Marae", Kind.PLACE_OR_ORG, "Ōtākou Marae"),
    ("from St Orla's church hall", Kind.PLACE_OR_ORG, "St Orla's church hall"),
    ("in wrexham again", Kind.PLACE_OR_ORG, "wrexham"),
    ("i told mr gethin that", Kind.PERSON_NAME, "mr gethin"),
    ("Róisín was there", Kind.PERSON_NAME, "Róisín"),
]


def _overlapping(text: str, kind: Kind, words: str) -> list[Finding]:
    start = text.index(words)
    end = start + len(words)
    return [f for f in check(text) if f.kind is kind and f.start < end and start < f.end]


@pytest.mark.parametrize("text", HARMLESS)
def test_medicine_is_let_be(text: str) -> None:
    written = f"Today I thought of this: {text}, and of little besides."

    assert [(each.kind, written[each.start : each.end]) for each in check(written)] == []


@pytest.mark.parametrize(("text", "kind", "words"), TELLING)
def test_people_and_places_are_found_for_all_that(text: str, kind: Kind, words: str) -> None:
    assert _overlapping(text, kind, words), check(text)


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("a 15-year-old came", "a teenager"),
        ("she is 95.", "someone very old"),
        ("at Sampleton Surgery", "the surgery"),
        ("I saw Mrs Exampleton", "the patient"),
        ("I asked Dr Mensah", "a colleague"),
    ],
)
def test_a_more_general_wording_is_offered(text: str, instead: str) -> None:
    assert instead in [each.instead for each in check(text)]


def test_ages_of_adults_only_nudge() -> None:
    severities = {age: check(f"She is {age}.")[0].severity for age in (17, 18, 89, 90)}

    assert severities == {
        17: Severity.CONFIRM, 18: Severity.NUDGE, 89: Severity.NUDGE, 90: Severity.CONFIRM,
    }  # fmt: skip


def test_links_to_guidance_only_nudge() -> None:
    (guidance,) = check("See https://www.nice.org.uk/guidance/ng136 for it")
    (other,) = check("See https://example.org/ng136 for it")

    assert (guidance.severity, other.severity) == (Severity.NUDGE, Severity.CONFIRM)


def test_every_mention_of_a_name_is_found() -> None:
    text = "Sinead rang. I asked Sinead what Sinead's sister knew."

    assert len([each for each in check(text) if each.kind is Kind.PERSON_NAME]) == 3

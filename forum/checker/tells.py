"""Hints at the writer: a sign-off, their own names and addresses, "my surgery in …"."""

import re
from collections.abc import Iterable, Iterator

from forum.checker.findings import Kind, Severity
from forum.checker.people import is_all_small, is_name
from forum.checker.place_words import is_generic
from forum.checker.spots import Spot
from forum.checker.word_lists import folded
from forum.checker.words import UPPER, Reading, names

_PART_MIN = 3  # letters of a part of one's own name that is looked for by itself
_LINE_MAX = 70  # characters of a sign-off
_GREETING = re.compile(
    r"^\W*(?:(?:kind(?:est)?|best|warm(?:est)?|many) (?:regards|wishes|thanks)|regards|cheers"
    r"|thanks(?: all| everyone| again)?|thank you|yours(?: \w+){0,2}|take care"
    r"|(?:go|be|keep|stay) well|mind yoursel(?:f|ves)|hugs|warmly|(?:in )?solidarity"
    r"|as (?:ever|always)|your (?:old )?(?:friend|colleague)|all the best|speak soon"
    r"|(?:good ?)?night(?: all)?|nos da|hwyl|ka kite(?: anō| ano)?|sláinte|amitiés"
    r"|bw|vbw|kr|rgds|best|love|sincerely|cordially|ngā mihi|nga mihi|slán|slan|x+|signed|from"
    r"|ta|with (?:thanks"
    r"|love|warmth|best wishes)(?: from)?|sent from my \w+)\b[ ,.!\-\n]*"
)
_CLOSING = re.compile(
    r"\b(?:(?:kind |warm |best )?(?:regards|wishes)|cheers|yours|love),? "
    r"(?P<name>[^\W\d_][\w'\-]*(?: [^\W\d_]\w*)?)\W*$"
)
_LAST_WORD = re.compile(
    r"[.!?)] +(?P<name>[^\W\d_][\w'\-]+)(?:,? (?:at|from|in) (?:the )?[A-Z][^.!?\n]{0,40}| x+)?\W*$"
)
_NAME_LINE = re.compile(
    r"^\W*(?:Dr\.? |Prof\.? )?[^\W\d_][\w'\-]*\.?(?: (?:[A-Z]\.?|van|de|von"
    r"|[A-Z][\w'\-]+)){0,3}(?:\s*[,(|/\-]\s*[^.!?\n]{0,50}\)?|\s+(?:at|in"
    r"|from) [^.!?\n]{0,50})?\W*$"
)
_NAME_AT_WORK = re.compile(
    rf"(?:Dr\.? |Prof\.? )?[{UPPER}][\w'\-]+"
    rf"(?: (?:[{UPPER}]\.?|van|de|von|[{UPPER}][\w'\-]+)){{0,3}}"
    r"(?P<at>,? ?\([^()\n]{2,50}\)|,? (?:formerly )?(?:at|in|from|of) [^.!?\n]{2,50}"
    r"|, [^.!?\n]{2,55})?\W*$"
)
_WORKPLACE = re.compile(
    rf"(?:, |\(|\b(?:at|in|from|of) )(?:the )?(?:one of (?:the|our) \w+ (?:at|in|of) [{UPPER}]"
    rf"|(?:[{UPPER}][\w'\-]+ ){{1,3}}(?:[Ss]urgery|[Pp]ractice|[Mm]edical|[Cc]linic"
    r"|[Cc]entre|[Cc]enter|[Hh]ealth|[Pp]artnership|[Gg]roup)\b)"
)
_LAST_SENTENCE = re.compile(r"[.!?)\"'] (?P<words>[^.!?\n]{3,90}?)\.?\s*$")
_CAPITAL = rf"[{UPPER}][\w'\-]{{1,24}}"
_NAMED = rf"(?:{_CAPITAL}|St\.)(?: (?:(?:of|the|and|&|on|upon|de) )?(?:{_CAPITAL})){{0,4}}"
_KIND = (
    r"(?:surgery|practice|clinic|health centre|medical centre|health center|medical practice"
    r"|hub|team|list|partnership|rooms)"
)
_DOCTOR = (
    r"(?:rural |female |male |woman )?(?:gp|GP|doctor|dr|family doctor|partner|registrar|trainee"
    r"|gp partner|GP partner)"
)
_OWN_PLACE = re.compile(
    rf"\b(?:my|our|us (?:at|in)|here (?:at|in))(?: (?:own|wee|little|old|small|tiny|rural|new"
    rf"|present|current|two-doctor|busy|branch|\w+-handed|\w+)){{0,3}} {_KIND}(?:,? (?:at|in|on"
    rf"|near|of)|,) (?P<place>{_NAMED})"
    rf"|\b(?:us|[Ww]e|here|colleagues|partners) (?:at|in) (?P<here>{_NAMED} (?:Surgery|Practice"
    rf"|Medical|Health|Clinic|Centre|Center|Family|Group|surgery|practice"
    rf"|clinic)(?: {_CAPITAL}){{0,3}})"
    rf"|\bI (?:(?:have |had |'ve |'d |only |just |first |now |still |also )*)(?:work(?:ed)?"
    rf"|locum(?:med|ed)?|practi[sc]ed?|started|joined|trained|am (?:a |the )?(?:partner|salaried"
    rf"|gp|registrar|based|locum|trainee)|became (?:a )?partner)(?: \w+){{0,3}}? (?:at|in|with"
    rf"|for|to) (?P<work>{_NAMED})"
    rf"|\b(?:[Aa]s|I'm|I am|I was|[Bb]eing) (?P<only>(?:(?:the |a )?(?:only|sole|lone|one|last"
    rf"|island"
    rf"|village|single-handed|solo|rural|local|town|duty) {_DOCTOR}|(?:the|a) {_DOCTOR}"
    rf"|one of (?:the |only )?\w+ {_DOCTOR}s) (?:in|on|at|for|of) (?:the )?{_NAMED})"
    rf"|\bI'm (?:the|that) (?:one|gp|GP|partner|doctor)(?: \w+){{0,5}} at (?P<one>{_NAMED})"
    rf"|\b(?P<is>(?:[Mm]y|[Oo]ur) (?:own )?{_KIND} (?:is|was) (?:in|at|on|near) {_NAMED})"
    rf"|\bI (?P<run>(?:run|ran|own|cover|lead) (?:the|a) {_KIND} (?:in|at|on|near) {_NAMED})"
    rf"|\b[Ww]e(?:'re| are) (?P<sole>the only {_KIND} (?:in|on|for|at) {_NAMED})"
    rf"|\bI (?:joined|left|cover|covered|run|ran) (?P<joined>{_NAMED} (?:Surgery|Practice"
    rf"|Medical|Health|Clinic|Centre|Family|Group)(?: {_CAPITAL}){{0,3}})"
    rf"|\b(?:[Ww]e're|[Ww]e are|[Ii]t's) (?P<we>{_NAMED} (?:Surgery|Practice|Medical|Health"
    rf"|Clinic|Centre|Center|Family|Group)(?: {_CAPITAL}){{0,3}})"
    rf"|\b(?:my|our) (?P<ours>{_NAMED}) (?:surgery|practice|clinic|patients|partners|branch)\b"
    rf"|\b(?:partner|colleagues?|ones|people|girls|team|lot|staff|receptionists?|partners"
    rf"|trainee|registrar|manager) (?:at|in|of) (?P<staff>{_NAMED} (?:Surgery|Practice|Medical"
    rf"|Family|Group|Health Centre)(?: {_CAPITAL}){{0,2}})"
)
_IN_A_CLAUSE = ("only", "is", "run", "sole")  # the place stands in a clause of small words
_ME = re.compile(
    rf"\b(?:I am|I'm|i am|i'm|this is|my name is|My name is|call me|signed,?|me,|it's me,?"
    rf"|It's me,?|yours,) (?:dr\.? |Dr\.? "
    rf"|Doctor )?(?P<me>{_CAPITAL}(?: {_CAPITAL})?)(?=[.,!;:)\n]|$| (?:and|from|at|here|by"
    rf"|a gp)\b)"
)


def tells(reading: Reading, own: Iterable[str]) -> Iterator[Spot]:
    """Own names and addresses of the writer, and in English sign-offs and own places."""
    yield from _own(reading, own)
    yield from _sign_off(reading)
    yield from _own_places(reading)


def own_words(reading: Reading, own: Iterable[str]) -> Iterator[Spot]:
    """Names and addresses given as the writer's, whole and in parts."""
    yield from _own(reading, own)


def _own(reading: Reading, own: Iterable[str]) -> Iterator[Spot]:
    sought = {part for each in own for part in _parts(each)}
    if not sought:
        return
    alternatives = "|".join(re.escape(part) for part in sorted(sought, key=len, reverse=True))
    for found in re.finditer(rf"(?<!\w)(?:{alternatives})(?!\w)", _foldable(reading.small)):
        part = reading.text[found.start() : found.end()]
        if folded(part) in _plain_words(reading, sought) and not part[0].isupper():
            continue
        yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *found.span(), rank=6)


def _parts(whole: str) -> Iterator[str]:
    """A name or address as given, and each of its parts of sufficient length."""
    plain = folded(whole.strip())
    if len(plain) >= _PART_MIN:
        yield plain
    for part in re.split(r"[\s@._+\-,]+", plain):
        if len(part) >= _PART_MIN and part not in _NO_PARTS and not part.isdigit():
            yield part


_NO_PARTS = frozenset({
    "com", "org", "net", "www", "mail", "email", "gmail", "hotmail", "outlook", "yahoo",
    "icloud", "nhs", "the", "and", "dr", "mr", "mrs", "ms", "prof", "doctor",
})  # fmt: skip


def _plain_words(reading: Reading, sought: set[str]) -> set[str]:
    """Parts of own names in use as common words: "Moor", "Hope"; they count with a capital only."""
    return {part for part in sought if reading.is_common(part)}


def _foldable(text: str) -> str:
    """`text` folded letter by letter, of equal length."""
    return text if text.isascii() else "".join((folded(letter) or letter)[0] for letter in text)


def _sign_off(reading: Reading) -> Iterator[Spot]:
    """A name as the last line, or on a separate line after a greeting."""
    closing = _CLOSING.search(reading.small)
    named = closing and reading.text[closing.start("name")].isupper()
    if closing and named and _is_somebody(reading, closing.start("name"), greeted=True):
        yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *closing.span(), rank=6)
    alone = _LAST_WORD.search(reading.text)
    if (
        alone
        and not closing
        and is_name(reading, alone["name"])
        and not reading.is_common(folded(alone["name"]))
        and alone["name"][0].isupper()
    ):
        yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *alone.span("name"), rank=6)
    lines = list(_LINE.finditer(reading.text))
    if last_sentence := _LAST_SENTENCE.search(reading.text):
        span = _signed_in_line(reading, last_sentence)
        if span:
            yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *span, rank=6)
    for place, line in enumerate(lines):
        above = lines[place - 1].group() if place else ""
        span = _signed(reading, line, above, last=place == len(lines) - 1)
        if span:
            yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *span, rank=6)


def _signed_in_line(reading: Reading, sentence: re.Match[str]) -> tuple[int, int] | None:
    """A name after a greeting, or with its workplace, as the last words of a paragraph."""
    words = sentence["words"].rstrip()
    greeting = _GREETING.match(words.lower())
    name = words[greeting.end() :] if greeting else words
    if len(words) > _LINE_MAX or not _NAME_AT_WORK.match(name):
        return None
    if not greeting and not _WORKPLACE.search(name):
        return None
    start = sentence.start("words")
    begin = start + len(words) - len(name)
    somebody = _is_somebody(reading, begin, greeted=bool(greeting))
    return (start, start + len(words)) if somebody else None


def _signed(
    reading: Reading, line: re.Match[str], above: str, *, last: bool
) -> tuple[int, int] | None:
    words = line.group().rstrip()
    dashed = last and words[0] == "-" and not above.startswith("-")  # "- Sam", and no list
    if len(words) > _LINE_MAX or words[-1] in "?:" or (words[0] in "#|-*" and not dashed):
        return None
    greeting = _GREETING.match(words.lower())
    greeted = bool(greeting) or bool(_GREETING.fullmatch(above.lower()))
    begin = greeting.end() if greeting else 0
    name = words[begin:]
    begin += len(name) - len(name.lstrip(" -~*_"))
    if not name or not (greeted or (last and above)) or not _NAME_LINE.match(name):
        return None
    start = line.start() + begin
    if greeted and _INITIALS.fullmatch(name):
        return start, line.start() + len(words)
    return (start, line.start() + len(words)) if _is_somebody(reading, start, greeted) else None


_INITIALS = re.compile(r"\W*(?:[A-Z]\.? ?){1,3}\W*")
_LINE = re.compile(r"\S[^\n]*")


def _is_somebody(reading: Reading, start: int, greeted: bool) -> bool:
    place = next((p for p, word in enumerate(reading.words) if word.start >= start), -1)
    word = reading.at(place) if place >= 0 else reading.at(-1)
    if word.key in names("titles_sure") or word.key in ("dr", "prof"):
        return True
    if not word.capital and not greeted and is_all_small(reading):
        alone = word.end == len(reading.text.rstrip())
        return reading.is_given(word.key) and (alone or not reading.in_dictionary(word.key))
    if not word.key or reading.is_known(word.key) or (not word.capital and not greeted):
        return False
    if reading.is_given(word.key):
        return (
            greeted or not reading.is_common(word.key) or reading.at(place + 1).text[:1].isupper()
        )
    return word.capital and not reading.in_dictionary(word.key)


def _own_places(reading: Reading) -> Iterator[Spot]:
    for found in _OWN_PLACE.finditer(reading.text):
        name = next(
            name
            for name in (
                "place",
                *_IN_A_CLAUSE,
                "here",
                "work",
                "joined",
                "we",
                "ours",
                "staff",
                "one",
            )
            if found[name]
        )
        keys = [
            folded(word).removesuffix("'s")
            for word in found[name].split()
            if name not in _IN_A_CLAUSE or word[0].isupper()
        ]
        keys = [key for key in keys if key not in ("my", "our", "gp", "gps")]
        if all(
            key in names("regions") | names("work") | names("calendar") or is_generic(key)
            for key in keys
        ):
            continue
        if name in ("work", "ours") and all(
            reading.is_common(key) and not reading.has("places", key) for key in keys
        ):
            continue
        start = found.start() if name == "place" else found.start(name)
        yield Spot(Kind.OWN_TELL, Severity.CONFIRM, start, found.end(name), "my surgery", rank=5)
    for found in _ME.finditer(reading.text):
        key = folded(found["me"].split()[0])
        if reading.is_given(key) and not reading.is_known(key) and not reading.in_dictionary(key):
            yield Spot(Kind.OWN_TELL, Severity.CONFIRM, *found.span("me"), rank=5)

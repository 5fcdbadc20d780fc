"""Patterns of ages, in digits or words, over a text in small letters."""

import re

_UNITS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
VALUES = {word: value for value, word in enumerate([*_UNITS, *_TEENS], 1)} | {
    word: 10 * value for value, word in enumerate(_TENS, 2)
}
_WORDS = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS)}))?|{'|'.join([*_TEENS, *_UNITS])})"
_ORDINALS = (
    rf"(?:(?:{'|'.join(_TENS)})[ -](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ieth|hundredth|eighteenth|sixteenth"
    r"|thirteenth)"
)
AGE = (
    r"(?P<age>(?:a )?(?:hundred and (?:one|two|three|four|five|six)|hundred)"
    rf"|{_WORDS}|1[01]\d|\d{{1,2}})"
)
_BIG_WORDS = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_UNITS)}))?|{'|'.join(_TEENS)})"
_BIG = rf"(?P<age>{_BIG_WORDS}|1[01]\d|\d\d)"  # no single digit
_HALF = r"(?:[ -]and[ -]a[ -]half|[ -]and three[ -]quarters|½|¼|¾|\.5)?"
_YEARS = r"(?:years?|yrs?|y)"
_YOUNG = r"(?:days?|weeks?|wks?|months?|mths?|hours?)"
PERSON = (
    "man|woman|girl|boy|lad|lass|lady|gentleman|bloke|guy|fella|chap|gent|male|female|patient"
    "|child|baby|infant|"
    "newborn|neonate|toddler|kid|teenager|teen|youth|mother|father|mum|mam|mom|dad|wife|husband"
    "|daughter|son|sister|"
    "brother|widow|widower|grandmother|grandfather|gran|grandad|nan|grandson|granddaughter|niece"
    "|nephew|uncle|aunt|"
    "twin|twins|eldest|youngest|oldest|middle one|partner|friend|colleague|farmer|teacher|nurse"
    "|doctor|pensioner|"
    "student|pupil|schoolgirl|schoolboy|resident|veteran|smoker|diabetic|primip|gp|one|who"
)
_DAYS = rf"(?:{'|'.join([*_UNITS, *_TEENS])}|\d{{1,2}})"
_OF_A_BABY = (
    "baby|infant|newborn|neonate|boy|girl|twins?|paediatric|paeds|pediatric|bairn|babe|wean"
    "|little one|child|son|daughter|prem"
)
_WHO = rf"(?:he|she|they|i|you|we|who|(?:{PERSON})|[a-zà-ÿ]{{2,15}})"
_IS = (
    r"(?:'s|'m|'re| is| was| am| are| were| turned| turns| turning|'d (?:just )?turned"
    r"| had (?:just )?turned| has (?:just )?turned|"
    r" will be|'ll be| would be| would have been|'d be|'d have been)"
)
_HOW = r"(?: only| just| now| already| barely| nearly| almost| actually| still| but)?"
# After a bare number: the end of a clause, or a word that no quantity is followed by.
_CLAUSE = (
    r"(?!\s*[.,:]\d)(?=\s*(?:[.,;:)!?\"\n|]|$|-(?: |-))"
    r"| (?:and|or|with|when|who|but|on|in (?:january|february|march|april|may|june|july|august"
    r"|september|october|november|december|the)"
    r"|then|now|today|next|this|last|though|so|because|if|at the time|that|years? (?:old|of age"
    r"|young)|he|she|they|i|it|works?|lives?|the day|yesterday|tomorrow|soon|already|going on"
    r"|has|is|was|had|his|her)\b)"
)
_ENDS = (
    r"(?![\w/%°:]|-\d|\.\d|,\d| ?(?:mg|kg|cm|mm|ml|mcg|g|%|am|pm|a\.m|p\.m|mmol|units?|stone"
    r"|lb|pounds?|feet|foot|miles?|minutes?|mins?|hours?|hrs?|seconds?|times|weeks|months|days|per"
    r"|out of|o'clock)\b)"
)
AROUND = 48  # characters before and after a number in which a pattern may begin or end
CANDIDATE = re.compile(
    rf"(?<![\w£$€])(?:(?<!\d[.,/:-]){AGE.replace('?P<age>', '?:')}(?:[mf]|yo|yrs?|y|st|nd|rd"
    rf"|th)?{_ENDS}"
    rf"|[mf]? ?/? ?\d{{2}} ?/? ?[mf]?(?!\w|[.,:/%]\d)|\d{{1,2}}/(?:7|12|52)(?!\d)"
    rf"|(?:{AGE.replace('?P<age>', '?:')})[ -](?:years?|{_YOUNG})\b|{_ORDINALS} (?:birthday"
    rf"|year)|\d{{1,2}}½)"
)
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        # "15-year-old", "aged 93", "84 y/o", "of 39 years"
        rf"(?<![\w.-])(?P<all>{AGE}{_HALF}[ -]?{_YEARS}[ -]olds?\b(?!s))",
        rf"(?<![\w.-])(?P<all>{AGE}[ -]?(?:y/o|yo|y\.o\.?|yrs?/o|year of age|years of age"
        rf"|years young|ans)(?!\w))",
        rf"\b(?:aged|age|at the age of|age of|ages?:)\s?:? ?(?P<all>{AGE})(?: and a half)?{_ENDS}",
        # "Joan, 94,", "Mrs Bell (71)", "Callum, aged 8"
        rf"(?P<named>[a-zà-ÿ'\-]{{2,20}})(?:, (?:now |just |only )?"
        rf"| \((?:now )?)(?P<all>{AGE})(?=[,).;:!?\n]|$| (?:and|with|who|in|from|on)\b){_ENDS}",
        # "at eighty-two, she", "at 82."
        rf"\bat (?P<old>(?P<all>{_BIG}))(?=[,.;:)!?\n]|$| (?:he|she|they|i|you|we|and(?! \d)"
        rf"|with)\b){_ENDS}",
        # a list: "- 84f, falls", "2) 31 m cough"
        r"(?:^|(?<=\n))[ \t]*(?:[-*+•]|\d{1,2}[.)]"
        r"|\d{1,2}[:.]\d\d)?[ \t|:-]*(?P<all>(?P<age>1[01]\d|\d{1,2}) ?[mf])(?=[ ,:;.|)])",
        r"(?:(?<=[.,;:(] )|(?<=\())(?P<all>(?P<age>1[01]\d|\d{2}) ?f)(?=[ ,:;.|)])",
        r"(?<![\w./-])(?P<all>(?P<sexed>[mf])(?P<age>\d{2}))(?= with\b| c/o\b| presenting\b|, )",
        # "54/M", "M/54", "F 34"
        r"(?<![\w./-])(?P<all>(?P<sexed>(?P<age>\d{2}) ?/ ?[mf]))(?![\w/-])",
        r"(?<![\w./-])(?P<all>(?P<sexed>[mf] ?[/ ] ?)(?P<age>\d{2}))(?![\w/%.-]|\.\d)",
        # "60 next birthday", "46 now"
        rf"(?<![\w./-])(?P<all>{_BIG})(?= (?:next|last|this) (?:birthday|week|month|year|january"
        rf"|february|march|april|may|june|july|august|september|october|november|december)\b"
        rf"| now[.,;)])",
        rf"\b(?:all of|a mere|not yet|barely|he's only|she's only"
        rf"|just turned) (?P<all>{_BIG})(?=[.,;:)!?\n]|$){_ENDS}",
        # "(52, female)", "runner (12)", "jumper (also 12)"
        rf"\((?P<all>{AGE}),? ?(?:female|male|woman|man|girl|boy|f|m|yrs?|years)\b",
        rf"(?<=[a-z]{{2}}[^s\W\d] )\((?:also |now |then |just |aged? )?(?P<all>{_BIG})\){_ENDS}",
        # "84F", "45M"
        r"(?<![\w./-])(?P<all>(?P<sexed>(?P<age>1[01]\d|\d{2}) ?[mf]))(?![\w/-])",
        # "a girl, 8, who", "a man of 39", "her son (12)"
        rf"\b(?:{PERSON})(?:,? (?:just |only |now |aged )?|,? of |,? \("
        rf"| -{{1,2}} )(?P<all>{AGE}(?: ?(?:years?|yrs?))?)(?=[,).;:!?\n]|$| -| (?:with|and|who"
        rf"|in|from|on|at)\b){_ENDS}",
        # "a boy of nine sat", but not "a child of two doctors"
        r"\b(?:boy|girl|child|lad|lass|kid|youngster) of (?P<all>(?P<age>three|four|five|six|seven"
        r"|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|[3-9]|1[0-7]))"
        r"(?= [a-z])",
        # "was she 12 or 10?"
        rf"\b(?:is|was|are|were) (?:he|she|they|i) (?P<all>{AGE}){_CLAUSE}",
        # "84 yrs, male"
        rf"(?<![\w.-])(?P<all>{_BIG} ?(?:yrs?|y))\.?(?=[,;)] ?(?:m|f|male|female|man|woman|lady"
        rf"|gent|with|c/o|pmh)| (?:male|female|man|woman|lady|gent|m|f)\b)",
        # "a small boy in, five, in a hat"
        rf"\b(?:{PERSON})\b[^.,\n\d]{{1,20}}, (?P<all>{AGE})(?=[,)]|\. )",
        # "The lady from Penrith is 88"
        rf"\b(?:{PERSON})\b[^.,;\n\d]{{1,30}} (?:is|was) (?P<all>{_BIG}){_CLAUSE}",
        # "she is 94.", "Bert is 94", "he's ninety six"
        rf"\) (?:is|was) (?P<all>{_BIG}){_CLAUSE}",
        rf"(?<![\w'])(?P<who>{_WHO}){_IS}{_HOW} (?P<all>{AGE}){_CLAUSE}",
        # "when I was nine", "at 42 he", "died at 19"
        rf"\b(?:when|since|until|till|before) (?:i|he|she|they|we) (?:was|were"
        rf"|turned) (?P<all>{AGE}){_CLAUSE}",
        rf"\b(?:died|dead|widowed|married|pregnant|orphaned|retired|diagnosed|arrested|started"
        rf"|left school|left home) (?:him |her )?at (?:just |only )?(?P<all>{_BIG}){_CLAUSE}",
        rf"(?:^|(?<=[.,;\n] )|(?<=\n))at (?P<all>{_BIG},? )(?:he|she|i|they|you)\b",
        # "she made it to 101"
        rf"\b(?:he|she|they|who) (?:made it|lived|lives) to (?:be )?(?P<all>{_BIG}){_CLAUSE}",
        # "her ninetieth birthday"
        r"\b(?P<all>(?P<age>1[01]\d|\d{1,2})(?:st|nd|rd|th))(?= (?:birthday|year)\b)",
        rf"\b(?P<all>(?P<ordinal>{_ORDINALS}))(?= (?:birthday|year)\b)",
        rf"\b(?:turned|turning|turns) (?P<all>{AGE}){_CLAUSE}",
    )
)
# "Seventeen, Maltese, her first"; "Sprained ankle, 31, a nurse".
ALONE = re.compile(
    rf"(?:(?<![^\n])|(?<=\n[-*] )|(?<=[.!?] )|(?<=[a-z], )"
    rf"|(?<=[a-z]{{3}}\. ))(?P<all>{_BIG}{_HALF})(?=, [a-z]| \(|(?<=[6-9]\d)\. [a-z]"
    rf"|(?<=10\d)\. [a-z]| and (?:still|never|not|on|fit|living|counting|a|frail|sharp|as|in"
    rf"|with|looks|looked|had|has|he|she|going|full|always)\b| in (?:january|february|march"
    rf"|april|may|june|july|august|september|october|november|december)\b){_ENDS}"
)
YOUNG_UNIT = re.compile(rf"\d ?/(?:7|12|52)\b|\d ?mo\b|[ -]?{_YOUNG}\b")
YOUNG_OLD = re.compile(
    rf"(?<![\w.-])(?P<all>{AGE}{_HALF}[ -]{_YOUNG}[ -](?:old|of age)\b)"
    rf"|\b(?:{_OF_A_BABY})(?:,? (?:at |of |aged |is |was |only |just )?|'s "
    rf"| \()(?P<all2>{AGE.replace('?P<age>', '?P<age2>')}[ -]?{_YOUNG})(?=[,).;]| (?:and|with"
    rf"|not|who|now|today)\b)"
    rf"|\b(?:{_OF_A_BABY}),? (?:aged |at |\()?(?P<all3>\d{{1,2}}/(?:7|52|12))\b"
    rf"|(?<![\w/])(?P<all4>\d{{1,2}}/(?:7|52|12))(?= old\b| (?:boy|girl|baby|infant)\b)"
    rf"|\((?P<all5>\d{{1,2}}/(?:7|52|12))\)"
    rf"|(?:^|(?<=\n))[ \t]*(?:[-*+•]|\d{{1,2}}[.)]"
    rf"|\d{{1,2}}[:.]\d\d)?[ \t|:-]*(?P<all6>\d{{1,2}}/(?:7|52|12))(?=[,:;.|)]| [a-z]+[,.])"
    rf"|(?:^|(?<=[\n(])|(?<=\ba )|(?<=this ))(?P<all8>\d{{1,2}} ?mo)(?=[,)]| old| with| boy"
    rf"| girl| baby)"
    rf"|\b(?:died|seen|admitted|scan|scanned|checked|operated|jaundiced) (?:was "
    rf"|on )?at (?P<all9>{_DAYS}"
    rf" days)\b"
    rf"|(?<=[.;] )(?P<all7>\d{{1,2}}/(?:7|52|12))(?=[,:]| (?:not|with|feeding|vomiting|fever"
    rf"|cough|rash))"
)
AND_AGE = re.compile(rf"(?: and | or | & |, )(?P<all>{AGE})(?=[,).;:!?\n]|$| and \d){_ENDS}")
BAND_BEFORE = re.compile(
    r"(?:\b(?:over|under|above|below|than|from|between|to|least|most|over-|under-|everyone"
    r"|everybody|all|those|anyone|people|patients|"
    r"screening|women|men|adults|children|looks?|looked|looking|felt|feels?|feel|acts?|acting"
    r"|like|mental age|page|room|bed|ward|ages|about|around|roughly|some|years?)[ -]|[<>≥≤] ?"
    r"|\d ?[-/] ?)$"
)
BAND_AFTER = re.compile(
    r"\s?(?:-|to\b|–|/)\s?\d|\s?\+|'?s\b|[ -](?:or|and) (?:over|older|above|under|younger|up)\b"
    r"|[ -](?:plus|odd|something|ish)\b|ish\b"
)
GROUP = re.compile(
    r"\b(?:everyone|everybody|all|those|anyone|people|patients|women|men|adults|children"
    r"|screening|offered|invited|eligible|nice|guid\w+|recommended)\b[^.\n]{0,20}$"
)
QUANTITY = re.compile(
    r"\d|\b(?:pulse|weight|rate|bp|hr|rr|sats|temp|bmi|egfr|hb|wcc|crp|esr|inr|phq|gad|score|page|room|chapter"
    r"|step|number|no)\b"
)

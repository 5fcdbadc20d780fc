"""English sentences of the checker, by kind; a page may translate them as it shows them."""

LABELS = {
    "nhs_number": "an NHS number",
    "chi_number": "a CHI number",
    "hc_number": "a Health and Care number",
    "ie_ihi": "an individual health identifier",
    "medicare_au": "a Medicare number",
    "ihi_au": "an individual healthcare identifier",
    "hpi_au": "a healthcare provider identifier",
    "phn_bc": "a personal health number",
    "ohip": "a health card number",
    "ramq": "a health insurance number",
    "other_health_id": "a record number",
    "ni_number": "a National Insurance number",
    "sin": "a social insurance number",
    "tfn": "a tax file number",
    "date_of_birth": "a date of birth",
    "full_date": "a full date",
    "exact_age": "an exact age",
    "phone": "a phone number",
    "email": "an email address",
    "postcode": "a postcode",
    "address": "an address",
    "person_name": "a name",
    "place_or_org": "a place",
    "professional_id": "a registration number",
    "practice_code": "a practice code",
    "url_or_handle": "a link",
    "ip": "a network address",
    "vehicle": "a number plate",
    "own_tell": "something of your own",
    "combination": "together",
}

_NUMBER = "Leave the number out; nobody needs it to understand the story."
ADVICE = {
    **dict.fromkeys(LABELS, _NUMBER),
    "date_of_birth": "Leave the date out; a stage of life is enough.",
    "full_date": "Say roughly when, or leave the date out.",
    "exact_age": "A stage of life is enough.",
    "phone": "Leave the phone number out.",
    "email": "Leave the email address out.",
    "postcode": "Leave the postcode out.",
    "address": "Leave the address out.",
    "person_name": "Say who they are in the story rather than their name.",
    "place_or_org": "Say what sort of place it is rather than which.",
    "url_or_handle": "Does the link lead to a person? Then leave it out.",
    "ip": "Leave the network address out.",
    "vehicle": "Leave the number plate out.",
    "own_tell": "This may tell who you are.",
    "combination": "Together these can point to one person. Loosen the most telling.",
}

FACETS = {
    "exact_age": "an age",
    "sex": "a sex",
    "ethnicity_or_faith": "ethnicity or faith",
    "place": "a place",
    "occupation": "an occupation",
    "rare_condition": "a rare condition",
    "family_event": "a family event",
    "exact_date": "a date",
    "newsworthy": "an event that others heard of",
}

NAMES_CHECKED_IN = frozenset({"en"})  # languages in which names, places and words are looked for

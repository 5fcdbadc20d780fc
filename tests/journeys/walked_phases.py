"""Phases of each round as people meet them, for test_walking_rounds.

In words of their own and not from the rounds' files: names and days of phases, who may write what,
and what the buttons say.
"""

from typing import NamedTuple


class Step(NamedTuple):
    """A phase as people meet it.

    now: how the sentence for colleagues begins; told: for a presenter by name, where it differs.
    kinds: what colleagues may write. most: of the first kind, by a name; too_many: said then.
    own: what the presenter may write. lead: what a facilitator may write besides. button, answer,
    led: of colleagues, the presenter by name and a facilitator; "" for none.
    move: pressed by the presenter; given: whether the facilitator gives more time.
    """

    name: str
    days: int
    now: str
    told: str = ""
    button: str = ""
    kinds: tuple[str, ...] = ()
    most: int = 0
    too_many: str = ""
    answer: str = "Answer"
    own: tuple[str, ...] = ("answer",)
    led: str = ""
    lead: tuple[str, ...] = ()
    move: str = ""
    given: bool = False


LEAVE_ANY = "Answer those you like; leave any."
TWO_EACH = "Two each, so that nobody feels examined."
ONE_OPEN = (
    "One question at a time: you can ask the next once yours has been answered, or after two days."
)
ONE_LINE = "One line, if you like: what do you take with you?"
CLOSING = Step(
    *("Closing", 3, "Now: one line, if you like: what do you take with you?", ONE_LINE),
    **{"button": "Write a line", "kinds": ("takeaway",), "most": 1},
    **{"too_many": "One line each at closing. You can edit yours."},
    **{"answer": "Write a line", "own": ("takeaway", "answer")},
    **{"led": "Write a line", "lead": ("summary",)},
)
WALKS = {
    "questions_first": (
        Step(
            *("Questions", 3, "Now: ask one thing you would like to know.", LEAVE_ANY),
            **{"button": "Ask a question", "kinds": ("question",), "given": True},
            **{"most": 2, "too_many": TWO_EACH, "led": "Ask a question"},
        ),
        Step(
            *("Answers", 7, "Now: answer, until", "Colleagues answer, until"),
            **{"button": "Reply", "kinds": ("reflection", "question", "own_experience", "idea")},
            **{"led": "Reply", "move": "Next step"},
        ),
        CLOSING,
    ),
    "balint_style": (
        Step(
            *("Questions about facts", 3, "Now: ask about a fact, if one is missing.", LEAVE_ANY),
            **{"button": "Ask about a fact", "kinds": ("question",), "led": "Ask about a fact"},
            **{"most": 2, "too_many": TWO_EACH},
        ),
        Step(
            *("What it stirs", 5, "Now: what does the story stir in you?", "You only read now"),
            **{"button": "Reflect", "kinds": ("reflection",), "led": "Reflect"},
            **{"answer": "", "own": (), "move": "Come back early"},
        ),
        Step(
            *("Coming back", 4, "Now: the presenter comes back, if they like."),
            **{"told": "Now: come back, if you like", "answer": "Come back"},
            **{"own": ("return", "answer")},
        ),
        Step(
            *("Closing", 3, "This round closes on", "This round closes on"),
            **{"own": ("return", "answer"), "led": "Say thank you", "lead": ("thanks",)},
        ),
    ),
    "inviting_change": (
        Step(
            *("Questions", 7, "Now: ask one short, open question", LEAVE_ANY),
            **{"button": "Ask a question", "kinds": ("question",), "led": "Ask a question"},
            **{"most": 1, "too_many": ONE_OPEN, "move": "Ask for ideas"},
        ),
        Step(
            *("Ideas", 4, "Now: the presenter asked for ideas.", "Colleagues offer ideas"),
            **{"button": "Offer an idea", "kinds": ("idea", "own_experience")},
            **{"led": "Offer an idea", "given": True},
        ),
        CLOSING._replace(told="One line, if you like: what is different in the telling now?"),
    ),
    "action_learning": (
        Step(
            *("Questions", 5, "Now: ask one open question.", LEAVE_ANY),
            **{"button": "Ask a question", "kinds": ("question",), "led": "Ask a question"},
            **{"most": 1, "too_many": ONE_OPEN, "move": "Next step"},
        ),
        Step(
            *("What was noticed", 2, "Now: one thing you noticed as you read"),
            **{"told": "Colleagues say what they noticed", "button": "Say what you noticed"},
            **{"kinds": ("reflection",), "most": 1, "too_many": "One each. You can edit yours."},
            **{"led": "Say what you noticed", "given": True},
        ),
        Step(
            *("Actions", 2, "Now: the presenter chooses one or two actions of their own"),
            **{"told": "One or two actions of your own, if you like", "answer": "Write an action"},
            **{"own": ("action", "answer"), "led": "Sum up", "lead": ("summary",)},
        ),
    ),
    "theme": (
        Step(
            *("Stories", 5, "Now: tell a time this theme met you at work"),
            **{"told": "Up to three members tell a story", "answer": "Tell a story"},
            **{"button": "Tell a story", "kinds": ("story",), "own": ("answer", "story")},
            **{"most": 1, "too_many": "One story each. You can edit yours.", "move": "More time"},
        ),
        Step(
            *("What it stirs", 7, "Now: say what the stories stir in you"),
            **{"told": "Now: say what the stories stir in you", "answer": "Reflect"},
            **{"button": "Reflect", "kinds": ("reflection", "own_experience")},
            **{"own": ("answer", "reflection", "own_experience"), "move": "Next step"},
        ),
        CLOSING._replace(own=("takeaway", "answer", "summary")),
    ),
}

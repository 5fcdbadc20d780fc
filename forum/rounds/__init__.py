"""Ways to tell and ways to talk, as data and pure functions: no Flask, no database.

definitions · templates   rounds with their phases, templates with their fields, from `data`
catalogue                 all of them, an operator's files over those shipped; checked at start
offers                    a circle's choices in its composer
field_texts               typed text moved between templates, without loss
counted_days              morning slots, rest days, weekends, clock changes
moves · timeline          events of a round in, the phase of any moment out
permissions · phase_rows  kinds of reply by part, quotas, opening times; the row of phases
sentences                 texts for pages
openings · advice         words for answering; hints to the writer alone

To add a round, write `data/rounds/KEY.1.toml` (an operator: `rounds/KEY.1.toml` in the instance
folder) after the model of `questions_first.1.toml`:

    key = "slow_talk"               # small letters; threads keep it
    version = 1                     # a change that running threads must not see is a new file, 2
    order = 9                       # its place in the list
    name = "Slow talk"
    sentence = "One line on what will happen."

    [[phases]]                      # in order; `next = "key"` leads elsewhere, never back
    key = "asking"
    name = "Questions"              # in the row of phases
    days = 3                        # 1 to 60, counted from morning slot to morning slot
    opens_on = "Questions open on %(day)s."

    [phases.opens]                  # kinds of reply by part; at least one
    responder = ["question"]
    presenter = ["answer"]

`lengthens`, `asked_for`, `early`, `by_wish` and `[[phases.quotas]]` are told in `definitions`. A
file that cannot be used stops the start and names its line. Sentences are English: `make
translations` hands those shipped to translators.
"""

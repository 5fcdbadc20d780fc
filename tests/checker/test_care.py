"""Words of despair and danger are heard, and the same words in the day's work are not."""

import pytest

from forum.checker import HelpTopic, help_topics

DESPAIR = [
    "I don't want to be here any more.",
    "Some nights I do not want to wake up at all.",
    "I wish I was dead, and then the phone rings.",
    "I can't go on like this.",
    "I have thought about killing myself twice since Easter.",
    "They would be better off without me.",
    "I feel hopeless and I hide it well.",
    "I see no point in going on.",
    "I think I'm leaving medicine.",
    "I am ready to give up general practice.",
    "I handed in my notice and cried in the car.",
    "I can't be a doctor any more.",
    "I drink too much. I am drinking every night, to sleep I drink every night.",
    "I c\u200ban't go on.",
    "I **can't** go on.",
    "I just want to quit medicine.",
    "I took an overdose in my second year.",
    "On the way home I thought of how easy it would be to drive into a tree.",
    "I keep thinking about driving into a tree.",
    "I've been thinking of jumping in front of a train.",
    "I imagine stepping off the roof.",
    "I do not feel safe with myself tonight.",
    "I don't feel safe with myself.",
    "I'm not safe with myself.",
    "I can't trust myself with the tablets.",
    "Everyone would manage without me.",
    "They'd all cope fine without me.",
    "Nobody would notice if I disappeared.",
    "I have been saving up tablets.",
    "I've been hoarding insulin.",
    "I took some of the morphine myself.",
    "I have been taking the diazepam myself.",
    "I've been prescribing tramadol for myself.",
    "I drink a bottle of wine every night.",
    "I'm getting through a bottle of gin a day.",
    "I've been drinking to forget.",
    "I cannot see the point any more.",
    "I can't see any point in anything.",
    "I no longer see the point of living.",
    "What's the point any more?",
    "I am not happy: I am leaving medicine.",
    "My partner says I should leave medicine.",
]
NOT_DESPAIR = [
    "She was good at killing pain, and bad at paperwork.",
    "The scones were to die for.",
    "A suicide risk assessment takes longer than ten minutes.",
    "He said he wanted to die, and I asked him how long he had felt so.",
    'She told me "I don\'t want to be here any more" and looked at her shoes.',
    "I can't cope with the printer.",
    "I was dead on my feet by noon.",
    "I left medicine for the trainee to dispense.",
    "The patient was suicidal last winter, and came back today with a dog.",
    "He left the profession of faith to others.",
    "I can't take it personally, the letter was to all of us.",
    "This clinic will be the death of me, she laughed.",
    "I could murder a cup of tea.",
    "I can't do this one on Friday.",
    "PHQ-9 item 9 was positive.",
    "After thirty years I am leaving medicine, happily, for a garden.",
    "I'm retiring and leaving general practice next June.",
    "My partner left medicine last year and opened a bakery.",
    "Half of my year have given up general practice.",
    "He was driving into a wall of rain.",
    "She swerved off the road and into a tree.",
    "The practice will manage without me while I am away.",
    "On leave at last; everyone will cope fine without me.",
    "She has been saving up tablets, and told me where.",
    "I saved the tablets for the pharmacy.",
    "I took the morphine myself to the hospice.",
    "I took the morphine to her.",
    "I drink a bottle of water every night.",
    "I drink a glass of wine with dinner.",
    "I drink too much coffee.",
    "I cannot see the point any more of the new form.",
    "I cannot see the point of the template.",
    "I do not feel safe signing this.",
    "I don't trust myself with coils yet.",
    "He thought of jumping off a bridge, and I asked.",
]
DANGER = [
    "I think she is being beaten at home.",
    "There were bruises on his back that do not fit with the story.",
    "She is fourteen and about to be forced into marriage.",
    "She told me she had been cut as a girl; FGM, I wrote.",
    "He hits her, and she begged me to write nothing.",
    "Is this a safeguarding concern, or am I tired?",
    "The child is at risk, I am almost sure.",
    "She's scared of her husband.",
    "My partner came to work smelling of alcohol.",
    "I wonder about a colleague's fitness to practise.",
    "They leave the baby alone while they work.",
    "He threatened to kill her.",
    "I suspect elder abuse in the home.",
    "My husband hits me.",
    "My partner has been hitting me.",
    "He's threatened me again.",
    "My wife slapped me on Sunday, and I went to work.",
    "I'm being beaten by my husband.",
    "I am afraid of my husband.",
    "I'm scared to go home.",
    "He punches her when he drinks.",
]
NOT_DANGER = [
    "The abuse of antibiotics in this country is a scandal.",
    "Substance abuse clinic, second Tuesday.",
    "I did my safeguarding training in April, level 3.",
    "He is at risk of stroke; risk of bleeding discussed.",
    "He beat her at chess, she says, and that is why he came smiling.",
    "Hitting them with a lecture does not help.",
    "I have neglected my garden.",
    "The fitness to practise declaration is one more tick box.",
    "The FGM e-learning took an hour.",
    "I was beaten by the printer again.",
    "Domestic violence training is mandatory now.",
    "The results were not fed back.",
    "It hit me that she was my age.",
    "He beat me at chess.",
    "She hit me with a list of nine problems.",
    "They beat me to it.",
    "Her words hit me hard.",
    "She kicked him out.",
    "I am afraid of my appraisal.",
]


@pytest.mark.parametrize("text", DESPAIR)
def test_words_of_despair_are_heard(text: str) -> None:
    assert HelpTopic.DESPAIR in help_topics(text)


@pytest.mark.parametrize("text", NOT_DESPAIR)
def test_words_of_the_work_are_no_despair(text: str) -> None:
    assert HelpTopic.DESPAIR not in help_topics(text)


@pytest.mark.parametrize("text", DANGER)
def test_words_of_danger_are_heard(text: str) -> None:
    assert HelpTopic.DANGER in help_topics(text)


@pytest.mark.parametrize("text", NOT_DANGER)
def test_words_of_training_are_no_danger(text: str) -> None:
    assert HelpTopic.DANGER not in help_topics(text)

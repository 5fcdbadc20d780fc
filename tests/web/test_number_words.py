from forum.web.number_words import spelt


def test_numbers_up_to_twenty_are_words(world):
    with world.app.test_request_context():
        said = [spelt(number) for number in (0, 1, 4, 20, 21)]

    assert said == ["no", "one", "four", "twenty", "21"]

import pytest

from tests.routes import routes_of


@pytest.fixture
def routes(world):
    return routes_of(world)

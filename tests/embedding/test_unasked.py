"""An embedder with a server in the hands of somebody who may ask none."""

import pytest

from insights.domain.access import Forbidden, Role
from insights.embedding.static import StaticEmbedder
from insights.embedding.unasked import UnaskedEmbedder
from tests.actors import ADA, an_actor


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PRIVACY])
def test_it_says_what_it_is_and_embeds_nothing(role):
    inner = StaticEmbedder()
    unasked = UnaskedEmbedder(inner, an_actor(role))

    assert unasked.fingerprint == inner.fingerprint
    with pytest.raises(Forbidden):
        unasked.embed(["words"])
    with pytest.raises(Forbidden):
        _ = unasked.dimensions


def test_whoever_may_ask_gets_what_it_gives():
    inner = StaticEmbedder()

    assert (UnaskedEmbedder(inner, ADA).embed(["words"]) == inner.embed(["words"])).all()

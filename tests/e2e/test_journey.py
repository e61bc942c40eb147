"""The whole journey: filed with two photos, claimed, answered, resolved, confirmed and rated, on every size, in both languages, with and
without scripts."""

import pytest
from PIL import Image

from tests.e2e.journey import AGENT, VARIANTS, Journey, tell_together


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two photos as a phone takes them, the larger one wider than what the browser shrinks to."""
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / "box.jpg", folder / "cups.jpg"]
    for path, size in zip(paths, [(2600, 1400), (800, 600)], strict=True):
        Image.effect_noise(size, 40).convert("RGB").save(path, "JPEG", quality=60)
    return paths


@pytest.fixture(scope="module", params=["zh", "en"])
def ends(request, house, photos):
    """How each journey of one language ended. The agent is away, so that nothing is assigned before it is claimed."""
    house.set_presence(AGENT, "away")
    return tell_together({each: Journey(house, each, photos).steps() for each in VARIANTS if each.language == request.param})


@pytest.mark.parametrize("look", [(size, scripts) for size in ("phone", "desk") for scripts in (True, False)], ids=str)
def test_a_complaint_goes_from_the_form_to_the_survey(ends, look):
    error = next(end for variant, end in ends.items() if (variant.size, variant.with_scripts) == look)

    if error:
        raise error

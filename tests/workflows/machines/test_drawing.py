"""Nothing in a picture lies on anything else, and every move is in it."""

from itertools import combinations
from xml.etree import ElementTree

import pytest
from django.utils import translation

from workflows.machines import layout
from workflows.machines.drawing import arrange, draw_machine
from workflows.machines.pages import DESCRIBED

EACH = pytest.mark.parametrize("machine", DESCRIBED, ids=lambda machine: machine.name)
IN_BOTH = pytest.mark.parametrize("language", ["en", "zh-hans"])
SVG = "{http://www.w3.org/2000/svg}"


def overlaps_in(ranks):
    """Pairs of one rank that touch. Ranks themselves lie one below the other."""
    found = []
    for rank in ranks:
        for one, other in combinations(rank, 2):
            if abs(one.x - other.x) < (one.width + other.width) / 2:
                found.append((one.key, other.key))
    return found


@EACH
@IN_BOTH
def test_no_state_label_or_arrow_lies_on_another(machine, language):
    with translation.override(language):
        picture = arrange(machine)

    assert overlaps_in(picture.layout.ranks) == []
    assert all(bottom < top for (_top, bottom), (top, _bottom) in zip(picture.bands, picture.bands[1:], strict=False))


def test_things_that_touch_are_found_and_moved_apart():
    rank = [layout.Stop(("state", name), 0, 100) for name in "abc"]
    assert len(overlaps_in([rank])) == 3

    layout.settle(rank, [0, 10, -20])

    assert overlaps_in([rank]) == []
    assert [stop.x for stop in rank] == sorted(stop.x for stop in rank)


@EACH
def test_a_picture_has_every_state_and_every_move(machine):
    picture = arrange(machine)

    assert sorted(stop.key[1] for rank in picture.layout.ranks for stop in rank if stop.is_state) == sorted(
        state.name for state in machine.states
    )
    drawn = {(arrow.source, arrow.target) for arrow in picture.layout.arrows}
    assert drawn == {move for move in machine.moves if move[0] != move[1]}


@EACH
def test_everything_stands_inside_the_picture(machine):
    picture = arrange(machine)

    for rank in picture.layout.ranks:
        assert all(stop.x - stop.width / 2 >= -1 and stop.x + stop.width / 2 <= picture.layout.width + 1 for stop in rank)


@EACH
@IN_BOTH
def test_a_picture_is_a_file_of_its_own(machine, language):
    with translation.override(language):
        root = ElementTree.fromstring(draw_machine(machine))
        label = str(machine.label)

    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert root.find(f"{SVG}title").text == label
    assert [state.name for state in machine.states if not any(text.split(" ↻")[0] == state.name for text in texts)] == []


def test_untangling_takes_crossings_away():
    tops = [layout.Stop(("state", name), 0, 10) for name in "ab"]
    ends = [layout.Stop(("state", name), 1, 10) for name in "cd"]
    for top, end in zip(tops, reversed(ends), strict=True):
        top.below.append(end)
        end.above.append(top)
    ranks = [tops, ends]
    assert layout.count_crossings(ranks) == 1

    layout.untangle(ranks)

    assert layout.count_crossings(ranks) == 0


def test_joined_states_stand_in_different_layers():
    layers = layout.find_layers(["a", "b", "c"], [("a", "b"), ("a", "c"), ("c", "b")])

    assert layers == {"a": 0, "b": 1, "c": 2}

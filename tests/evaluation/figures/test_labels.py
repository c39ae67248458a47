"""Labels stand beside their points, free of others where there is room."""

from tasb_pyserini.evaluation.figures.labels import RINGS, Box, place_label

ROOM = Box(0, 0, 200, 100)


def test_a_free_label_stands_right_of_its_point() -> None:
    ring, side, box = place_label((50, 50), (30, 10), [], ROOM)
    assert (ring, side.horizontal) == (RINGS[0], "left")
    assert box == Box(57, 45, 87, 55)


def test_a_label_leaves_what_is_taken_and_the_edge() -> None:
    _, side, box = place_label((190, 50), (30, 10), [], ROOM)
    assert side.horizontal == "right"
    assert box == Box(153, 45, 183, 55)
    _, above, _ = place_label((190, 50), (14, 10), [box], ROOM)
    assert (above.horizontal, above.vertical) == ("center", "bottom")


def test_labels_of_one_place_do_not_cover_each_other() -> None:
    taken: list[Box] = []
    for _ in range(6):
        taken.append(place_label((100, 50), (40, 10), taken, ROOM)[2])
    for place, box in enumerate(taken):
        assert not any(box.shared(other) for other in taken[:place])


def test_without_any_room_a_label_takes_the_place_that_covers_least() -> None:
    wall = [Box(0, 0, 200, 100), Box(0, 0, 110, 100)]
    _, side, box = place_label((100, 50), (40, 10), wall, ROOM)
    assert side.horizontal == "left"
    assert box.shared(wall[1]) == 0


def test_a_line_has_room_about_it() -> None:
    assert Box.around((5, 9), (2, 9), 1) == Box(1, 8, 6, 10)

"""What is said of a face that was hidden."""

from philae.deid.pixels.face_figures import NO_FACE, FaceFigures, total


def test_the_figures_of_a_series_are_those_of_its_slices_together() -> None:
    one, other = FaceFigures(1, 100, 90, 450.0, 1000, 0), FaceFigures(1, 100, 100, 550.0, 3000, 4)

    both = total((one, other))

    assert both == FaceFigures(2, 200, 190, 1000.0, 4000, 4)
    assert both.words == "95.0 % of the face moved, by 5.0 mm on average; 0.10 % of what lies behind it changed"


def test_nothing_adds_up_to_nothing() -> None:
    assert total(()) == NO_FACE

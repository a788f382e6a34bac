"""What is shown of a command that waits: on a terminal, and only where it takes a while."""

import pytest

from tests.engine_room import eventually
from usher.progress import waiting


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stderr that rich takes for a terminal."""
    for name, value in {"TTY_INTERACTIVE": "1", "FORCE_COLOR": "1", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)


def shown_by(capfd: pytest.CaptureFixture[str], what: str) -> None:
    """Returns once that stands on stderr."""
    seen: list[str] = []

    def there() -> bool:
        seen.append(capfd.readouterr().err)
        return what in "".join(seen)

    eventually(there, f"{what!r} was never shown")


@pytest.mark.usefixtures("terminal")
def test_what_takes_long_shows_how_far_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("Reading", total=40, pieces="courses") as tell:
        tell("Reading [Safety]", 12)

        shown_by(capfd, "Reading [Safety]")
        shown_by(capfd, "12 of 40 courses")


@pytest.mark.usefixtures("terminal")
def test_what_has_no_pieces_shows_what_it_waits_for(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("Asking https://portal.example"):
        shown_by(capfd, "Asking https://portal.example")


@pytest.mark.usefixtures("terminal")
def test_what_is_over_at_once_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with waiting("Asking") as tell:
        tell("Asking again", 1)

    assert capfd.readouterr().err == ""

"""What `usher demo` says of itself."""

from pathlib import Path

import pytest

from usher.demo_command import program_path


@pytest.mark.parametrize("called", [".venv/bin/usher", "{here}/.venv/bin/usher"])
def test_the_program_is_named_as_it_lies_below_the_working_directory(
    called: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/usher").touch()

    assert program_path(called.format(here=tmp_path)) == ".venv/bin/usher"


def test_a_program_elsewhere_is_named_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "usher").touch()

    assert program_path(str(tmp_path / "usher")) == str(tmp_path / "usher")


@pytest.mark.parametrize("called", ["", "-c", "usher", "__main__.py"])
def test_what_is_no_program_is_called_usher(
    called: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "__main__.py").touch()

    assert program_path(called) == "usher"

"""What `usher demo` says of itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from usher.demo.stage import PROJECT
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


def test_it_plays_to_the_end_and_knows_nothing_of_real_portals(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "COURSEBOX_ACCOUNTS=emea\n"
        "COURSEBOX_EMEA_URL=https://learn.customer.example\n"
        "COURSEBOX_EMEA_EMAIL=api@customer.example\n"
        "COURSEBOX_EMEA_PASSWORD=sample-password\n"
        "RULES_DIR=nowhere\n"
    )

    played = subprocess.run(
        [sys.executable, "-m", "usher", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "COURSEBOX_EMEA_RATE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert (played.returncode, played.stderr) == (0, "")
    assert "All came as it should." in played.stdout
    assert "customer.example" not in (tmp_path / "var/demo/usher.log").read_text()

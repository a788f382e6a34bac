"""`usher sources`: who may send, how they are connected, and what their events have."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from senders.presets import PRESETS
from usher.__main__ import main
from workers.store import NewEvent, Store

SOURCES = """
form: {preset: typeform, secrets: [FORM_SECRET]}
crm: {preset: hubspot, secrets: [CRM_SECRET]}
jot: {preset: jotform, path_secrets: [JOT_PATH]}
tally: {preset: tally, path_secrets: [JOT_PATH]}
both: {preset: typeform, secrets: [FORM_SECRET], path_secrets: [JOT_PATH]}
open: {preset: token, auth: none}
sales: {preset: salesforce-outbound, path_secrets: [JOT_PATH]}
ours: {preset: salesforce-outbound, path_secrets: [JOT_PATH], organizations: [00D000000000001EAA]}
late: {preset: typeform, secrets: [NOT_THERE]}
"""
SECRETS = {
    "FORM_SECRET": "b7d1c0de-form",
    "CRM_SECRET": "b7d1c0de-crm",
    "JOT_PATH": "b7d1 c0de of a path",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with sources and their secrets, and no Redis."""
    monkeypatch.chdir(tmp_path)
    for name in ("PUBLIC_URL", "REDIS_URL", "DATA_DIR", "SOURCES_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "sources.yaml").write_text(SOURCES)
    write_env(tmp_path)
    return tmp_path


def write_env(folder: Path, **more: str) -> None:
    lines = (f"{name}='{text}'\n" for name, text in {**SECRETS, **more}.items())
    (folder / ".env").write_text("".join(lines))


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["sources", *words])


def data(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


# -- list and presets ------------------------------------------------------------------------------


def test_every_source_has_its_line_and_what_is_wrong_with_it() -> None:
    result = run("list")

    assert result.exit_code == 0
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "NAME PRESET PROOF STARTED POST TO",
        "form typeform signature yes /hooks/form",
        "crm hubspot signature yes /hooks/crm",
        "jot jotform secret in the URL yes /hooks/jot/$JOT_PATH",
        "tally tally secret in the URL yes /hooks/tally/$JOT_PATH",
        "both typeform signature + URL yes /hooks/both/$JOT_PATH",
        "open token none: anybody yes /hooks/open",
        "sales salesforce-outbound secret in the URL yes /hooks/sales/$JOT_PATH",
        "ours salesforce-outbound secret in the URL yes /hooks/ours/$JOT_PATH",
        "late typeform signature no /hooks/late",
    ]
    assert result.stderr == "late is not started: environment variable NOT_THERE is not set\n"


def test_the_list_for_programs_has_the_reason() -> None:
    late = data("list")[-1]

    assert late == {
        "name": "late",
        "preset": "typeform",
        "proof": "signature",
        "started": False,
        "problem": "environment variable NOT_THERE is not set",
        "path": "/hooks/late",
    }


def test_every_preset_is_listed_under_its_group() -> None:
    lines = run("presets").stdout.splitlines()

    listed = {line.split()[0] for line in lines if line}
    groups = {row.guide.group for row in PRESETS.values()}
    assert set(PRESETS) <= listed
    assert groups <= set(lines)
    assert [each["preset"] for each in data("presets")] == list(PRESETS)


# -- check -----------------------------------------------------------------------------------------


def test_what_to_paste_and_what_to_do_is_told(folder: Path) -> None:
    write_env(folder, PUBLIC_URL="https://usher.example")

    result = run("check", "form")

    assert result.exit_code == 0
    name, address, *rest = result.stdout.splitlines()
    assert (name, address) == ("form", "  https://usher.example/hooks/form")
    told = "\n".join(rest)
    assert PRESETS["typeform"].guide.steps in told
    assert "Typeform-Signature: HMAC-SHA256" in told
    assert "FORM_SECRET: set" in told
    assert "PUBLIC_URL" not in told


def test_a_secret_in_the_address_is_shown_only_when_asked_for(folder: Path) -> None:
    write_env(folder, PUBLIC_URL="https://usher.example")

    hidden, revealed = run("check", "jot"), run("check", "jot", "--reveal")

    assert "  https://usher.example/hooks/jot/$JOT_PATH\n" in hidden.stdout
    assert "b7d1" not in hidden.output
    assert "  https://usher.example/hooks/jot/b7d1%20c0de%20of%20a%20path\n" in revealed.stdout


def test_without_a_name_all_are_told_and_one_that_is_not_started_counts() -> None:
    result = run("check")

    assert result.exit_code == 1
    assert "state    not started: environment variable NOT_THERE is not set" in result.stdout
    assert "NOT_THERE: NOT SET" in result.stdout
    assert not [secret for secret in SECRETS.values() if secret in result.output]


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        pytest.param("form", {}, "PUBLIC_URL is not set", id="no address"),
        pytest.param(
            "crm", {}, "set PUBLIC_URL to what stands before /hooks/", id="it signs the address"
        ),
        pytest.param(
            "crm", {"PUBLIC_URL": "http://a.example"}, "PUBLIC_URL is not https", id="no https"
        ),
        pytest.param("jot", {}, "The address is the only proof", id="URL alone"),
        pytest.param(
            "jot", {"JOT_PATH": "b7d1"}, "it can be guessed", id="a short secret in the URL"
        ),
        pytest.param("tally", {}, "This sender can prove itself", id="URL alone, needlessly"),
        pytest.param("open", {}, "Anybody can post", id="no proof"),
        pytest.param("sales", {}, "name yours in organizations", id="any account"),
        pytest.param(
            "form", {"FORM_SECRET": "sample-form-secret"}, "a sample that everybody", id="sample"
        ),
    ],
)
def test_what_could_go_wrong_is_said(
    folder: Path, name: str, settings: dict[str, str], said: str
) -> None:
    write_env(folder, **settings)

    [checked] = data("check", name)

    assert [each for each in checked["warnings"] if said in each]


def test_a_source_in_order_has_nothing_to_mind(folder: Path) -> None:
    write_env(folder, PUBLIC_URL="https://usher.example")

    assert [data("check", name)[0]["warnings"] for name in ("form", "crm", "both")] == [[], [], []]


def test_the_accounts_that_are_let_in_are_told() -> None:
    [checked] = data("check", "ours")

    assert not [each for each in checked["warnings"] if "organizations" in each]
    assert "accounts  00D000000000001EAA" in run("check", "ours").stdout


def test_what_the_vendor_does_not_document_is_told() -> None:
    [checked] = data("check", "crm")

    assert checked["undocumented"] == list(PRESETS["hubspot"].guide.undocumented)
    assert checked["secrets"] == {"CRM_SECRET": True}


def test_a_source_that_is_not_there_is_an_error() -> None:
    result = run("check", "forn")

    assert result.exit_code == 2
    assert "It has: form, crm, jot" in result.stderr


# -- fields ----------------------------------------------------------------------------------------


def test_the_fields_of_a_source_are_told_with_meaning_and_example() -> None:
    result = run("fields", "form", "form.submitted")

    assert result.exit_code == 0
    [line] = [line for line in result.stdout.splitlines() if line.startswith("form.id ")]
    assert line.endswith("(always), such as lT4Z3j")


def test_without_a_type_the_types_are_named_and_a_preset_will_do() -> None:
    result = run("fields", "pipedrive")

    assert "deal.custom.*" in result.stdout
    assert "Events: activity.created, " in result.stdout


def test_it_is_said_where_the_body_is_all_that_is_known() -> None:
    lines = run("fields", "open").stdout.splitlines()

    assert [line.split()[0] for line in lines if not line.startswith("event.")] == ["body", "raw"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["form", "form.submited"], "Its events: form.partial, form.submitted"),
        (["nobody"], "Sources: form, crm, jot"),
    ],
)
def test_fields_of_what_is_not_there_are_an_error(words: list[str], said: str) -> None:
    result = run("fields", *words)

    assert (result.exit_code, said in result.stderr) == (2, True)


def test_of_a_type_that_is_not_there_the_nearest_is_named_and_ten_others() -> None:
    types = data("fields", "crm")["types"]

    said = run("fields", "crm", "deal.updatd").stderr

    assert len(types) > 10
    assert 'Did you mean "deal.updated"?\n' in said
    assert f"Its events: {', '.join(types[:10])}, and {len(types) - 10} more" in said


def test_fields_can_be_looked_up_before_there_is_a_file_of_sources(folder: Path) -> None:
    (folder / "sources.yaml").unlink()

    assert run("fields", "typeform", "form.submitted").exit_code == 0


def test_it_is_counted_how_often_a_field_really_came(
    folder: Path, store: Store, redis_url: str
) -> None:
    write_env(folder, REDIS_URL=redis_url)
    with_title = {"form_response": {"form_id": "a", "definition": {"id": "a", "title": "T"}}}
    without = {"form_response": {"form_id": "a"}}
    bodies = [with_title, without, without, without]
    store.accept(
        "form",
        [
            NewEvent(f"e{number}", "form.submitted", None, json.dumps(body))
            for number, body in enumerate(bodies)
        ],
    )
    store.accept("both", [NewEvent("x", "form.submitted", None, json.dumps(with_title))])

    told = data("fields", "form", "form.submitted")

    seen = {each["field"]: each["observed_percent"] for each in told["fields"]}
    assert told["events"] == 4
    assert (seen["form.id"], seen["form.title"], seen["answers.*"]) == (100, 25, 0)
    line = run("fields", "form", "form.submitted").stdout
    assert "(usually, 25% seen)" in line


def test_names_that_only_the_forms_owner_knows_are_those_that_came(
    folder: Path, store: Store, redis_url: str
) -> None:
    write_env(folder, REDIS_URL=redis_url)
    asked = {"id": "q1", "title": "Which course?", "type": "short_text"}
    given = {"type": "text", "text": "Knots", "field": {"id": "q1", "ref": "course"}}
    body = {"form_response": {"definition": {"fields": [asked]}, "answers": [given]}}
    store.accept("form", [NewEvent("e1", "form.submitted", None, json.dumps(body))])

    [answers] = [
        each["observed_names"]
        for each in data("fields", "form", "form.submitted")["fields"]
        if each["field"] == "answers.*"
    ]

    assert answers["answers.course"] == answers['answers["Which course?"]'] == 1
    line = run("fields", "form", "form.submitted").stdout
    assert "seen: answers." in line
    assert "Knots" not in line


def test_what_an_unknown_sender_posts_is_shown_by_the_names_that_rules_write(
    folder: Path, store: Store, redis_url: str
) -> None:
    write_env(folder, REDIS_URL=redis_url)
    items = [{"sku": "A"}, {"sku": "B", "a b": 1}]
    body = {"order": {"items": items}, "tags": ["x"], "customer": {"email": "ada@x.example"}}
    store.accept("open", [NewEvent("e1", "received", None, json.dumps(body))])

    [names] = [
        each["observed_names"]
        for each in data("fields", "open")["fields"]
        if each["field"] == "body"
    ]

    assert names == {
        "body.order.items[].sku": 1,
        'body.order.items[]["a b"]': 1,
        "body.tags": 1,
        "body.customer.email": 1,
    }


def test_a_redis_that_is_away_is_no_reason_not_to_tell(folder: Path) -> None:
    write_env(folder, REDIS_URL="redis://127.0.0.1:1/0")

    result = run("fields", "form", "form.submitted")

    assert result.exit_code == 0
    assert "form.id" in result.stdout
    assert "What was received cannot be looked at" in result.stderr

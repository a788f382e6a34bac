"""`usher verify`: deliveries written down, and what is said of each."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given

from senders.cases import Unusable, read_case
from senders.delivery import Refused
from senders.preset import Auth
from senders.verify import verify
from tests.json_values import json_values
from tests.samples import KNOBS_OF, PUBLIC_URL, SAMPLES, Sample, delivered, samples_of, secret_text
from usher.__main__ import main

NOW = 1_776_247_200
SECRET = "a secret that nobody may read"
# https://github.com/standard-webhooks/standard-webhooks: the vector of its libraries' tests
VECTOR = {
    "preset": "standard-webhooks",
    "secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    "url": "https://usher.example/hooks/partner",
    "headers": [
        ["webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"],
        ["webhook-timestamp", "1614265330"],
        ["webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="],
    ],
    "body": '{"test": 2432232314}',
    "now": 1614265330,
}


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and a setting that no command could use that reads any."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "not a port")


def run(text: str | bytes, *options: str) -> Result:
    return CliRunner().invoke(main, ["verify", "-", *options], input=text)


def answers(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def case_of(sample: Sample) -> dict[str, object]:
    """The sample's delivery, written down."""
    delivery = delivered(sample, now=NOW)
    knobs = dict(KNOBS_OF.get(sample.preset.name, {}))
    text = secret_text(sample.preset)
    if sample.preset.auth is Auth.PATH:
        text = delivery.token or ""
    return {
        "preset": sample.preset.name,
        "secrets": [text],
        "url": PUBLIC_URL + delivery.target,
        "headers": [list(pair) for pair in delivery.headers],
        "body": base64.b64encode(delivery.body).decode(),
        "body_encoding": "base64",
        "now": NOW,
        **({"settings": knobs} if knobs else {}),
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_sample_that_its_sender_signed_is_verified(sample: Sample) -> None:
    result = run(json.dumps(case_of(sample)), "--json")

    assert (result.stdout, result.exit_code) == ('{"verified": true, "cause": null}\n', 0)


def test_what_is_written_for_programs_is_exactly_this() -> None:
    bad = {**VECTOR, "body": "{}"}

    result = run(f"{json.dumps(VECTOR)}\n\n{json.dumps(bad)}\n", "--json")

    good, refused = result.stdout.splitlines()
    assert good == '{"verified": true, "cause": null}'
    assert refused.startswith('{"verified": false, "cause": "bad_signature", "detail": ')
    assert result.exit_code == 1


def test_a_list_is_answered_in_its_order() -> None:
    result = run(json.dumps([{**VECTOR, "now": 0}, VECTOR]), "--json")

    assert [each["cause"] for each in answers(result)] == ["stale_timestamp", None]


def test_a_person_reads_a_line_for_each_with_what_to_do() -> None:
    result = run(json.dumps([VECTOR, {**VECTOR, "body": "{}"}]))

    first, second = result.stdout.splitlines()
    assert first == "item 1: verified"
    assert second.startswith("item 2: bad_signature: No signature fits the body and the secret.")
    assert "Copy the secret from the sender again" in second


def test_a_single_one_needs_no_number() -> None:
    assert run(json.dumps(VECTOR, indent=2)).stdout == "verified\n"


@pytest.mark.parametrize(
    ("now", "cause"),
    [
        ("1614265330", None),
        (1614265330.5, None),
        ("2021-02-25T15:02:10Z", None),
        ("2021-02-25T16:02:10+01:00", None),
        ("2021-02-25T15:20:00Z", "stale_timestamp"),
        (None, "stale_timestamp"),
    ],
)
def test_now_is_seconds_or_a_time_or_the_present(now: object, cause: str | None) -> None:
    [answer] = answers(run(json.dumps({**VECTOR, "now": now}), "--json"))

    assert answer["cause"] == cause


def test_an_old_delivery_without_its_time_is_said_to_need_one() -> None:
    [without] = answers(run(json.dumps({**VECTOR, "now": None}), "--json"))
    [too_late] = answers(run(json.dumps({**VECTOR, "now": VECTOR["now"] + 900}), "--json"))

    assert 'unless "now" says when it came' in without["detail"]
    assert '"now"' not in too_late["detail"]


@pytest.mark.parametrize(
    ("change", "cause", "detail"),
    [
        pytest.param({"secrets": []}, "no_secret", "no secret is given", id="no secret"),
        pytest.param({"secrets": ""}, "no_secret", "secret 1 is empty", id="an empty one"),
        pytest.param(
            {"secrets": ["whsec_c2FtcGxl", "whsec_!!"]},
            "no_secret",
            "secret 2 is not base64",
            id="one that cannot be decoded",
        ),
        pytest.param({"headers": {}}, "missing_header", "missing", id="no headers"),
        pytest.param(
            {"headers": [*VECTOR["headers"], ["Webhook-Id", "msg_2"]]},  # type: ignore[misc]
            "repeated_header",
            "2 times",
            id="a header twice",
        ),
        pytest.param(
            {"headers": {**dict(VECTOR["headers"]), "webhook-signature": "v1,\u20ac"}},  # type: ignore[call-overload]
            "malformed_header",
            "",
            id="a letter that no header holds",
        ),
        pytest.param(
            {"preset": "typeform", "secrets": SECRET},
            "missing_header",
            "Typeform-Signature",
            id="another preset",
        ),
        pytest.param(
            {"preset": "hubspot", "secrets": SECRET, "url": "/hooks/x"},
            "missing_header",
            "",
            id="an address without a host",
        ),
    ],
)
def test_what_cannot_be_proved_has_its_cause(
    change: dict[str, object], cause: str, detail: str
) -> None:
    result = run(json.dumps({**VECTOR, **change}), "--json")

    [answer] = answers(result)
    assert (answer["verified"], answer["cause"], result.exit_code) == (False, cause, 1)
    assert detail in answer["detail"]
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        pytest.param("{", "not JSON", id="cut off"),
        pytest.param('{\n "preset": 1,\n}', "line 3", id="spread out, and broken"),
        pytest.param("7", "object such as", id="a number"),
        pytest.param('{"secrets": []}', "preset is missing", id="no preset"),
        pytest.param('{"preset": "typefrom"}', 'did you mean "typeform"?', id="unknown preset"),
        pytest.param(
            '{"preset": "typeform", "secret": "x"}', 'did you mean "secrets"?', id="unknown key"
        ),
        pytest.param('{"preset": "typeform", "zzz": "x"}', "known are preset", id="far from any"),
        pytest.param('{"preset": "typeform", "secrets": [1]}', "list of texts", id="no text"),
        pytest.param('{"preset": "typeform", "body": {}}', "exactly as it was", id="parsed body"),
        pytest.param('{"preset": "typeform", "body": "\\ud800"}', "base64", id="half a character"),
        pytest.param(b'{"preset": "typeform", "body": "\xff"}', "base64", id="not UTF-8"),
        pytest.param(
            '{"preset": "typeform", "body": "!", "body_encoding": "base64"}', "base64", id="base64"
        ),
        pytest.param('{"preset": "typeform", "body_encoding": "x"}', "utf-8 or", id="encoding"),
        pytest.param('{"preset": "typeform", "headers": [["a"]]}', "headers has", id="no pair"),
        pytest.param('{"preset": "typeform", "headers": 5}', "headers has", id="no headers"),
        pytest.param('{"preset": "typeform", "headers": {"a": null}}', "headers has", id="null"),
        pytest.param('{"preset": "typeform", "now": "soon"}', "now has", id="no time"),
        pytest.param('{"preset": "typeform", "now": NaN}', "now has", id="not a number"),
        pytest.param('{"preset": "typeform", "now": true}', "now has", id="yes"),
        pytest.param('{"preset": "typeform", "settings": []}', "settings has", id="a list"),
        pytest.param(
            '{"preset": "hmac", "settings": {"secrets": ["A"]}}', "beside settings", id="misplaced"
        ),
        pytest.param(
            '{"preset": "hmac", "settings": {"signature_haeder": "X"}}',
            'did you mean "signature_header"?',
            id="setting misspelt",
        ),
        pytest.param('{"preset": "hmac"}', "signature is not named", id="setting missing"),
        pytest.param("[" * 100_000, "too deeply", id="too deep"),
        pytest.param('{"now": ' + "9" * 5_000 + "}", "too long", id="a number too long"),
    ],
)
def test_what_cannot_be_judged_is_said_with_its_cure(text: str | bytes, detail: str) -> None:
    result = run(text, "--json")

    [answer] = answers(result)
    assert (answer["verified"], answer["cause"], result.exit_code) == (False, "unusable_input", 2)
    assert detail in answer["detail"]


def test_the_others_are_answered_beside_a_line_that_cannot_be_judged() -> None:
    lines = [json.dumps(VECTOR), "{oops", json.dumps({**VECTOR, "body": "{}"})]

    result = run("\r\n".join(lines))

    first, second, third = result.stdout.splitlines()
    assert first == "line 1: verified"
    assert second.startswith("line 2: unusable_input: this is not JSON")
    assert third.startswith("line 3: bad_signature")
    assert result.exit_code == 2


def test_an_empty_file_has_nothing_to_verify() -> None:
    result = run("\n\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing to verify" in result.stderr


def test_a_file_is_read_like_standard_input(tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text(json.dumps(VECTOR))

    result = CliRunner().invoke(main, ["verify", "case.json", "--json"])

    assert answers(result) == [{"verified": True, "cause": None}]


def test_settings_shape_a_generic_preset() -> None:
    [sample] = samples_of("hmac")[:1]
    case = case_of(sample)

    with_other = {**case, "settings": {"signature_header": "X-Other"}}

    assert run(json.dumps(case)).exit_code == 0
    [answer] = answers(run(json.dumps(with_other), "--json"))
    assert answer["cause"] == "missing_header"


def test_the_events_are_told_where_they_are_asked_for() -> None:
    [sample] = [one for one in samples_of("typeform") if one.name == "typeform-response.json"]

    [answer] = answers(run(json.dumps(case_of(sample)), "--json", "--events"))
    line = run(json.dumps(case_of(sample)), "--events").stdout

    assert (answer["verified"], answer["events"]) == (True, 1)
    assert answer["types"] == ["form.submitted"]
    assert line == f"verified: form.submitted {answer['identities'][0]}\n"


def test_events_that_cannot_be_read_leave_the_delivery_proved() -> None:
    case = {
        "preset": "token",
        "secrets": "abc",
        "headers": {"Authorization": "Bearer abc"},
        "body": "{",
    }

    result = run(json.dumps(case), "--events")

    assert result.stdout.startswith("verified; its events cannot be read: ")
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("url", "token"),
    [
        ("https://a.example/hooks/form/s3cret", "s3cret"),
        ("https://a.example/hooks/form/s%20t?x=1/2", "s t"),
        ("https://a.example/in/s3cret", "s3cret"),
        ("https://a.example/hooks/form", None),
        ("https://a.example/hooks/form/", None),
        ("https://a.example", None),
    ],
)
def test_the_last_part_of_the_url_is_the_token(url: str, token: str | None) -> None:
    case = read_case({"preset": "typeform", "secrets": "a", "path_secrets": ["s3cret"], "url": url})

    assert case.delivery.token == token


def test_the_target_is_exactly_what_stands_after_the_host() -> None:
    url = "https://a.example:8443/hooks/x?a=%2F%20b&c#part"

    case = read_case({"preset": "typeform", "url": url})

    assert case.delivery.target == "/hooks/x?a=%2F%20b&c"
    assert case.public_url == "https://a.example:8443"


@pytest.mark.parametrize(
    "key", ["preset", "secrets", "path_secrets", "settings", "method", "url", "headers", "now"]
)
@given(value=json_values)
def test_whatever_is_written_is_judged_or_said_to_be_unusable(key: str, value: object) -> None:
    case = {"preset": "typeform", "secrets": "a", "headers": {"Typeform-Signature": "sha256=a"}}
    try:
        read = read_case({**case, key: value})
    except Unusable as error:
        told = str(error)
    else:
        with pytest.raises(Refused) as refused:
            verify(read.source, read.delivery, now=NOW, public_url=read.public_url)
        told = refused.value.detail

    assert told

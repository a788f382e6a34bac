"""sources.yaml: read strictly, all mistakes at once, and no secret ever shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senders.knobs import KNOBS
from senders.preset import (
    Algorithm,
    Auth,
    Batch,
    BodyKind,
    Encoding,
    Handshake,
    Key,
    KeyForm,
    Reply,
    SignatureHeader,
    Timestamp,
    Unit,
)
from senders.presets import PRESETS
from senders.sources import SourcesError, read_presets, read_sources
from tests.proving_sources import KEY_PAIR

ROOT_FILE = Path("sources.yaml").read_text(encoding="utf-8")
SECRETS = {
    "HUBSPOT_CLIENT_SECRET": "sample-hubspot",
    "PIPEDRIVE_BASIC": "usher:sample-pipedrive",
    "TYPEFORM_SECRET": "sample-typeform",
    "PARTNER_SECRET": "whsec_c2FtcGxlLXBhcnRuZXI=",
    "SHOP_SECRET": "sample-shop",
    "TICKET_DESK_TOKEN": "sample-ticket-desk",
    "INTRANET_BASIC": "intranet:sample:intranet",
}


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(SourcesError) as caught:
        read_sources(text, {})
    return caught.value.problems


def test_the_file_at_the_root_starts_five_sources() -> None:
    sources = read_sources(ROOT_FILE, SECRETS)

    assert list(sources) == ["hubspot", "pipedrive", "sign-up-form", "partner", "shop"]
    assert sources.problems == {}
    assert sources["partner"].secrets == (b"sample-partner",)
    assert sources.preset_of("sign-up-form") == "typeform"
    assert sources.preset_of("nobody") is None


def test_what_is_commented_out_at_the_root_works_when_switched_on() -> None:
    lines = ROOT_FILE.partition("\n# A sender that can do no more")[2].splitlines()
    switched_on = "\n".join(
        line.removeprefix("# ")
        for line in lines
        if line.startswith(("# course-form:", "# ticket", "#   ", "# intra"))
    )

    sources = read_sources(switched_on, {**SECRETS, "COURSE_FORM_PATH": "a-long-secret"})

    assert sources.problems == {}
    assert sources["course-form"].path_secrets == (b"a-long-secret",)
    assert sources["ticket-desk"].preset.token.name == "X-Api-Key"
    assert sources["ticket-desk"].preset.token.prefix == ""
    assert sources["intranet"].preset.batch == Batch("events")
    assert sources["intranet"].preset.id == (("event.number", "event.version"),)


def test_the_other_ways_of_signing_at_the_root_work_when_switched_on() -> None:
    shop = "shop:" + ROOT_FILE.partition("\nshop:")[2].partition("\n\n\n")[0]
    switched_on = shop.replace("  # Only", "  ## Only").replace("  # Other", "  ## Other")

    preset = read_sources(switched_on.replace("\n  # ", "\n  "), SECRETS)["shop"].preset

    assert preset.timestamp is not None
    assert preset.timestamp.header == "X-Timestamp"
    assert preset.signed == "{ts}.{body}"


def test_names_and_presets_are_read_without_any_secret() -> None:
    assert read_presets(ROOT_FILE)["shop"] == "hmac"
    assert read_presets(ROOT_FILE)["sign-up-form"] == "typeform"


def test_every_setting_of_a_generic_source_reaches_its_preset() -> None:
    text = """
    a:
      preset: hmac
      signature_header: X-Sig
      signature_prefix: "s="
      algorithm: sha512
      encoding: base64
      signed: "{header:X-Id}.{ts}.{method}.{url}.{body}"
      timestamp_header: X-Time
      timestamp_unit: ms
      tolerance: 60
      secret_encoding: base64
      secrets: [A]
      id: [order.number, "header:X-Id"]
      type: items[0].kind
      occurred_at: [at, "header:X-At"]
      batch: $
    """

    preset = read_sources(text, {"A": "AAEC"})["a"].preset

    assert preset.signature.name == "X-Sig"
    assert preset.signature.prefix == "s="
    assert preset.algorithm is Algorithm.HMAC_SHA512
    assert preset.encoding is Encoding.BASE64
    assert preset.timestamp is not None
    assert preset.timestamp.unit is Unit.MILLISECONDS
    assert preset.timestamp.tolerance == 60
    assert preset.key.decode is KeyForm.BASE64
    assert preset.id == (("order.number", "header:X-Id"),)
    assert preset.type == "items[0].kind"
    assert preset.occurred_at == ("at", "header:X-At")
    assert preset.batch == Batch("$")


def test_every_setting_of_a_list_of_signatures_reaches_its_preset() -> None:
    text = """
    a:
      preset: hmac
      signature_header: X-Sig
      timestamp_field: at
      signature_assign: ":"
      signature_key: [s1, s2]
      signature_separator: ";"
      signed: "{ts}.{body}"
      secret_prefix: "key_"
      secret_encoding: hex
      body: [form, json]
      json_fields: [payload, data.raw]
      handshake: [visit, challenge]
      respond: 200
      secrets: [A]
    """

    source = read_sources(text, {"A": "key_00ff"})["a"]

    preset = source.preset
    assert preset.signature == SignatureHeader("X-Sig", separator=";", kv=":", take=("s1", "s2"))
    assert preset.timestamp == Timestamp(field="at")
    assert preset.key == Key(strip="key_", decode=KeyForm.HEX)
    assert preset.body == (BodyKind.FORM, BodyKind.JSON)
    assert preset.json_fields == ("payload", "data.raw")
    assert preset.handshakes == (Handshake.VISIT, Handshake.CHALLENGE)
    assert preset.reply == Reply(status=200)
    assert source.secrets == (b"\x00\xff",)


def test_a_list_of_signatures_is_read_as_most_senders_write_it() -> None:
    text = "a: {preset: hmac, signature_header: X, signature_key: v1, secrets: [A]}"

    assert read_sources(text, {"A": "sample"})["a"].preset.signature == SignatureHeader(
        "X", separator=",", kv="=", take=("v1",)
    )


def test_the_field_that_holds_the_secret_is_never_kept() -> None:
    text = "a: {preset: body, secret_field: proof.secret, secrets: [A]}"

    preset = read_sources(text, {"A": "sample"})["a"].preset

    assert preset.secret_field == "proof.secret"
    assert preset.forget == ("proof.secret",)


def test_the_accounts_to_accept_can_be_named() -> None:
    text = "a: {preset: salesforce-outbound, path_secrets: [A], organizations: 00D000000000062}"

    assert read_sources(text, {"A": "sample"})["a"].preset.organizations == ("00D000000000062",)


@pytest.mark.parametrize("name", PRESETS)
def test_what_a_preset_lets_one_set_is_known_and_can_be_set(name: str) -> None:
    assert set(PRESETS[name].settings) <= set(KNOBS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_found_under_each_of_its_names(name: str) -> None:
    for each in (name, *PRESETS[name].also):
        assert read_presets(f"a: {{preset: {each}, auth: none}}") == {"a": name}


def test_every_setting_is_one_that_some_preset_understands() -> None:
    assert {setting for row in PRESETS.values() for setting in row.settings} == set(KNOBS)


# --- secrets of addresses -------------------------------------------------------------------------


def test_a_source_may_have_both_kinds_of_secrets() -> None:
    text = "a: {preset: typeform, secrets: [A], path_secrets: [NEW, OLD]}"

    source = read_sources(text, {"A": "sample-a", "NEW": "sample-n", "OLD": "sample-o"})["a"]

    assert source.problem is None
    assert source.secrets == (b"sample-a",)
    assert source.path_secrets == (b"sample-n", b"sample-o")


@pytest.mark.parametrize("preset", ["jotform", "typeform", "pipedrive", "path", "monday"])
def test_a_secret_of_the_address_is_enough_for_every_preset(preset: str) -> None:
    source = read_sources(f"a: {{preset: {preset}, path_secrets: [A]}}", {"A": "sample"})["a"]

    assert source.problem is None
    assert source.secrets == ()
    assert source.path_secrets == (b"sample",)


def test_a_sender_that_signs_nothing_needs_a_secret_in_its_address() -> None:
    source = read_sources("a: {preset: jotform}", {})["a"]

    assert "write path_secrets: [NAME]" in (source.problem or "")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(None, "environment variable A is not set", id="unset"),
        pytest.param("", "environment variable A is empty", id="empty"),
        pytest.param("sam/ple", 'environment variable A has a "/"', id="slash"),
        pytest.param("sample ", "environment variable A begins or ends with", id="space"),
    ],
)
def test_a_secret_that_cannot_end_an_address_keeps_its_source_from_starting(
    value: str | None, why: str
) -> None:
    text = "a: {preset: typeform, secrets: [B], path_secrets: [A]}"
    environ = {"B": "sample"} | ({} if value is None else {"A": value})

    source = read_sources(text, environ)["a"]

    assert why in (source.problem or "")
    assert source.secrets == source.path_secrets == ()
    assert not value or value not in (source.problem or "")


def test_every_unusable_secret_of_both_kinds_is_named() -> None:
    source = read_sources("a: {preset: typeform, secrets: [A], path_secrets: [B]}", {})["a"]

    assert source.problem == (
        "environment variable A is not set; environment variable B is not set"
    )


def test_a_key_pair_and_shared_secrets_stand_side_by_side() -> None:
    text = "a: {preset: standard-webhooks, secrets: [PAIR, SHARED]}"

    source = read_sources(text, {"PAIR": KEY_PAIR, "SHARED": "whsec_c2FtcGxl"})["a"]

    assert source.secrets == (b"sample",)
    assert len(source.public_keys) == 1
    assert source.signing_key is not None
    assert KEY_PAIR[5:20] not in repr(source)


def test_auth_none_has_to_be_written_out() -> None:
    sources = read_sources("a: {preset: typeform, auth: none}\nb: {preset: typeform}", {})

    assert sources["a"].problem is None
    assert sources["a"].preset.auth is Auth.NONE
    assert "auth: none" in (sources["b"].problem or "")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        pytest.param(None, "A is not set", id="unset"),
        pytest.param("", "A is empty", id="empty"),
        pytest.param("   ", "A is empty", id="spaces"),
        pytest.param("whsec_", 'A is nothing but "whsec_"', id="prefix alone"),
        pytest.param("whsec_====", "A is empty", id="padding alone"),
        pytest.param("whsec_ab*d", "A is not base64", id="not base64"),
        pytest.param("whsec_ab*cd", "A is not base64", id="not quite base64"),
        pytest.param("whsec_abcde", "A is not base64", id="base64 of no length"),
        pytest.param("YWJj\n", "begins or ends with", id="line break"),
        pytest.param("whsec_äöü", "A is not base64", id="umlauts"),
    ],
)
def test_a_source_whose_secret_is_unusable_is_not_started_and_the_others_are(
    value: str | None, why: str
) -> None:
    text = "a: {preset: standard-webhooks, secrets: [A]}\nb: {preset: typeform, secrets: [B]}"
    environ = {"B": "sample"} | ({} if value is None else {"A": value})

    sources = read_sources(text, environ)

    assert why in (sources["a"].problem or "")
    assert sources["a"].secrets == ()
    assert sources["b"].problem is None
    assert list(sources.problems) == ["a"]


@pytest.mark.parametrize(
    ("preset", "value"),
    [
        pytest.param("preset: basic", "no-colon", id="basic without colon"),
        pytest.param("preset: basic", "someone:", id="basic without password"),
        pytest.param("preset: pipedrive", "no-colon", id="pipedrive without colon"),
        pytest.param(
            "preset: hmac, signature_header: X, secret_encoding: hex", "abc", id="odd hex"
        ),
        pytest.param(
            "preset: hmac, signature_header: X, secret_encoding: hex", "xyzz", id="not hex"
        ),
        pytest.param("preset: typeform", "\udcff\udcfe", id="not UTF-8 in the environment"),
    ],
)
def test_a_secret_of_the_wrong_form_is_not_accepted(preset: str, value: str) -> None:
    source = read_sources(f"a: {{{preset}, secrets: [A]}}", {"A": value})["a"]

    assert source.problem is not None
    assert value not in source.problem


def test_one_unusable_secret_of_two_keeps_the_source_from_starting_and_is_named() -> None:
    text = "a: {preset: typeform, secrets: [NEW, OLD]}"

    source = read_sources(text, {"NEW": "sample"})["a"]

    assert source.problem == "environment variable OLD is not set"
    assert source.secrets == ()


def test_a_secret_may_be_written_with_or_without_its_prefix_and_padding() -> None:
    text = "a: {preset: standard-webhooks, secrets: [A, B, C]}"
    environ = {"A": "whsec_c2FtcGxlMQ==", "B": "c2FtcGxlMQ==", "C": "c2FtcGxlMQ"}

    assert read_sources(text, environ)["a"].secrets == (b"sample1",) * 3


def test_secrets_show_in_no_repr() -> None:
    sources = read_sources(ROOT_FILE, SECRETS)

    shown = repr(sources) + "".join(repr(source) for source in sources.values())

    assert "sample" not in shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a: {presett: hmac}",
            ['line 1: a: "presett" is not', 'did you mean "preset"?', "a: preset is missing"],
            id="unknown key",
        ),
        pytest.param(
            "a: {preset: hubspt, secrets: [A]}",
            ['line 1: a: "hubspt" is not a preset; did you mean "hubspot"?'],
            id="unknown preset",
        ),
        pytest.param(
            "a: {preset: microsoft-access}",
            ['"microsoft-access" is not a preset; known are', "pipedrive"],
            id="no such preset",
        ),
        pytest.param(
            "a: {preset: Saleforce, path_secrets: [A]}",
            ['"Saleforce" is not a preset; did you mean "salesforce"?'],
            id="another name of a preset",
        ),
        pytest.param("a: {preset: [hmac]}", ["a: a list is not a preset"], id="list for preset"),
        pytest.param("a: hmac", ["a: it has to be a block"], id="text for an entry"),
        pytest.param("- a", ["the file has to be a block"], id="list for the file"),
        pytest.param("", ["names no source"], id="empty file"),
        pytest.param("{}", ["names no source"], id="empty block"),
        pytest.param("# nothing", ["names no source"], id="only comments"),
        pytest.param("Shop: {preset: basic}", ['"Shop" cannot name a source'], id="capital"),
        pytest.param("a/b: {preset: basic}", ['"a/b" cannot name a source'], id="slash"),
        pytest.param(
            f"{'a' * 65}: {{preset: basic}}", ["cannot name a source"], id="name too long"
        ),
        pytest.param(
            "a: {preset: basic}\na: {preset: basic}",
            ['line 2: the file: "a" is there twice, first in line 1'],
            id="source twice",
        ),
        pytest.param(
            "a:\n  preset: basic\n  secrets: [A]\n  preset: token",
            ['line 4: a: "preset" is there twice, first in line 2'],
            id="key twice",
        ),
        pytest.param(
            "a: {preset: typeform, secrets: A}",
            ["a: secrets has to be a list of names"],
            id="secrets as text",
        ),
        pytest.param(
            "a: {preset: typeform, secrets: [A, A]}", ['"A" is named twice'], id="secret twice"
        ),
        pytest.param(
            "a: {preset: typeform, auth: none, secrets: [A]}",
            ["contradict each other"],
            id="none and secrets",
        ),
        pytest.param(
            "a: {preset: typeform, auth: none, path_secrets: [A]}",
            ["auth: none and path_secrets contradict each other"],
            id="none and path secrets",
        ),
        pytest.param(
            "a: {preset: jotform, secrets: [A]}",
            ["a: jotform has no signature that secrets could check; write path_secrets"],
            id="secrets without signature",
        ),
        pytest.param(
            "a: {preset: jotform, secrets: [A], path_secrets: [B]}",
            ["a: jotform has no signature"],
            id="secrets beside path secrets without signature",
        ),
        pytest.param(
            "a: {preset: typeform, path_secrets: A}",
            ["a: path_secrets has to be a list of names"],
            id="path secrets as text",
        ),
        pytest.param(
            "a: {preset: typeform, path_secrets: [A, A]}",
            ['"A" is named twice in path_secrets'],
            id="path secret twice",
        ),
        pytest.param(
            "a: {preset: typeform, secrets: [A, B], path_secrets: [C, B]}",
            ['a: "B" is named in secrets and in path_secrets'],
            id="one secret for two proofs",
        ),
        pytest.param(
            "a: {preset: typeform, path_secret: [A]}",
            ['"path_secret" is not a known key; did you mean "path_secrets"?'],
            id="path secret",
        ),
        pytest.param("a: {preset: typeform, auth: hmac}", ["auth can only be none"], id="auth"),
        pytest.param(
            "a: {preset: typeform, secrets: [A], tolerance: 9}",
            ['"tolerance" is only understood by preset hmac, not by typeform'],
            id="setting of another preset",
        ),
        pytest.param(
            "a: {preset: hmac, secrets: [A]}",
            ["the header that holds the signature is not named"],
            id="no signature header",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X Y}",
            ['signature_header is "X Y"; it has to be the name of an HTTP header'],
            id="header name",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, algorithm: md5}",
            ['algorithm is "md5"; it has to be sha1 or sha256 or sha512'],
            id="algorithm",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, tolerance: 0, timestamp_header: T}",
            ['tolerance is "0"; it has to be a number of seconds from 1 to 3600'],
            id="tolerance of nothing",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, tolerance: 10000000000000000000000000000}",
            ["a number of seconds from 1 to 3600"],
            id="tolerance of everything",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, tolerance: "60"}',
            ["tolerance", "it has to be a number"],
            id="tolerance as text",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, signature_prefix: 5}",
            ["put it in quotes"],
            id="number for text",
        ),
        pytest.param("a: {preset: token, header: yes}", ["put it in quotes"], id="yes for text"),
        pytest.param("a: {preset: token, header: ~}", ["put it in quotes"], id="nothing"),
        pytest.param('a: {preset: token, header: ""}', ["must not be empty"], id="empty text"),
        pytest.param("a: {preset: token, header: [X]}", ["header is a list"], id="list for text"),
        pytest.param("a: {preset: basic, id: []}", ["at least one field"], id="empty list"),
        pytest.param("a: {preset: basic, id: [a, 5]}", ["put it in quotes"], id="number in list"),
        pytest.param("a: {preset: basic, id: a..b}", ["names joined by dots"], id="path"),
        pytest.param("a: {preset: basic, type: $}", ["it has to name a field"], id="whole body"),
        pytest.param(
            'a: {preset: basic, id: "header:"}', ["name of an HTTP header"], id="no header name"
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, timestamp_header: T}",
            ["leaves out {ts}"],
            id="time not signed",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{header:Y}{body}"}',
            ["nothing between a {header:NAME} and what follows it"],
            id="header beside body",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{ts}{body}"}',
            ["nothing says which header holds the time"],
            id="time from nowhere",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{ts}", timestamp_header: T}',
            ["leaves out {body}"],
            id="body not signed",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{body}{boddy}"}',
            ['"{boddy}" in the signed text means nothing'],
            id="placeholder",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{{body}}"}',
            ["without its partner"],
            id="brace",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signed: "{secret}{body}"}',
            ["{secret} has no place"],
            id="secret in the text",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, tolerance: 5, signed: "{ts}{body}"}',
            ["mean nothing without timestamp_header or timestamp_field"],
            id="tolerance without time",
        ),
        pytest.param(
            "a: {preset: body, secrets: [A]}",
            ["secret_field is missing"],
            id="secret in the body, but where",
        ),
        pytest.param(
            "a: {preset: body, secrets: [A], secret_field: 'proofs[0]'}",
            ["it has to name a field, such as proof.secret"],
            id="secret field in a list",
        ),
        pytest.param(
            "a: {preset: body, secrets: [A], secret_field: $}",
            ["it has to name a field"],
            id="secret is the body",
        ),
        pytest.param(
            "a: {preset: basic, respond: 204}",
            ['respond is "204"; it has to be 200 or 202'],
            id="answer",
        ),
        pytest.param("a: {preset: basic, body: xml}", ["json or form or multipart"], id="body"),
        pytest.param(
            "a: {preset: basic, handshake: ping}",
            ["it has to be visit or challenge"],
            id="handshake",
        ),
        pytest.param("a: {preset: basic, json_fields: [$]}", ["to name a field"], id="all JSON"),
        pytest.param(
            "a: {preset: typeform, organizations: [x]}",
            ['"organizations" is only understood by preset', "not by typeform"],
            id="accounts",
        ),
        pytest.param(
            "a: {preset: typeform, id: x}",
            ["and others, not by typeform"],
            id="setting of many presets",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signature_assign: ":"}',
            ["name the key in signature_key"],
            id="assignment without key",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, timestamp_field: t, signed: "{ts}{body}"}',
            ["name these in signature_key"],
            id="time in no list",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, timestamp_field: t, timestamp_header: T, "
            'signature_key: s, signed: "{ts}{body}"}',
            ["timestamp_field and timestamp_header contradict each other"],
            id="two times",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, timestamp_field: t, signature_key: t, "
            'signed: "{ts}{body}"}',
            ["are the same key"],
            id="time for signature",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signature_key: s, signature_assign: ","}',
            ["signature_assign and signature_separator are the same"],
            id="comma twice",
        ),
        pytest.param(
            "a: {preset: hmac, signature_header: X, signature_separator: a}",
            ["it has to be punctuation"],
            id="letter between signatures",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X, signature_key: "v 1"}',
            ["it has to be a key of the signature header"],
            id="key with a space",
        ),
        pytest.param(
            'a: {preset: hmac, signature_header: X-Sig, signed: "{header:x-sig}.{body}"}',
            ["holds the header of the signature itself"],
            id="signature of the signature",
        ),
        pytest.param("a: {preset: basic", ["line 1: not readable as YAML"], id="open brace"),
        pytest.param("a: 'x\nb: 1", ["not readable as YAML"], id="open quote"),
        pytest.param("a:\n\tpreset: basic", ["line 2: not readable as YAML"], id="tab"),
        pytest.param("a: \x00", ["not readable as YAML"], id="null byte"),
        pytest.param("a: {}\n---\nb: {}", ["not readable as YAML"], id="two documents"),
        pytest.param("a: *b", ["not readable as YAML"], id="unknown alias"),
        pytest.param("[" * 1500, ["nested too deeply"], id="deep"),
        pytest.param("#" * 300_000, ["larger than"], id="large"),
        pytest.param("? [a]\n: {preset: basic}", ["a name is expected here"], id="list as name"),
        pytest.param("a: !!python/object:x {preset: basi}", ['"basi" is not a preset'], id="tag"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_cure(
    text: str, expected: list[str]
) -> None:
    told = "\n".join(problems(text))

    for part in expected:
        assert part in told


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = """
    a: {preset: hubspt}
    b: {preset: typeform, secrets: [b-secret]}
    C: {preset: basic, secrts: [X]}
    """

    told = problems(text)

    assert [line.partition(":")[0] for line in told] == ["line 2", "line 3", "line 4", "line 4"]


def test_a_secret_written_into_the_file_by_mistake_is_not_repeated() -> None:
    for secret in ["whsec_c2FtcGxl", "sample-secret", "deadbeef0123", "Sample9"]:
        told = "\n".join(problems(f"a: {{preset: typeform, secrets: [{secret}]}}"))

        assert "entry 1 of secrets is not the name of an environment variable" in told
        assert secret not in told

        told = "\n".join(problems(f"a: {{preset: jotform, path_secrets: [{secret}]}}"))
        assert "entry 1 of path_secrets is not the name of an environment variable" in told
        assert secret not in told


@given(text=st.text(alphabet=st.sampled_from("ab: {}[]-\n'\"&*!#,presthmac"), max_size=80))
def test_any_text_gives_sources_or_problems_and_nothing_else(text: str) -> None:
    try:
        sources = read_sources(text, {})
    except SourcesError as error:
        told = error.problems
    else:
        told = tuple(source.preset.name for source in sources.values())
    assert told


@pytest.mark.parametrize(
    ("settings", "prefix"),
    [
        pytest.param("", "Bearer ", id="as it is"),
        pytest.param(", header: authorization", "Bearer ", id="the same header"),
        pytest.param(", header: X-Api-Key", "", id="a header of its own"),
        pytest.param(", header: X-Api-Key, prefix: 'Key '", "Key ", id="and a prefix"),
        pytest.param(", prefix: 'Key ', header: X-Api-Key", "Key ", id="in any order"),
        pytest.param(", prefix: ''", "", id="no prefix"),
    ],
)
def test_a_header_of_its_own_holds_the_bare_secret(settings: str, prefix: str) -> None:
    text = f"desk: {{preset: token, secrets: [DESK]{settings}}}"

    source = read_sources(text, {"DESK": "a-long-secret"})["desk"]

    assert source.preset.token.prefix == prefix

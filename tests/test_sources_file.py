"""SOURCES_FILE: who may send, their secrets, and what is said of a file that cannot be used."""

from pathlib import Path

import pytest

from senders.sources import SourcesError
from tests.deliveries import ROOT, SAMPLES, SECRETS
from tests.proving_sources import KEY_PAIR
from workers.settings import Settings, load_settings
from workers.sources_file import (
    load_names,
    load_secret_names,
    load_sources,
    sample_secret,
    vocabulary,
)

SHIPPED = ROOT / "sources.yaml"
PORTAL = {
    "COURSEBOX_URL": "https://academy.example",
    "COURSEBOX_EMAIL": "usher@academy.example",
    "COURSEBOX_PASSWORD": "sesame",
}
OWN = {
    "HUBSPOT_CLIENT_SECRET": "b7d1c0de",
    "PIPEDRIVE_BASIC": "usher:open sesame",
    "TYPEFORM_SECRET": "7f3a",
    "PARTNER_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "SHOP_SECRET": "b7d1c0de",
}


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own without `.env`, and no secret in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in (*SECRETS, *PORTAL):
        monkeypatch.delenv(name, raising=False)


def _settings(file: Path, variables: dict[str, str]) -> Settings:
    lines = [f"{name}='{text}'" for name, text in {"SOURCES_FILE": str(file), **variables}.items()]
    Path(".env").write_text("\n".join(lines), encoding="utf-8")
    return load_settings()


def test_the_shipped_sources_start_with_the_sample_secrets() -> None:
    sources = load_sources(_settings(SHIPPED, dict(SECRETS)))

    assert list(sources) == list(SAMPLES)
    assert sources.problems == {}


def test_a_secret_in_the_environment_counts_more_than_in_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_SECRET", "another")

    sources = load_sources(_settings(SHIPPED, dict(SECRETS)))

    assert sources["shop"].secrets == (b"another",)


def test_a_source_without_its_secret_does_not_stop_the_others() -> None:
    sources = load_sources(_settings(SHIPPED, {"SHOP_SECRET": "b7d1c0de"}))

    assert sources["shop"].problem is None
    assert set(sources.problems) == set(SAMPLES) - {"shop"}
    assert "HUBSPOT_CLIENT_SECRET" in sources.problems["hubspot"]


@pytest.mark.parametrize(
    "portal",
    ["http://127.0.0.1:8001", "http://localhost:8001", "http://[::1]:8001"],
)
def test_sample_secrets_do_for_a_portal_on_this_machine(portal: str) -> None:
    settings = _settings(SHIPPED, {**SECRETS, **PORTAL, "COURSEBOX_URL": portal})

    assert load_sources(settings).problems == {}


def test_a_source_with_a_sample_secret_does_not_start_for_a_real_portal() -> None:
    sources = load_sources(_settings(SHIPPED, {**SECRETS, **PORTAL}))

    assert set(sources.problems) == set(SAMPLES)
    assert all("sample" in problem for problem in sources.problems.values())
    assert all(source.secrets == () for source in sources.values())


def test_one_real_portal_among_several_is_enough() -> None:
    emea = {name.replace("_", "_EMEA_", 1): text for name, text in PORTAL.items()}
    told = {**SECRETS, **PORTAL, "COURSEBOX_URL": "http://127.0.0.1:8001", **emea}

    sources = load_sources(_settings(SHIPPED, {**told, "COURSEBOX_ACCOUNTS": "emea"}))

    assert set(sources.problems) == set(SAMPLES)


@pytest.mark.parametrize(
    ("entry", "secrets"),
    [
        ("preset: jotform, path_secrets: [A]", {"A": "sample-jotform"}),
        ("preset: typeform, secrets: [A], path_secrets: [B]", {"A": "7f3a", "B": "sample-path"}),
        ("preset: svix, secrets: [A]", {"A": KEY_PAIR}),
    ],
    ids=["address", "address beside signature", "key pair"],
)
def test_a_sample_of_any_kind_keeps_a_source_from_starting_for_a_real_portal(
    entry: str, secrets: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "senders.yaml"
    file.write_text(f"a: {{{entry}}}", encoding="utf-8")

    source = load_sources(_settings(file, {**secrets, **PORTAL}))["a"]

    assert "sample" in (source.problem or "")
    assert source.secrets == source.path_secrets == source.public_keys == ()
    assert source.signing_key is None


def test_a_public_key_starts_a_source_for_a_real_portal(tmp_path: Path) -> None:
    file = tmp_path / "senders.yaml"
    file.write_text("a: {preset: svix, secrets: [A]}", encoding="utf-8")
    public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="

    source = load_sources(_settings(file, {"A": public, **PORTAL}))["a"]

    assert source.problem is None
    assert len(source.public_keys) == 1


def test_the_variables_of_both_kinds_of_secrets_are_known(tmp_path: Path) -> None:
    file = tmp_path / "senders.yaml"
    file.write_text("a: {preset: typeform, secrets: [A], path_secrets: [B]}", encoding="utf-8")

    assert load_secret_names(_settings(file, {"B": "x"})) == {"A": False, "B": True}


def test_with_secrets_of_their_own_all_start_for_a_real_portal() -> None:
    assert load_sources(_settings(SHIPPED, {**OWN, **PORTAL})).problems == {}


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_of_the_example_is_known_as_a_sample(name: str) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert f"\n{name}={SECRETS[name]}\n" in example + "\n"
    assert sample_secret(SECRETS[name].encode())


@pytest.mark.parametrize("secret", [*OWN.values(), "", "whsec_", "not base64 at all \xff"])
def test_a_secret_of_ones_own_is_no_sample(secret: str) -> None:
    assert not sample_secret(secret.encode())


def test_names_and_presets_are_read_without_any_secret() -> None:
    names = load_names(SHIPPED)

    assert names == {
        "hubspot": "hubspot",
        "pipedrive": "pipedrive",
        "sign-up-form": "typeform",
        "partner": "standard-webhooks",
        "shop": "hmac",
    }


def test_without_a_file_nobody_knows_who_may_send(tmp_path: Path) -> None:
    assert load_names(tmp_path / "sources.yaml") is None
    assert vocabulary(None).sources is None


def test_the_rule_checker_learns_what_each_source_can_give() -> None:
    known = vocabulary(load_names(SHIPPED)).sources

    assert known is not None
    assert list(known) == list(SAMPLES)
    assert "deal.updated" in known["pipedrive"]
    assert known["shop"] == frozenset()


def test_a_missing_file_is_told_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(SourcesError) as caught:
        load_sources(_settings(tmp_path / "nowhere.yaml", {}))

    assert f"{tmp_path}/nowhere.yaml: there is no such file" in str(caught.value)
    assert "SOURCES_FILE" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"shop: {preset: hmac", id="broken YAML"),
        pytest.param(b"- shop", id="a list"),
        pytest.param(b"shop: {preset: hmaak, secrets: [A]}", id="unknown preset"),
        pytest.param(b"shop: {preset: hmac, secret: [A]}", id="unknown field"),
        pytest.param(b"shop: \xff", id="not UTF-8"),
        pytest.param(b"Shop!: {preset: typeform, secrets: [A]}", id="a name no address can have"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "senders.yaml"
    file.write_bytes(text)

    with pytest.raises(SourcesError) as caught:
        load_sources(_settings(file, dict(SECRETS)))

    assert all(problem.startswith(f"{file}: ") for problem in caught.value.problems)


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match="cannot be read"):
        load_sources(_settings(tmp_path, {}))

"""The Coursebox portals of the settings: where each is, who logs in, and what is set about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from coursebox.client import Coursebox
from coursebox.gate import Gate
from coursebox.policy import Policy
from coursebox.tokens import TokenStore
from workers.account_variables import NEEDED
from workers.portal_fields import PortalFields
from workers.portals import DEFAULT
from workers.settings import Settings, SettingsError, further_accounts

NO_PORTAL: Final = (
    "COURSEBOX_URL, COURSEBOX_EMAIL and COURSEBOX_PASSWORD must be set for a worker, or accounts "
    "named in COURSEBOX_ACCOUNTS; to try Usher without a portal, start `usher up` or "
    "`usher simulator`"
)


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """One account that can be logged in to."""

    url: str
    email: str
    password: SecretStr
    policy: Policy

    def client(self, tokens: TokenStore, gate: Gate | None = None) -> Coursebox:
        """A client of the portal; to be closed by whoever takes it."""
        return Coursebox(
            self.url,
            self.email,
            self.password.get_secret_value(),
            tokens=tokens,
            id_type=self.policy.id_type,
            gate=gate,
        )


def portal_settings(settings: Settings) -> Mapping[str, PortalSettings]:
    """The accounts by name, `default` first; without those whose log-in is not set."""
    told = {DEFAULT: settings, **further_accounts(settings)}
    found = {name: _portal(fields) for name, fields in told.items()}
    return {name: portal for name, portal in found.items() if portal}


def portal_addresses(settings: Settings) -> Mapping[str, str]:
    """The addresses of the portals by account, also of one whose log-in is not set."""
    told = {DEFAULT: settings, **further_accounts(settings)}
    return {name: fields.coursebox_url for name, fields in told.items() if fields.coursebox_url}


def one_portal(settings: Settings, account: str) -> PortalSettings:
    """The account of that name. Raises SettingsError, which says what is missing."""
    found = portal_settings(settings).get(account)
    if found:
        return found
    if account == DEFAULT:
        missing = [name for name in NEEDED if getattr(settings, name.lower()) is None]
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError([f"{' and '.join(missing)} {verb} not set"])
    known = ", ".join(portal_settings(settings)) or "none"
    raise SettingsError([f"there is no Coursebox account {account!r}; there is: {known}"])


def known_policies(settings: Settings) -> Mapping[str, Policy] | None:
    """The accounts that rules can name, with what is set about each; None where these settings
    know of no portal at all."""
    told = {DEFAULT: settings, **further_accounts(settings)}
    return {name: told[name].policy for name in portal_addresses(settings)} or None


def _portal(fields: PortalFields) -> PortalSettings | None:
    url, email, password = fields.coursebox_url, fields.coursebox_email, fields.coursebox_password
    if url is None or email is None or password is None:
        return None
    return PortalSettings(url, email, password, fields.policy)

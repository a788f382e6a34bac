"""E-mail addresses and names as Coursebox needs them. Pure."""

import re
import unicodedata
from typing import Final

from coursebox.errors import refused
from coursebox.identity import same_form

LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 100
NO_NAME: Final = "Learner"  # createAccount demands both names

# mailboxes of an office, not of a person: they are called after whose they are
ROLES: Final = frozenset({
    "academy", "accounting", "accounts", "admin", "administration", "billing", "careers", "contact",
    "enquiries", "events", "finance", "hello", "help", "hr", "info", "invoices", "it", "jobs",
    "learning", "mail", "marketing", "noreply", "office", "orders", "postmaster", "press",
    "reception", "sales", "service", "shop", "students", "support", "team", "training", "webmaster",
})  # fmt: skip
# within a name they stay small
PARTICLES: Final = frozenset({
    "af", "al", "av", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos",
    "du", "el", "la", "le", "ten", "ter", "van", "vom", "von", "zu", "zum", "zur",
})  # fmt: skip

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")


def tidy_email(value: object, call: str) -> str:
    """The address trimmed and in lower case. Raises InvalidArgument for what is none.

    Lower case, because the vendor's framework keeps a second account for other capitals.
    """
    text = same_form(value) if isinstance(value, str) else ""
    if len(text) > LONGEST_EMAIL or not _EMAIL.fullmatch(text) or not text.isprintable():
        raise refused(call, f"this is not an e-mail address: {str(value)[:60]!r}")
    return text


def full_name(first: str, last: str, email: str) -> tuple[str, str]:
    """First and last name, where missing from each other ("Ada Lovelace" as a first name) or from
    the e-mail address, else a placeholder. Names that are given keep their capitals."""
    first, last = _tidy_name(first), _tidy_name(last)
    if first and not last and " " in first:
        first, _, last = first.partition(" ")
    told_first, told_last = _from_email(email)
    if not first:
        first, last = told_first, last or told_last
    elif not last and first.casefold() == told_first.casefold():
        last = told_last
    return first or NO_NAME, last or NO_NAME


def _from_email(email: str) -> tuple[str, str]:
    """("Ada", "Lovelace") of ada.lovelace+lms@..., ("Info", "Acme") of info@acme.example."""
    local, _, domain = unicodedata.normalize("NFC", email).partition("@")
    local = local.partition("+")[0]
    if local in ROLES:
        return _capital(local), _organisation(domain)
    # with a dot to part the names, a hyphen belongs to one of them
    words = _WORD.findall(local if re.search(r"[._]", local) else local.replace("-", " "))
    if not words:
        return "", ""
    rest = (word if word in PARTICLES else _capital(word) for word in words[1:])
    return _tidy_name(_capital(words[0])), _tidy_name(" ".join(rest))


def _organisation(domain: str) -> str:
    labels = domain.split(".")
    # acme.co.uk and mail.acme.com are both Acme's
    short = len(labels) > 2 and len(labels[-2]) <= 3
    return _tidy_name(_capital(labels[-3] if short else labels[-2] if len(labels) > 1 else domain))


def _capital(word: str) -> str:
    """Each part of a word between hyphens and apostrophes with a capital."""
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word)


def _tidy_name(name: str) -> str:
    visible = "".join(char if char.isprintable() else " " for char in name)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip()

"""Every code that a problem can have, with its title; docs/rule-errors.md has a word on each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PAGE: Final = "docs/rule-errors.md"

# What the first letter stands for, in the order of the page.
FAMILIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Y": "Reading the file",
        "S": "Structure",
        "R": "Sources, look-ups, callbacks and tables",
        "C": "Conditions",
        "F": "Fields",
        "A": "Actions",
        "T": "Templates",
        "W": "Warnings",
    }
)

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Y01": "An invisible control character",
        "Y02": "A line is indented with a tab",
        "Y03": "A character that only looks like a space",
        "Y04": "A space is missing after a colon or a hyphen",
        "Y05": "Text with a colon in it needs quotes",
        "Y06": "Text begins with a sign that YAML keeps for itself",
        "Y07": "A quote is not closed",
        "Y08": "A line does not line up",
        "Y09": "An anchor or alias",
        "Y10": "A tag",
        "Y11": "A second document in the file",
        "Y12": "Double braces instead of a template",
        "Y13": "Nested too deeply",
        "Y14": "A key is written twice",
        "Y15": "The file is too large",
        "Y16": "A colon is missing",
        "Y17": "A key that is none",
        "Y18": "Brackets do not fit",
        "Y19": "This cannot be read",
        "Y20": "A template inside brackets needs quotes",
        "Y21": "A backslash inside double quotes",
        "Y22": "The file is not UTF-8",
        "Y23": "The text in quotes ended too early",
        "Y24": "A list item where none can begin",
        "Y25": "The file cannot be opened",
        "Y26": "Curly quotes",
        "S01": "An unknown key",
        "S02": "A key is missing",
        "S03": "A value of another kind",
        "S04": "A value that cannot be used",
        "S05": "Too many rules in one file",
        "S06": "A step id is used twice",
        "S07": "A fixture that is no event",
        "S08": "A change that cannot be made",
        "S09": "A file for a newer Usher",
        "S10": "A rule id is used twice",
        "R01": "An unknown source",
        "R02": "An event that the source never sends",
        "R03": "A template names a table that is not there",
        "R04": "A file that is not there",
        "R05": "The name of a look-up hides a field",
        "R06": "An unknown look-up",
        "R07": "A key stands twice in a table",
        "R08": "A CSV that is no table",
        "R09": "A look-up lacks what it needs",
        "R10": "An unknown callback",
        "R11": "An unknown Coursebox account",
        "C01": "An unknown comparison",
        "C02": "A comparison is given something else",
        "C03": "Conditions of the wrong shape",
        "C04": "That is no name of a field",
        "C05": "A condition names a table that is not there",
        "C06": "A comparison that cannot stand here",
        "F01": "An event has nothing of that name",
        "F02": "An unknown field",
        "F03": "That is not there at this point",
        "A01": "An unknown action",
        "A02": "A parameter is missing",
        "A03": "A parameter is given something else",
        "A04": "One of several parameters is needed",
        "A05": "A user attribute that cannot be set",
        "A10": "Coursebox knows no such course",
        "T01": "A template that cannot be read",
        "W01": "No test matches the rule",
        "W02": "No test must not match",
        "W03": "The end of an e-mail address without @",
        "W04": "Nobody owns the file",
        "W05": "People are unenrolled without a condition",
        "W06": "The source is not configured",
        "W07": "Something that counts as another thing than it seems",
        "W08": "A field that the sender never gives",
        "W09": "An event that is not known of the sender",
        "W10": "Days and hours without a time zone",
        "W11": "A field that is often missing under none",
        "W12": "A rollout of less than one percent",
        "W20": "A rule that never gets an event",
        "W21": "Conditions that cannot hold together",
        "W22": "Two rules do the same",
        "W23": "A key of a table that is never looked up",
        "W24": "A table that nothing uses",
        "W25": "A source waits for its secret",
        "W26": "A look-up cannot be used",
        "W27": "A callback cannot be used",
    }
)


def anchor(code: str) -> str:
    """The name of a code's heading on the page."""
    return code.lower()

"""The result of inline tests as JUnit XML, which most build servers can show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rulebook import Problem, TestResult
from usher.rules_reading import Checked

# what XML cannot hold, not even escaped
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(
    results: Iterable[tuple[Checked, TestResult]], wrong: Iterable[tuple[Checked, Problem]]
) -> bytes:
    """One suite a file, one case a test; what keeps a file from being tested is an error in it."""
    suites: dict[str, list[Element]] = {}
    for one, result in results:
        suites.setdefault(one.shown(result.file), []).append(_case(result, one))
    for one, problem in wrong:
        suites.setdefault(one.shown(problem.file), []).append(_error(problem, one))
    root = Element("testsuites", name="usher rules test")
    for file, cases in suites.items():
        suite = SubElement(root, "testsuite", {"name": _text(file), **_counts(cases)})
        suite.extend(cases)
    root.attrib |= _counts([case for cases in suites.values() for case in cases])
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _case(result: TestResult, one: Checked) -> Element:
    case = Element(
        "testcase",
        classname=_text(result.rule_id),
        name=_text(result.name),
        file=_text(one.shown(result.file)),
        line=str(result.line),
        time="0",
    )
    if not result.passed:
        failure = SubElement(case, "failure", message=_text(result.message), type="test")
        failure.text = _text(f"{one.shown(result.file)}:{result.line}: {result.message}")
    return case


def _error(problem: Problem, one: Checked) -> Element:
    file = _text(one.shown(problem.file))
    name = f"{problem.code} in line {problem.line}"
    line = str(problem.line)
    case = Element("testcase", classname=file, name=name, file=file, line=line, time="0")
    error = SubElement(case, "error", message=_text(problem.message), type=problem.code)
    place = f"{one.shown(problem.file)}:{problem.line}:{problem.column}"
    error.text = _text(f"{place}: {problem.message}")
    return case


def _counts(cases: Sequence[Element]) -> dict[str, str]:
    return {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
    }


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

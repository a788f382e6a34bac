"""The rule language: read with positions, check, match, render, explain, test. Does no I/O."""

from rulebook.actions import ACTIONS, Action
from rulebook.book import Book
from rulebook.examples import Example
from rulebook.fields import FIELDS
from rulebook.filters import RenderError
from rulebook.nodes import Span
from rulebook.once import OncePer
from rulebook.parameters import ATTRIBUTES, Kind, Parameter
from rulebook.problems import Problem, Severity, format_problem, in_order
from rulebook.reading import Reading, RuleFile, files_named, is_rule_file, read_folder
from rulebook.rule import Item, Rule, Verdict, When
from rulebook.snapshot import (
    Snapshot,
    SnapshotError,
    document_of,
    hashes_named,
    read_snapshot,
    version_of,
)
from rulebook.steps import Limit, LookupCall, RetryPolicy, Step
from rulebook.testing import TestResult, run_tests
from rulebook.vocabulary import CallbackShape, LookupShape, Vocabulary

__all__ = [
    "ACTIONS",
    "ATTRIBUTES",
    "FIELDS",
    "Action",
    "Book",
    "CallbackShape",
    "Example",
    "Item",
    "Kind",
    "Limit",
    "LookupCall",
    "LookupShape",
    "OncePer",
    "Parameter",
    "Problem",
    "Reading",
    "RenderError",
    "RetryPolicy",
    "Rule",
    "RuleFile",
    "Severity",
    "Snapshot",
    "SnapshotError",
    "Span",
    "Step",
    "TestResult",
    "Verdict",
    "Vocabulary",
    "When",
    "document_of",
    "files_named",
    "format_problem",
    "hashes_named",
    "in_order",
    "is_rule_file",
    "read_folder",
    "read_snapshot",
    "run_tests",
    "version_of",
]

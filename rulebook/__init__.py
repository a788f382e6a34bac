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
from rulebook.steps import Limit, LookupCall, RetryPolicy, Step
from rulebook.testing import TestResult, run_tests
from rulebook.vocabulary import LookupShape, Vocabulary

__all__ = [
    "ACTIONS",
    "ATTRIBUTES",
    "FIELDS",
    "Action",
    "Book",
    "Example",
    "Item",
    "Kind",
    "LookupShape",
    "Limit",
    "LookupCall",
    "OncePer",
    "Parameter",
    "Problem",
    "Reading",
    "RenderError",
    "RetryPolicy",
    "Rule",
    "RuleFile",
    "Severity",
    "Span",
    "Step",
    "TestResult",
    "Verdict",
    "Vocabulary",
    "When",
    "files_named",
    "format_problem",
    "in_order",
    "is_rule_file",
    "read_folder",
    "run_tests",
]

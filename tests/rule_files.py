"""Rule files as tests write them."""

import itertools
import os
import time
from pathlib import Path
from typing import Final

RULE: Final = """version: 1
owner: ops@usher.example
rules:
  - id: {id}
    name: A rule
    when: {{source: shop, event: order.paid}}
    then:
      - action: enrol
        with: {{email: "${{ body.email }}", course_id: {course}}}
"""
TESTED: Final = """    tests:
      - name: a paid order
        event: {{body: {{email: ada@customer.example}}}}
        expect:
          - enrol: {{email: ada@customer.example, course_id: {course}}}
"""
_ticks = itertools.count(1)


def rule(rule_id: str, course: int = 101) -> str:
    """A file with one rule."""
    return RULE.format(id=rule_id, course=course)


def inline_test(course: int) -> str:
    """An inline test to be put behind `rule`, which expects that course."""
    return TESTED.format(course=course)


def write(file: Path, text: str) -> None:
    """Saves a file; each one saved is later than the one before, however coarse the clock."""
    file.write_text(text)
    at = time.time_ns() + next(_ticks) * 1000
    os.utime(file, ns=(at, at))

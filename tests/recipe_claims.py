"""What the rules of the guide are said to do, as inline tests by the id of the rule."""

from collections.abc import Mapping
from textwrap import dedent
from types import MappingProxyType
from typing import Final

_WON: Final = """
- name: won
  event:
    deal: {id: 1, status: won, custom: {learner_email: mira@harbour.example}}
    changed: [deal.status]
    previous: {deal: {status: open}}
  expect:
    - enrol: {email: mira@harbour.example, course_id: 101}
- name: somebody edits a deal that was won long ago
  change: {changed: [deal.name], previous: (removed)}
  expect: no match
"""

_CLAIMS: Final[Mapping[str, str]] = {
    "won": _WON,
    "any-sender": _WON,
    "by-product": """
        - name: a course
          event:
            deal:
              stage: closedwon
              product: First Aid
              custom: {learner_email: mira@harbour.example}
          expect:
            - enrol: {email: mira@harbour.example, course_id: 102}
        - name: a product without a course
          change: {deal.product: Consulting day}
          expect: no match
        """,
    "large-deals": """
        - name: a large one
          event:
            deal:
              stage: closedwon
              amount: "1000.00"
              currency: CHF
              custom: {learner_email: mira@harbour.example}
          expect:
            - enrol: {email: mira@harbour.example, course_id: 103}
        - name: a small one
          change: {deal.amount: 999}
          expect: no match
        - name: too large a one
          change: {deal.amount: 50000}
          expect: no match
        - name: another currency
          change: {deal.currency: USD}
          expect: no match
        - name: no amount
          change: {deal.amount: (removed)}
          expect: no match
        """,
    "not-colleagues": """
        - name: a customer
          event: {answers: {email: ada@meadow.example}, hidden: {campaign: spring}}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 101}
        - name: a customer without a campaign
          change: {hidden.campaign: (removed)}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 101}
        - name: a colleague
          change: {answers.email: Olga@Usher.example}
          expect: no match
        - name: somebody tries the form
          change: {hidden.campaign: test}
          expect: no match
        """,
    "form-choice": """
        - name: a choice
          event:
            answers:
              Course: first aid
              Where do we write to?: " ada@meadow.example"
              Your name: ada lindt
          expect:
            - enrol:
                email: ada@meadow.example
                course_id: 102
                first_name: Ada
                last_name: Lindt
        - name: a course we do not have
          change: {answers.Course: Juggling}
          expect: no match
        """,
    "tick-boxes": """
        - name: two boxes
          event:
            answers: {email: ada@meadow.example, courses: [Safety Basics, Manual Handling]}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 101}
            - enrol: {email: ada@meadow.example, course_id: 103}
        - name: none
          change: {answers.courses: []}
          expect: []
        """,
    "team": """
        - name: three lines, one of them twice and one empty
          event:
            answers:
              Who should take part?: "ben@a.example\\n\\n cleo@a.example\\nben@a.example"
          expect:
            - enrol: {email: ben@a.example, course_id: 101}
            - enrol: {email: cleo@a.example, course_id: 101}
        """,
    "two-courses": """
        - name: both
          event: {body: {customer: {email: lea@valley.example}}}
          expect:
            - enrol: {email: lea@valley.example, course_id: 101}
            - enrol: {email: lea@valley.example, course_id: 102}
        """,
    "own-words": """
        - name: an invitation
          event:
            answers: {email: ada@meadow.example, first_name: Ada}
            submission: {submitted_at: "2026-04-15T10:00:00Z"}
          expect:
            - invite:
                email: ada@meadow.example
                course_id: 101
                subject: Welcome, Ada
                message: "You asked for a seat on 15.04.2026.\\nIt is yours."
        - name: nobody said a name
          change: {answers.first_name: ""}
          expect:
            - invite:
                email: ada@meadow.example
                course_id: 101
                subject: Welcome, dear learner
                message: "You asked for a seat on 15.04.2026.\\nIt is yours."
        """,
    "tier-large": """
        - name: a large one
          event:
            deal:
              stage: closedwon
              amount: 10000
              custom: {learner_email: mira@harbour.example}
          expect:
            - enrol: {email: mira@harbour.example, course_id: 103}
        - name: not won
          change: {deal.stage: contractsent}
          expect: no match
        """,
    "tier-other": """
        - name: a small one
          event:
            deal:
              stage: closedwon
              amount: 9999
              custom: {learner_email: mira@harbour.example}
          expect:
            - enrol: {email: mira@harbour.example, course_id: 101}
        - name: the rule above takes the large one
          change: {deal.amount: 10000}
          expect: no match
        """,
    "spring-campaign": """
        - name: a Wednesday in spring
          now: 2026-04-15T10:00:00Z
          event: {answers: {email: ada@meadow.example}}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 102}
        - name: the last day
          now: 2026-04-28T10:00:00Z
          expect:
            - enrol: {email: ada@meadow.example, course_id: 102}
        - name: the day after
          now: 2026-04-29T10:00:00Z
          expect: {skipped: outside the active period}
        - name: a Saturday
          now: 2026-04-18T10:00:00Z
          expect: {skipped: outside the active period}
        - name: eight in the evening in Berlin
          now: 2026-04-15T18:00:00Z
          expect: {skipped: outside the active period}
        """,
    "some-people": """
        - name: in the first tenth
          event: {answers: {email: ada@meadow.example}}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 103}
        - name: the same person in capitals
          change: {answers.email: Ada@Meadow.example}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 103}
        - name: somebody else
          change: {answers.email: ben@meadow.example}
          expect: {skipped: not in the 10 % of the rollout}
        """,
    "only-a-try": """
        - name: it would enrol
          event: {body: {customer: {email: lea@valley.example}}}
          expect:
            - enrol: {email: lea@valley.example, course_id: 101}
        """,
    "once-a-month": """
        - name: an invitation
          event: {answers: {email: ada@meadow.example}}
          expect:
            - invite: {email: ada@meadow.example, course_id: 101}
        - name: nobody to tell apart from others
          change: {answers.email: ""}
          expect: {error: once_per}
        """,
    "safe": """
        - name: a seat
          event: {answers: {email: ada@meadow.example}}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 101}
        """,
    "remind": """
        - name: not there yet
          event: {answers: {email: ada@meadow.example}}
          lookups: {seat: []}
          expect:
            - invite: {email: ada@meadow.example, course_id: 101}
            - invite:
                email: ada@meadow.example
                course_id: 101
                subject: Your seat is waiting
              after: 3 days
        - name: there by then
          lookups: {seat: [{user_id: "7", email: ada@meadow.example}]}
          expect:
            - invite: {email: ada@meadow.example, course_id: 101}
        """,
    "ask-the-crm": """
        - name: the buyer is known
          event:
            deal: {id: 1, status: won, contact_id: 179}
            changed: [deal.status]
            previous: {deal: {status: open}}
          lookups: {buyer: {email: jon@lakeside.example, first_name: Jon}}
          expect:
            - enrol: {email: jon@lakeside.example, course_id: 101, first_name: Jon}
        - name: a buyer without an address
          lookups: {buyer: {first_name: Jon}}
          expect: no match
        - name: lost
          change: {deal.status: lost}
          expect: no match
        """,
    "everybody": """
        - name: two people
          event: {deal: {id: 1}, change: {field: dealstage, value: closedwon}}
          lookups:
            people:
              - {email: mira@harbour.example, first_name: Mira}
              - {email: jon@harbour.example}
          expect:
            - enrol: {email: mira@harbour.example, course_id: 101, first_name: Mira}
            - enrol: {email: jon@harbour.example, course_id: 101}
        - name: another stage
          change: {change.value: contractsent}
          expect: no match
        """,
    "refunded": """
        - name: money back
          event:
            order:
              items:
                - {sku: SAFE-101, custom: {Learner e-mail: ada@meadow.example}}
            refund: {amount: 149, reason: Cannot attend}
          expect:
            - unenrol: {email: ada@meadow.example, course_id: 101, reason: Cannot attend}
        - name: nothing was paid back
          change: {refund.amount: 0}
          expect: no match
        """,
    "told-back": """
        - name: won
          event:
            deal: {id: 90210001, stage: closedwon, custom: {learner_email: ada@meadow.example}}
          expect:
            - enrol: {email: ada@meadow.example, course_id: 101}
            - callback: {use: hubspot.deal_enrolled, deal_id: 90210001}
        - name: lost
          change: {deal.stage: closedlost}
          expect: no match
        """,
}

CLAIMS: Final[Mapping[str, str]] = MappingProxyType(
    {rule: dedent(tests).strip("\n") for rule, tests in _CLAIMS.items()}
)

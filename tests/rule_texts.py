"""Rule files that several tests read: one rule with a test that matches and one that must not."""

FILE = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if:
      deal.status: won
    then:
      - action: enrol
        with:
          email: ${ contact.email }
          course_id: 101
    tests:
      - name: won
        event: {deal: {status: won}, contact: {email: sam@learner.example}}
        expect:
          - enrol: {email: sam@learner.example, course_id: 101}
      - name: lost
        change: {deal.status: lost}
        expect: no match
"""
RULE = """\
version: 1
owner: ops@usher.example
rules:
  - id: deal-won
    when: {source: pipedrive, event: deal.updated}
    if: {deal.status: won}
    then:
      - action: enrol
        with: {email: "${ deal.custom.email }", course_id: 101}
    tests:
      - name: won
        event: {deal: {status: won, custom: {email: sam@learner.example}}}
        expect:
          - enrol: {email: sam@learner.example, course_id: 101}
      - name: lost
        change: {deal.status: lost}
        expect: no match
"""

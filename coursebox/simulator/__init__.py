"""A Coursebox to try things on: the vendor's API as a real HTTP server, with trouble on demand.

In a test, in this process:

    with running_simulator(duplicate_account="hidden") as sim:
        sim.add_fault("enrolUser", "commit_then_drop", match="ada@")
        ...                                     # talk to sim.url as sim.email / sim.password
        assert sim.learners(101) == ["ada@customer.example"]

`serve("127.0.0.1", 8001)` does the same until a signal ends it. What a test has in hand is a
`Simulator`: snapshot, calls, learners, course_id, add_fault, switch, reset, advance, add_person,
wait_until.

| calls, as named in the log and in faults    |                                              |
|---------------------------------------------|----------------------------------------------|
| login, createAccount, getUser               | updateMainAttributes, getUserForMentio       |
| inviteUserForCourse, enrolUser, removeUser  | findCourses, findCourse                      |
| allLearners, getActivity                    | `unknown` is anything else                   |

| switch              | values, the default first                                            |
|---------------------|----------------------------------------------------------------------|
| profile             | lb3, lb2: which LoopBack writes the error bodies                     |
| id_type             | int, uuid; set by a reset only                                       |
| duplicate_account   | uniqueness, text, hidden, existing, case_sensitive                   |
| duplicate_enrolment | no_op, text, hidden, second_row                                      |
| invited             | pending, listed                                                      |
| unenrol             | one, everybody                                                       |
| replies             | bare, wrapped, empty, wrapped_empty                                  |
| reply_key           | data, result, items, own                                             |
| learner_rows        | flat, nested                                                         |
| token_reply         | nested, text, flat                                                   |
| token_ttl           | seconds, 1209600                                                     |
| learner_login       | allowed, unverified, refused                                         |
| failed_logins       | null for never locked, or how many in a row lock the API user        |
| administered        | null for every course, or a list of course ids                       |
| listing_lag         | seconds, 0                                                           |
| rate_limit          | null for none, or calls in any one second                            |
| seed                | 1, another whole number, or null for chance anew each time           |

| fault              | what becomes of the call                                              |
|--------------------|-----------------------------------------------------------------------|
| delay              | wait `seconds`, then do it and answer                                 |
| drop_before        | close the connection, nothing done                                    |
| commit_then_drop   | do it, then close the connection without an answer                    |
| status             | answer `status` (`code`, `retry_after`, `headers`, `body`), not done  |
| commit_then_status | do it, then answer `status`                                           |
| malformed_json     | do it, then answer with half of the JSON                              |
| delay_reply        | do it, wait `seconds`, then answer                                    |
| learners_late      | enrolUser: listed `seconds` later; allLearners: the list as it was    |

| which calls of its kind a fault meets                                                      |
|--------------------------------------------------------------------------------------------|
| `times` 1 (null: each), `match` in an e-mail or id, `chance` 0.1 of them                   |
| by schedule: `after` the first N, `every` Nth, from `from_seconds` on for `for_seconds`    |

The tables that act on these are SWITCHES (switches.py), PLANS (faults.py), FAULT_PARTS
(fault_parts.py) and ROUTES (routes.py); `docs/simulator.md` explains them for users.
"""

from coursebox.simulator.fault_parts import FaultError
from coursebox.simulator.server import RunningSimulator, running_simulator, serve
from coursebox.simulator.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, Simulator
from coursebox.simulator.state import SAMPLE_COURSES
from coursebox.simulator.switches import SWITCHES, Switch, SwitchError, Switches

__all__ = [
    "SAMPLE_COURSES",
    "SAMPLE_EMAIL",
    "SAMPLE_PASSWORD",
    "SWITCHES",
    "FaultError",
    "RunningSimulator",
    "Simulator",
    "Switch",
    "SwitchError",
    "Switches",
    "running_simulator",
    "serve",
]

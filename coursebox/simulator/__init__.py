"""A Coursebox to try things on: the vendor's API as a real HTTP server, with trouble on demand.

In a test, in this process:

    with running_simulator(duplicate_account="hidden") as sim:
        sim.add_fault("enrolUser", "commit_then_drop", match="ada@")
        ...                                     # talk to sim.url as sim.email / sim.password
        assert sim.learners(101) == ["ada@customer.example"]

`serve("127.0.0.1", 8001)` does the same until a signal ends it. What a test has in hand is a
`Simulator`: snapshot, calls, learners, add_fault, reset, advance, add_person, wait_until.

| calls, as named in the log and in faults    |                                              |
|---------------------------------------------|----------------------------------------------|
| login, createAccount, getUser               | updateMainAttributes, getUserForMentio       |
| inviteUserForCourse, enrolUser, removeUser  | findCourses, findCourse                      |
| allLearners, getActivity                    | `unknown` is anything else                   |

| switch              | values, the default first                                            |
|---------------------|----------------------------------------------------------------------|
| profile             | lb3                                                                  |
| id_type             | int                                                                  |
| duplicate_account   | uniqueness, text, hidden, existing, case_sensitive                   |
| duplicate_enrolment | no_op, text, hidden, second_row                                      |
| invited             | pending, listed                                                      |
| replies             | bare, wrapped, empty                                                 |
| learner_rows        | flat, nested                                                         |
| token_reply         | nested, text, flat                                                   |
| token_ttl           | seconds, 1209600                                                     |
| administered        | null for every course, or a list of course ids                       |

| fault              | what becomes of the call                                              |
|--------------------|-----------------------------------------------------------------------|
| delay              | wait `seconds`, then do it and answer                                 |
| drop_before        | close the connection, nothing done                                    |
| commit_then_drop   | do it, then close the connection without an answer                    |
| status             | answer `status` (`retry_after`, `headers`, `body`), nothing done      |
| commit_then_status | do it, then answer `status`                                           |
| malformed_json     | do it, then answer with half of the JSON                              |
| delay_reply        | do it, wait `seconds`, then answer                                    |
| learners_late      | enrolUser: listed `seconds` later; allLearners: the list as it was    |

The tables that act on these are SWITCHES (switches.py), PLANS (faults.py) and ROUTES (routes.py);
`docs/simulator.md` explains them for users.
"""

from coursebox.simulator.faults import FaultError
from coursebox.simulator.server import RunningSimulator, running_simulator, serve
from coursebox.simulator.simulator import SAMPLE_EMAIL, SAMPLE_PASSWORD, Simulator
from coursebox.simulator.state import SAMPLE_COURSES
from coursebox.simulator.switches import SwitchError

__all__ = [
    "SAMPLE_COURSES",
    "SAMPLE_EMAIL",
    "SAMPLE_PASSWORD",
    "FaultError",
    "RunningSimulator",
    "Simulator",
    "SwitchError",
    "running_simulator",
    "serve",
]

"""The twelve calls of the simulated Coursebox, each as it should be and as it is refused."""

import json
from collections.abc import Iterator

import httpx
import pytest

from coursebox.simulator import RunningSimulator

ADA = {"firstName": "Ada", "lastName": "Byron", "email": "ada@customer.example"}


@pytest.fixture
def api(sim: RunningSimulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.url, verify=False) as client:  # noqa: S501 (plain http)
        client.headers["X-Access-Token"] = log_in(client, sim).json()["token"]["id"]
        yield client


def log_in(client: httpx.Client, sim: RunningSimulator, **changes: object) -> httpx.Response:
    given = {"email": sim.email, "password": sim.password, **changes}
    return client.post("/auth/login", json=given)


def set_switches(sim: RunningSimulator, api: httpx.Client, **settings: object) -> None:
    sim.reset(**settings)
    api.headers["X-Access-Token"] = log_in(api, sim).json()["token"]["id"]


def create(api: httpx.Client, **changes: object) -> httpx.Response:
    user = {**ADA, "password": "sample-of-a-password", **changes}
    body = {"data": {"user": user, "offerCode": "", "marketingEmails": True, "is18Plus": True}}
    return api.post("/api/wineusers/createAccount", json=body)


def enrol(api: httpx.Client, course: object, user: object) -> httpx.Response:
    return api.post(f"/api/Courses/{course}/enrolUser", json={"id": course, "userId": user})


def invite(api: httpx.Client, course: object, **changes: object) -> httpx.Response:
    data = {**ADA, "courseid": course, **changes}
    body = {"data": data, "courseId": course, "title": "", "body": ""}
    return api.post("/api/Courses/inviteUserForCourse", json=body)


def listed(api: httpx.Client, course: int) -> list[str]:
    return [row["email"] for row in api.get(f"/api/Courses/{course}/allLearners").json()]


def refusal(response: httpx.Response) -> tuple[int, str | None]:
    error = response.json()["error"]
    assert error["statusCode"] == response.status_code
    return response.status_code, error.get("code")


# log-in and tokens


def test_a_log_in_gives_a_token_with_its_life(sim: RunningSimulator, api: httpx.Client) -> None:
    sim.reset(token_ttl=60)

    token = log_in(api, sim).json()["token"]

    assert token["ttl"] == 60
    assert token["created"].endswith("Z")
    assert token["userId"] == 1
    assert len(token["id"]) >= 32


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"password": "wrong"}, (401, "LOGIN_FAILED"), id="wrong password"),
        pytest.param({"email": "x@customer.example"}, (401, "LOGIN_FAILED"), id="nobody"),
        pytest.param({"email": ""}, (400, "USERNAME_EMAIL_REQUIRED"), id="no e-mail"),
        pytest.param({"password": 5}, (400, None), id="password is a number"),
    ],
)
def test_a_log_in_is_refused(
    sim: RunningSimulator,
    api: httpx.Client,
    changes: dict[str, object],
    expected: tuple[int, str | None],
) -> None:
    assert refusal(log_in(api, sim, **changes)) == expected


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        pytest.param("nested", ("token", "id"), id="nested"),
        pytest.param("text", ("token",), id="text"),
        pytest.param("flat", ("id",), id="flat"),
    ],
)
def test_the_token_comes_in_three_shapes(
    sim: RunningSimulator, api: httpx.Client, shape: str, keys: tuple[str, ...]
) -> None:
    sim.reset(token_reply=shape)

    reply = log_in(api, sim).json()

    for key in keys:
        reply = reply[key]
    api.headers["X-Access-Token"] = reply
    assert api.get("/api/WineUsers/1").status_code == 200


def test_an_expired_token_is_invalid_once_and_then_unknown(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    set_switches(sim, api, token_ttl=60)
    sim.advance(59)
    assert api.get("/api/WineUsers/1").status_code == 200

    sim.advance(1)

    assert refusal(api.get("/api/WineUsers/1")) == (401, "INVALID_TOKEN")
    assert refusal(api.get("/api/WineUsers/1")) == (401, "AUTHORIZATION_REQUIRED")
    assert refusal(api.get("/api/WineUsers/1")) == (401, "AUTHORIZATION_REQUIRED")


@pytest.mark.parametrize("header", ["none", "bearer", "invented"])
def test_only_the_token_in_its_own_header_counts(api: httpx.Client, header: str) -> None:
    token = api.headers.pop("X-Access-Token")
    api.headers.update(
        {
            "none": {},
            "bearer": {"Authorization": f"Bearer {token}"},
            "invented": {"X-Access-Token": "sample-token"},
        }[header]
    )

    assert refusal(api.get("/api/WineUsers/1")) == (401, "AUTHORIZATION_REQUIRED")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/Courses/103/allLearners"),
        ("GET", "/api/Courses/findCourse?id=103"),
        ("GET", '/api/WineUsers/getUserForMentio?params={"all":true,"ids":"103"}'),
        ("GET", "/api/Activities/5005"),
        ("DELETE", "/api/Courses/103/users?userid=1"),
        ("POST", "/api/Courses/103/enrolUser"),
    ],
    ids=lambda value: value,
)
def test_a_course_of_others_answers_401_to_a_good_token(
    sim: RunningSimulator, api: httpx.Client, method: str, path: str
) -> None:
    set_switches(sim, api, administered=[101])

    body = {"id": 103, "userId": 1} if method == "POST" else None
    refused = api.request(method, path, json=body)

    assert refusal(refused) == (401, "AUTHORIZATION_REQUIRED")
    assert api.get("/api/Courses/101/allLearners").status_code == 200


# people


def test_an_account_is_made_and_can_be_read(sim: RunningSimulator, api: httpx.Client) -> None:
    made = create(api).json()

    assert made["email"] == ADA["email"]
    assert api.get(f"/api/WineUsers/{made['id']}").json() == made
    assert sim.snapshot()["effects"]["accounts"] == {ADA["email"]: 1}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"email": ""}, (422, None), id="no e-mail"),
        pytest.param({"email": "ada at home"}, (422, None), id="not an e-mail"),
        pytest.param({"email": 5}, (400, None), id="e-mail is a number"),
        pytest.param({"password": ""}, (422, "INVALID_PASSWORD"), id="no password"),
        pytest.param({"password": "é" * 36 + "x"}, (422, "PASSWORD_TOO_LONG"), id="73 bytes"),
        pytest.param({"firstName": ["Ada"]}, (400, None), id="name is a list"),
    ],
)
def test_an_account_is_refused(
    sim: RunningSimulator,
    api: httpx.Client,
    changes: dict[str, object],
    expected: tuple[int, str | None],
) -> None:
    assert refusal(create(api, **changes)) == expected
    assert sim.snapshot()["accounts"] == []


def test_a_password_of_72_bytes_is_taken(api: httpx.Client) -> None:
    assert create(api, password="é" * 36).status_code == 200


def test_a_second_account_is_not_unique_and_says_no_id(api: httpx.Client) -> None:
    create(api)

    again = create(api, email="ADA@customer.example")

    assert again.status_code == 422
    assert again.json()["error"]["name"] == "ValidationError"
    assert again.json()["error"]["details"]["codes"] == {"email": ["uniqueness"]}
    assert "1001" not in again.text


@pytest.mark.parametrize(
    ("mode", "email", "status", "accounts"),
    [
        ("uniqueness", "ada@customer.example", 422, 1),
        ("uniqueness", "Ada@Customer.example", 422, 1),
        ("text", "ada@customer.example", 400, 1),
        ("hidden", "ada@customer.example", 500, 1),
        ("existing", "ada@customer.example", 200, 1),
        ("case_sensitive", "ada@customer.example", 422, 1),
        ("case_sensitive", "Ada@Customer.example", 200, 2),
    ],
)
def test_each_way_to_meet_a_known_email(
    sim: RunningSimulator, api: httpx.Client, mode: str, email: str, status: int, accounts: int
) -> None:
    set_switches(sim, api, duplicate_account=mode)
    create(api)

    again = create(api, email=email)

    assert again.status_code == status
    assert len(sim.snapshot()["accounts"]) == accounts
    assert sim.snapshot()["effects"]["accounts"] == {ADA["email"]: accounts}


def test_a_known_email_can_give_the_user_it_has(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, duplicate_account="existing")
    first = create(api)

    assert create(api, firstName="Augusta").json() == first.json()


def test_a_hidden_error_says_nothing(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, duplicate_account="hidden")
    create(api)

    again = create(api)

    assert again.json() == {"error": {"statusCode": 500, "message": "Internal Server Error"}}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/WineUsers/4711", (404, "MODEL_NOT_FOUND")),
        ("/api/WineUsers/ada", (400, None)),
        ("/api/Activities/4711", (404, "MODEL_NOT_FOUND")),
        ("/api/Courses/999/allLearners", (404, "MODEL_NOT_FOUND")),
        ("/api/Courses/findCourse?id=999", (404, "MODEL_NOT_FOUND")),
        ("/api/Courses/findCourse", (400, None)),
        ("/api/Courses/findCourses?pageOptions={my:true}", (400, None)),
        ('/api/WineUsers/getUserForMentio?params={"ids":101}', (400, None)),
        ("/api/WineUsers/getUserForMentio", (400, None)),
        ("/api/wineusers/createAccount", (404, None)),
        ("/api/Nothing", (404, None)),
        ("/nothing", (404, None)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_refused(
    api: httpx.Client, path: str, expected: tuple[int, str | None]
) -> None:
    assert refusal(api.get(path)) == expected


def test_attributes_of_a_person_are_changed(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]

    attributes = {"lastName": "Lovelace", "city": "London", "id": 7}
    changed = api.post(
        "/api/WineUsers/updateMainAttributes",
        params={"id": user},
        json={"id": user, "attributes": attributes},
    ).json()

    assert (changed["id"], changed["fullName"], changed["city"]) == (user, "Ada Lovelace", "London")
    assert changed == api.get(f"/api/WineUsers/{user}").json()
    assert changed["email"] == ADA["email"]


def test_a_changed_email_is_known_from_then_on(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]

    api.post(
        f"/api/WineUsers/updateMainAttributes?id={user}",
        json={"id": user, "attributes": {"email": "ada@new.example"}},
    )

    assert create(api, email="ada@new.example").status_code == 422
    assert create(api).status_code == 200


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        pytest.param("id=1001", {"id": "1001", "attributes": {}}, 400, id="id is text"),
        pytest.param("id=1", {"id": True, "attributes": {}}, 400, id="id is true"),
        pytest.param("id=1001", {"id": 1, "attributes": {}}, 400, id="two ids"),
        pytest.param("", {"id": 1001, "attributes": {}}, 400, id="no id in the query"),
        pytest.param("id=1001", {"id": 1001}, 400, id="no attributes"),
        pytest.param("id=1001", {"id": 1001, "attributes": []}, 400, id="attributes are a list"),
        pytest.param("id=7", {"id": 7, "attributes": {}}, 404, id="nobody"),
        pytest.param(
            "id=1001",
            {"id": 1001, "attributes": {"email": "api@coursebox.example"}},
            422,
            id="e-mail of another",
        ),
        pytest.param("id=1001", {"id": 1001, "attributes": {"email": ""}}, 422, id="empty e-mail"),
    ],
)
def test_a_change_is_refused(
    api: httpx.Client, query: str, body: dict[str, object], status: int
) -> None:
    before = create(api).json()

    refused = api.post(f"/api/WineUsers/updateMainAttributes?{query}", json=body)

    assert refusal(refused)[0] == status
    assert api.get("/api/WineUsers/1001").json() == before


def test_another_email_for_the_api_user_ends_its_tokens(api: httpx.Client) -> None:
    api.post(
        "/api/WineUsers/updateMainAttributes?id=1",
        json={"id": 1, "attributes": {"email": "other@coursebox.example"}},
    )

    assert refusal(api.get("/api/WineUsers/1")) == (401, "AUTHORIZATION_REQUIRED")


# seats


def test_a_learner_takes_a_seat_and_leaves_it(sim: RunningSimulator, api: httpx.Client) -> None:
    user = create(api).json()["id"]

    seat = enrol(api, 101, user)

    assert (seat.status_code, seat.json()["userId"]) == (200, user)
    assert listed(api, 101) == [ADA["email"]]
    assert api.delete(f"/api/Courses/101/users?userid={user}").json() == {"count": 1}
    assert listed(api, 101) == []
    assert api.delete(f"/api/Courses/101/users?userid={user}").json() == {"count": 0}
    effects = sim.snapshot()["effects"]
    assert effects["enrolments"] == {"101": {ADA["email"]: 1}}
    assert effects["unenrolments"] == {"101": {ADA["email"]: 1}}


@pytest.mark.parametrize(
    ("mode", "status", "rows"),
    [("no_op", 200, 1), ("text", 400, 1), ("hidden", 500, 1), ("second_row", 200, 2)],
)
def test_each_way_to_meet_a_seated_learner(
    sim: RunningSimulator, api: httpx.Client, mode: str, status: int, rows: int
) -> None:
    set_switches(sim, api, duplicate_enrolment=mode)
    user = create(api).json()["id"]
    enrol(api, 101, user)

    again = enrol(api, 101, user)

    assert again.status_code == status
    assert listed(api, 101) == [ADA["email"]] * rows
    assert sim.snapshot()["effects"]["enrolments"] == {"101": {ADA["email"]: rows}}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"id": 101, "userId": "1001"}, 400, id="user id is text"),
        pytest.param({"id": "101", "userId": 1001}, 400, id="course id is text"),
        pytest.param({"id": 102, "userId": 1001}, 400, id="another course"),
        pytest.param({"id": 101, "userid": 1001}, 400, id="misspelt userId"),
        pytest.param({"id": 101, "userId": None}, 400, id="null"),
        pytest.param({"id": 101, "userId": 7}, 404, id="nobody"),
    ],
)
def test_a_seat_is_refused(
    sim: RunningSimulator, api: httpx.Client, body: dict[str, object], status: int
) -> None:
    create(api)

    assert refusal(api.post("/api/Courses/101/enrolUser", json=body))[0] == status
    assert sim.learners(101) == []


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("", "missing"),
        ("?userid=", "empty"),
        ("?userid=&userId=1001", "empty"),
        ("?userId=1001", "misspelt"),
        ("?user=1001", "misspelt"),
    ],
)
def test_a_delete_that_names_nobody_empties_the_course(
    sim: RunningSimulator, api: httpx.Client, query: str, cause: str
) -> None:
    for name in ("ada", "grace"):
        sim.add_person(f"{name}@customer.example", courses=[101, 102])

    answer = api.delete(f"/api/Courses/101/users{query}")

    assert answer.json() == {"count": 2}
    assert (sim.learners(101), len(sim.learners(102))) == ([], 2)
    trap = api.get("/__sim/state").json()["unenrol_trap"]
    assert (trap["sprung"], trap["times"], trap["courses"]) == (True, 1, [101])
    assert [(each["cause"], each["removed"]) for each in trap["springs"]] == [(cause, 2)]


def test_a_delete_that_names_somebody_leaves_the_trap_alone(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    ada = sim.add_person("ada@customer.example", courses=[101])
    sim.add_person("grace@customer.example", courses=[101])

    api.delete(f"/api/Courses/101/users?userid={ada}")
    refused = api.delete("/api/Courses/101/users?userid=undefined")

    assert refusal(refused)[0] == 400
    assert sim.learners(101) == ["grace@customer.example"]
    assert sim.snapshot()["unenrol_trap"]["sprung"] is False


def test_learners_can_be_rows_with_a_user_in_them(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, learner_rows="nested")
    ada = sim.add_person("ada@customer.example", courses=[101])

    (row,) = api.get("/api/Courses/101/allLearners").json()

    assert (row["userId"], row["user"]["email"]) == (ada, "ada@customer.example")


# invitations


def test_an_invitation_sends_a_mail_each_time_and_seats_nobody_yet(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    first, second = invite(api, 101), invite(api, 101)

    assert (first.status_code, second.status_code) == (200, 200)
    assert listed(api, 101) == []
    assert sim.snapshot()["effects"]["invitation_mails"] == {"101": {ADA["email"]: 2}}
    (invitation,) = sim.snapshot()["invitations"]
    assert (invitation["mails"], invitation["accepted"]) == (2, False)


def test_an_accepted_invitation_makes_account_and_seat(
    sim: RunningSimulator, api: httpx.Client
) -> None:
    invite(api, 101)

    assert sim.accept_invitation(101, ADA["email"]) is True
    assert sim.accept_invitation(102, ADA["email"]) is False

    assert listed(api, 101) == [ADA["email"]]
    assert sim.snapshot()["invitations"][0]["accepted"] is True


def test_invited_people_can_be_listed_at_once(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, invited="listed")

    invite(api, 101)
    invite(api, 101)

    assert listed(api, 101) == [ADA["email"]]


@pytest.mark.parametrize(
    ("course", "changes", "status"),
    [
        pytest.param("101", {}, 400, id="course id is text"),
        pytest.param(101, {"courseid": "101"}, 400, id="inner course id is text"),
        pytest.param(101, {"courseid": 102}, 400, id="two courses"),
        pytest.param(999, {}, 404, id="no such course"),
        pytest.param(101, {"email": "ada"}, 422, id="not an e-mail"),
    ],
)
def test_an_invitation_is_refused(
    sim: RunningSimulator,
    api: httpx.Client,
    course: object,
    changes: dict[str, object],
    status: int,
) -> None:
    assert refusal(invite(api, course, **changes))[0] == status
    assert sim.snapshot()["invitations"] == []


# courses


def test_courses_are_listed_all_or_only_mine(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, courses={201: "Ladders", 202: "Lifting"}, administered=[202])

    mine = api.get("/api/Courses/findCourses", params={"pageOptions": json.dumps({"my": True})})

    assert [(each["id"], each["title"]) for each in mine.json()] == [(202, "Lifting")]
    assert [each["id"] for each in api.get("/api/Courses/findCourses").json()] == [201, 202]


def test_a_course_its_content_and_its_administrators_are_shown(api: httpx.Client) -> None:
    course = api.get("/api/Courses/findCourse?id=101").json()
    activity = api.get(f"/api/Activities/{course['activities'][0]['id']}").json()
    params = {"params": json.dumps({"all": True, "ids": "101"})}
    admins = api.get("/api/WineUsers/getUserForMentio", params=params).json()

    assert (course["id"], course["title"]) == (101, "Safety Basics")
    assert (activity["courseId"], activity["title"]) == (101, "Safety Basics, part 1")
    assert [each["email"] for each in admins] == ["api@coursebox.example"]


# replies and bodies


def test_replies_can_be_wrapped(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, replies="wrapped")

    assert create(api).json()["data"]["email"] == ADA["email"]
    assert api.get("/api/Courses/101/allLearners").json() == {"data": []}


def test_writes_can_answer_nothing(sim: RunningSimulator, api: httpx.Client) -> None:
    set_switches(sim, api, replies="empty")

    made = create(api)

    assert (made.status_code, made.content) == (204, b"")
    assert api.get("/api/WineUsers/1001").json()["email"] == ADA["email"]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"data": ', 400),
        ("application/json", b"[1]", 400),
        ("application/json", b'{"data": NaN}', 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[" * 100_000, 400),
        ("text/plain", b'{"data": {"user": {}}}', 400),
        ("application/json", b"", 400),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    api: httpx.Client, content_type: str, body: bytes, status: int
) -> None:
    refused = api.post(
        "/api/wineusers/createAccount", content=body, headers={"Content-Type": content_type}
    )

    assert refusal(refused)[0] == status


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH"])
def test_other_methods_have_no_route(api: httpx.Client, method: str) -> None:
    assert api.request(method, "/api/Courses/findCourses").status_code == 404

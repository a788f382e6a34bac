"""The log-in: of the API user, and of everybody whose account has a password."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from coursebox.simulator import errors
from coursebox.simulator.arguments import Call, text_of
from coursebox.simulator.errors import ApiError
from coursebox.simulator.shown import TOKEN_REPLIES
from coursebox.simulator.state import User, World, iso
from coursebox.simulator.switches import DuplicateAccount, LearnerLogin


def login(call: Call) -> object:
    email, password = text_of(call.body, "email"), text_of(call.body, "password")
    if not email:
        raise ApiError(400, "username or email is required", code="USERNAME_EMAIL_REQUIRED")
    user = _who(call.world, email, password)
    call.world.access.came_in(user.id, user.email)
    token = call.world.issue_token(user.id)
    shown = {
        "id": token.id,
        "ttl": int(token.ttl),
        "created": iso(token.created),
        "userId": user.id,
    }
    return TOKEN_REPLIES[call.world.switches.token_reply](shown)


def _who(world: World, email: str, password: str) -> User:
    strict = world.switches.duplicate_account is DuplicateAccount.CASE_SENSITIVE
    user = world.user_by_email(email, case_matters=strict)
    if user is None:
        raise errors.login_failed()
    try:
        _check(world, user, password)
    except ApiError:
        world.access.kept_out(user.id, user.email, world.switches.failed_logins)
        raise
    return user


def _check(world: World, user: User, password: str) -> None:
    if not world.access.is_password(user.id, password):
        raise errors.login_failed()
    if user.id != world.api_user_id:
        LEARNER_LOGINS[world.switches.learner_login](user)
    elif world.access.locked:
        raise errors.login_failed()


def _let_in(_: User) -> None:
    """The token is good, but its user administers nothing: every other call refuses it."""


def _unverified(user: User) -> None:
    raise errors.email_not_verified(user.id)


def _refused(_: User) -> None:
    raise errors.login_failed()


LEARNER_LOGINS: Mapping[LearnerLogin, Callable[[User], None]] = MappingProxyType(
    {
        LearnerLogin.ALLOWED: _let_in,
        LearnerLogin.UNVERIFIED: _unverified,
        LearnerLogin.REFUSED: _refused,
    }
)

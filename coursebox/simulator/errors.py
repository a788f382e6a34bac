"""What the API refuses, and how each error profile writes it down."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType

from coursebox.simulator.switches import Profile


class ApiError(Exception):
    """A refusal as the API words it; `name`, `code` and `details` go into the error body.

    `loud` is the message of LoopBack 2 where it tells more, `raw` the body that was no JSON,
    `plain` an error of the vendor's own code, which knows of no HTTP status.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        name: str = "Error",
        details: Mapping[str, object] | None = None,
        loud: str | None = None,
        raw: str | None = None,
        plain: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.name = name
        self.details = details
        self.loud = loud
        self.raw = raw
        self.plain = plain


def invalid_token() -> ApiError:
    return ApiError(401, "Invalid Access Token", code="INVALID_TOKEN")


def authorization_required() -> ApiError:
    return ApiError(401, "Authorization Required", code="AUTHORIZATION_REQUIRED")


def login_failed() -> ApiError:
    return ApiError(401, "login failed", code="LOGIN_FAILED")


def email_not_verified(user_id: object) -> ApiError:
    return ApiError(
        401,
        "login failed as the email has not been verified",
        code="LOGIN_FAILED_EMAIL_NOT_VERIFIED",
        details={"userId": user_id},
    )


def not_found(model: str, record_id: object) -> ApiError:
    return ApiError(404, f'Unknown "{model}" id "{record_id}".', code="MODEL_NOT_FOUND")


def required(argument: str) -> ApiError:
    return ApiError(400, f"{argument} is a required argument")


def no_such_route(method: str, target: str) -> ApiError:
    return ApiError(404, f"There is no method to handle {method} {target}")


def unreadable(message: str, raw: bytes) -> ApiError:
    return ApiError(400, message, name="SyntaxError", raw=raw.decode("utf-8", "replace"))


def password_too_long(password: str, longest: int) -> ApiError:
    return ApiError(
        422,
        f"The password entered was too long. Max length is {longest}",
        code="PASSWORD_TOO_LONG",
        loud=f"Password too long: {password}",
    )


def hidden(reason: str) -> ApiError:
    """A plain error in the vendor's code: LoopBack 3 keeps its reason from the caller."""
    return ApiError(500, "Internal Server Error", loud=reason, plain=True)


def invalid_user(field: str, rule: str, sentence: str) -> ApiError:
    return ApiError(
        422,
        f"The `WineUser` instance is not valid. Details: `{field}` {sentence}.",
        name="ValidationError",
        details={"context": "WineUser", "codes": {field: [rule]}, "messages": {field: [sentence]}},
    )


def phrase(status: int) -> str:
    """The words that belong to an HTTP status; "Simulated" for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Simulated"


def _lb3(error: ApiError) -> dict[str, object]:
    # 5xx bodies are stripped: https://github.com/strongloop/strong-error-handler#readme
    if error.status >= 500:
        return {"error": {"statusCode": error.status, "message": phrase(error.status)}}
    body: dict[str, object] = {
        "statusCode": error.status,
        "name": error.name,
        "message": error.message,
    }
    return {"error": {**body, **_extras(error)}}


def _lb2(error: ApiError) -> dict[str, object]:
    # Every property of the error is copied, and the stack where NODE_ENV is not "production":
    # https://github.com/strongloop/strong-remoting/blob/2.x/lib/rest-adapter.js
    message = error.loud or error.message
    body: dict[str, object] = {"name": error.name, "status": error.status, "message": message}
    if not error.plain:
        body["statusCode"] = error.status
    if error.raw is not None:
        body["body"] = error.raw
    stack = f"{error.name}: {message}\n    at /srv/coursebox/common/models/wine-user.js"
    return {"error": {**body, **_extras(error), "stack": stack}}


def _extras(error: ApiError) -> dict[str, object]:
    given = {"code": error.code, "details": error.details}
    return {key: value for key, value in given.items() if value is not None}


ERROR_BODIES: Mapping[Profile, Callable[[ApiError], dict[str, object]]] = MappingProxyType(
    {Profile.LB3: _lb3, Profile.LB2: _lb2}
)

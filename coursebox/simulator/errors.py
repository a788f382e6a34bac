"""What the API refuses, and how each error profile writes it down."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from coursebox.simulator.switches import Profile


class ApiError(Exception):
    """A refusal as the API words it; `name`, `code` and `details` go into the error body."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        name: str = "Error",
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.name = name
        self.details = details


def invalid_token() -> ApiError:
    return ApiError(401, "Invalid Access Token", code="INVALID_TOKEN")


def authorization_required() -> ApiError:
    return ApiError(401, "Authorization Required", code="AUTHORIZATION_REQUIRED")


def login_failed() -> ApiError:
    return ApiError(401, "login failed", code="LOGIN_FAILED")


def not_found(model: str, record_id: object) -> ApiError:
    return ApiError(404, f'Unknown "{model}" id "{record_id}".', code="MODEL_NOT_FOUND")


def required(argument: str) -> ApiError:
    return ApiError(400, f"{argument} is a required argument")


def no_such_route(method: str, target: str) -> ApiError:
    return ApiError(404, f"There is no method to handle {method} {target}")


def hidden() -> ApiError:
    """A plain error in the vendor's code: its message is kept from the caller."""
    return ApiError(500, "Internal Server Error")


def invalid_user(field: str, rule: str, sentence: str) -> ApiError:
    return ApiError(
        422,
        f"The `WineUser` instance is not valid. Details: `{field}` {sentence}.",
        name="ValidationError",
        details={"context": "WineUser", "codes": {field: [rule]}, "messages": {field: [sentence]}},
    )


def _lb3(error: ApiError) -> dict[str, object]:
    # 5xx bodies are stripped: https://github.com/strongloop/strong-error-handler#readme
    if error.status >= 500:
        return {"error": {"statusCode": error.status, "message": error.message}}
    body: dict[str, object] = {
        "statusCode": error.status,
        "name": error.name,
        "message": error.message,
    }
    if error.code is not None:
        body["code"] = error.code
    if error.details is not None:
        body["details"] = error.details
    return {"error": body}


ERROR_BODIES: Mapping[Profile, Callable[[ApiError], dict[str, object]]] = MappingProxyType(
    {Profile.LB3: _lb3}
)

"""The settings of one Coursebox account; the same for `default` and for every further one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr

from coursebox.ids import IdType
from coursebox.policy import FirstUse, Policy
from workers.setting_values import A_YEAR, GuardedAttributes, Length, PortalAddress, lower, setting

_POLICY: Final = Policy()
_FLAG: Final = "must be true or false"


class PortalFields(BaseModel):
    """What is told of one account. No address, or no log-in: there is no such portal here."""

    model_config = ConfigDict(
        alias_generator=str.upper, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    coursebox_url: PortalAddress | None = setting(
        None,
        "The Coursebox portal that learners are seated in.",
        "must be https:// and a host, without path, user or query (http:// only on this machine)",
    )
    coursebox_email: str | None = setting(
        None,
        "The e-mail address Usher logs in to Coursebox with.",
        "must be an e-mail address",
        pattern=r"^[^@\s]+@[^@\s]+$",
    )
    coursebox_password: SecretStr | None = setting(
        None, "The password Usher logs in to Coursebox with.", "may be any text"
    )
    coursebox_rate: float = setting(
        _POLICY.rate,
        "How many requests a second the portal is sent at most, by all workers together.",
        "must be a number from 0.1 to 1000",
        ge=0.1,
        le=1000,
        allow_inf_nan=False,
    )
    coursebox_concurrency: int = setting(
        _POLICY.concurrency,
        "How many requests are under way to the portal at most, of all workers together.",
        "must be a whole number from 1 to 256",
        ge=1,
        le=256,
    )
    coursebox_id_type: Annotated[IdType, BeforeValidator(lower)] = setting(
        _POLICY.id_type,
        "How ids are sent: int (numbers), string (texts), or auto (numbers where they are digits).",
        "must be auto, int or string",
    )
    coursebox_sweep_courses: int = setting(
        _POLICY.sweep_courses,
        "How many courses one try looks through to find who has an e-mail address.",
        "must be a whole number from 1 to 10000",
        ge=1,
        le=10_000,
    )
    coursebox_sweep_age: Length = setting(
        _POLICY.sweep_age,
        "For how long a course that was looked through is not looked through again.",
        "must be a length of time such as 10 min or 1 h (at most 365 days)",
        gt=0,
        le=A_YEAR,
    )
    coursebox_invite_again_after: Length = setting(
        _POLICY.invite_again_after,
        "For how long nobody is invited to the same course again: each time may be a mail.",
        "must be a length of time such as 12 h or 3 days (at most 365 days)",
        gt=0,
        le=A_YEAR,
    )
    coursebox_open_attributes: GuardedAttributes = setting(
        (),
        "Guarded attributes of users that rules may change, such as organisationCode. They are "
        "about rights, money and identity.",
        "must be a list of guarded attributes such as organisationCode, customerId; "
        "docs/coursebox.md names all of them",
    )
    coursebox_first_use: Annotated[FirstUse, BeforeValidator(lower)] = setting(
        _POLICY.first_use,
        "guarded: nobody is removed or changed in a portal before `usher coursebox check` or "
        "`usher coursebox confirm`. confirmed: it is known what this portal does.",
        "must be guarded or confirmed",
    )
    coursebox_unenrol_brake: bool = setting(
        _POLICY.unenrol_brake,
        "Whether a course is read again after a removal: if more than one learner is gone, "
        "removals are put on hold.",
        _FLAG,
    )
    coursebox_hidden_duplicates: bool = setting(
        _POLICY.hidden_duplicates,
        "Whether the portal is known to hide that an address has an account in an answer 500.",
        _FLAG,
    )
    coursebox_id_by_login: bool = setting(
        _POLICY.id_by_login,
        "Whether Usher may log in once to an account it has just made, to learn its id.",
        _FLAG,
    )

    @property
    def policy(self) -> Policy:
        """What the client and the actions go by."""
        return Policy(
            rate=self.coursebox_rate,
            concurrency=self.coursebox_concurrency,
            id_type=self.coursebox_id_type,
            sweep_courses=self.coursebox_sweep_courses,
            sweep_age=self.coursebox_sweep_age,
            invite_again_after=self.coursebox_invite_again_after,
            open_attributes=frozenset(self.coursebox_open_attributes),
            first_use=self.coursebox_first_use,
            unenrol_brake=self.coursebox_unenrol_brake,
            hidden_duplicates=self.coursebox_hidden_duplicates,
            id_by_login=self.coursebox_id_by_login,
        )


# a field's own variable -> its field
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {name.upper(): name for name in PortalFields.model_fields}
)
# those that are shown as a length of time
LENGTHS: Final = frozenset({"coursebox_sweep_age", "coursebox_invite_again_after"})

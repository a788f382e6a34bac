"""`usher coursebox`: what the portal itself says and does."""

from typing import Final

import click

from usher.coursebox_check_command import check
from usher.coursebox_confirm_command import confirm
from usher.coursebox_people import learners, user
from usher.coursebox_reads import activity, admins, course, courses


@click.group()
def coursebox() -> None:
    """Look into a Coursebox portal, and check what it does.

    COURSE is the id of a course or a link to it. Only `check --course` changes anything there.
    """


COMMANDS: Final = (check, confirm, courses, course, learners, admins, user, activity)

for command in COMMANDS:
    coursebox.add_command(command)

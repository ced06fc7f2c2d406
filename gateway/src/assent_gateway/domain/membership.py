"""Who may be what in a study."""

from typing import Literal

MemberRole = Literal["owner", "steward", "researcher", "coder", "analyst", "viewer"]


def leaves_no_owner(roles: dict[str, str], principal: str, *, becomes: str | None) -> bool:
    """Whether this change would leave the study without an owner. `roles` is {principal: role}; `becomes` None means removed."""
    owners = {member for member, role in roles.items() if role == "owner"}
    return owners == {principal} and becomes != "owner"

"""What a plan may say."""

import re
from collections.abc import Mapping, Sequence

from django.conf import settings

from kernel.errors import InvalidParameter
from kernel.text import visible_line
from tenants import plan_limits
from tenants.plan_limits import Grace, Limit

MAX_CODE = 40
MAX_NAME = 80
MAX_POINTS = 1_000_000
MAX_WINDOW = 31 * 86_400
MAX_COUNTED = 1_000_000
# Messages, bytes.
MAX_USED = 2**60
# What a plan counts: its fields have the limits' names.
SEATS = ("max_members", "max_agents", "max_api_keys", "max_bots")
USED = tuple(limit.value for limit in Limit if limit not in plan_limits.SEATS)
COUNTED = (*SEATS, *USED)
_CODE = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_RANGES = {"points": (0, MAX_POINTS), "duration_seconds": (1, MAX_WINDOW)}


def plan_code(code: object) -> str:
    """A plan's code; raises InvalidParameter."""
    is_text = isinstance(code, str) and len(code) <= MAX_CODE
    if not is_text or not _CODE.fullmatch(str(code)):
        raise _refused("code", "Use lower-case letters, digits and hyphens, such as team-20.")
    return str(code)


def plan_name(name: object) -> str:
    """A plan's name in one line; raises InvalidParameter."""
    line = visible_line(name)
    if line is None or len(line) > MAX_NAME:
        raise _refused("name", f"Use a name of 1 to {MAX_NAME} visible characters.")
    return line


def counted(field: str, number: object) -> int | None:
    """How many of something a plan allows, or None; raises InvalidParameter."""
    most = MAX_USED if field in USED else MAX_COUNTED
    if number is None or _is_whole(number, 0, most):
        return number  # type: ignore[return-value]  # just checked
    raise _refused(field, f"Use a whole number from 0 to {most}, or nothing.")


def hard_limits(given: object) -> list[str]:
    """The limits of use that refuse, each once; raises InvalidParameter."""
    if not isinstance(given, Sequence) or isinstance(given, str) or not set(given) <= set(USED):
        raise _refused("hard_limits", f"Use a list of {', '.join(USED)}.")
    return sorted(set(given))


def grace(given: object) -> str:
    """How far beyond a hard limit customers are served; raises InvalidParameter."""
    if given not in list(Grace):
        raise _refused("grace", f"Use {', '.join(Grace)}.")
    return str(given)


def limit_name(given: object) -> Limit:
    """A limit by its name; raises InvalidParameter."""
    if given not in list(Limit):
        raise _refused("limit", f"The limits are {', '.join(Limit)}.")
    return Limit(str(given))


def rate_limits(given: object) -> dict[str, dict[str, int]]:
    """Limits by bucket, each with its points and seconds; raises InvalidParameter."""
    if not isinstance(given, Mapping):
        raise _refused("rate_limits", "Use an object of buckets.")
    checked: dict[str, dict[str, int]] = {}
    for bucket, limit in given.items():
        if bucket not in settings.RATE_LIMITS:
            known = ", ".join(sorted(settings.RATE_LIMITS))
            raise _refused("rate_limits", f"The buckets are {known}.")
        if not isinstance(limit, Mapping) or set(limit) != set(_RANGES):
            raise _refused("rate_limits", f"{bucket}: Say points and duration_seconds.")
        for name, (least, most) in _RANGES.items():
            if not _is_whole(limit[name], least, most):
                raise _refused(
                    "rate_limits", f"{bucket}.{name}: Use a whole number from {least} to {most}."
                )
        checked[bucket] = {name: limit[name] for name in _RANGES}
    return checked


def _is_whole(number: object, least: int, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and least <= number <= most


def _refused(field: str, sentence: str) -> InvalidParameter:
    return InvalidParameter(f"{field}: {sentence}", details={field: [sentence]})

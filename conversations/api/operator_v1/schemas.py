"""What the v1 admin calls take and answer beside objects, and how they spell statuses."""

from types import MappingProxyType

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from conversations.models import OPEN_STATUSES, Status
from kernel.errors import InvalidParameter

TAGS = ["v1 admin"]
STATUS = OpenApiParameter(
    "status", str, enum=["open", "closed", "blocked", "all"], description="`all` without it."
)
SEARCH = OpenApiParameter(
    "q",
    str,
    description="Words of a codename, a customer's name or a note, or parts of them; or an id.",
)
CSV_FILE = {(200, "text/csv"): OpenApiTypes.STR}
NONE_OF_THEM = {200: OpenApiResponse({"type": "array", "items": {}, "maxItems": 0})}
NO_MORE = {410: OpenApiResponse(description="It has been taken away for good.")}
# `all` is None: no condition at all.
_STATUSES = MappingProxyType(
    {
        "open": OPEN_STATUSES,
        "closed": (Status.CLOSED,),
        "blocked": (Status.BLOCKED,),
        "all": None,
    }
)


def read_status(word: str) -> tuple[Status, ...] | None:
    """The statuses that a word stands for, None for every one; raises InvalidParameter."""
    try:
        return _STATUSES[word.lower()]
    except KeyError:
        sentence = f"Use one of {', '.join(_STATUSES)}."
        raise InvalidParameter(f"status: {sentence}", details={"status": [sentence]}) from None

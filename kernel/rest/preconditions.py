"""Two people who edit one thing: the second one learns that it has changed meanwhile."""

import hashlib

from rest_framework.request import Request

from kernel.errors import PreconditionFailed
from kernel.rest.answers import encode_ordered


def etag_of(shown: object) -> str:
    """The version of a thing, from what is shown of it."""
    return f'"{hashlib.sha256(encode_ordered(shown)).hexdigest()[:32]}"'


def require_match(request: Request, etag: str) -> None:
    """Raises PreconditionFailed when `If-Match` names another version; without it, all is well."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if etag not in [tag.strip() for tag in wanted.split(",")]:
        raise PreconditionFailed()

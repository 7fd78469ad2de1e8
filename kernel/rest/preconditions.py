"""Two people who edit one thing: the second one learns that it has changed meanwhile."""

import hashlib
import json

from rest_framework.request import Request

from kernel.errors import PreconditionFailed


def etag_of(shown: object) -> str:
    """The version of a thing, from what is shown of it."""
    content = json.dumps(shown, sort_keys=True, default=str, ensure_ascii=True)
    return f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"'


def require_match(request: Request, etag: str) -> None:
    """Raises PreconditionFailed when `If-Match` names another version; without it, all is well."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*":
        return
    if etag not in [tag.strip() for tag in wanted.split(",")]:
        raise PreconditionFailed()

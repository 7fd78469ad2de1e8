"""One post for several messages of a customer, where the group's budget is short.

People write in bursts, and a group allows about twenty posts a minute. While there is room, each
message has a post of its own at once. Once half of the budget is spent, a message that had to wait
takes along what its customer has written meanwhile: in order, each under its label, as many as one
post can hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import msgspec
from django.utils import timezone

from channels_telegram import texts
from channels_telegram.api_errors import Refused
from channels_telegram.channels import find_spender
from channels_telegram.outgoing import kinds, rate_limit
from channels_telegram.outgoing.kinds import TopicPost
from kernel.text import utf16_length
from outbox import selectors as outbox_selectors
from outbox.errors import DeliveryError
from outbox.models import OutboxItem
from tenants.scope import tenant_scope

# A message that leaves sooner has not waited: nothing is asked for its sake.
_WAITED = timedelta(seconds=1)
_BETWEEN = "\n"
_REFUSED_TOGETHER = "refused together with what came next"


@dataclass(frozen=True, slots=True)
class JoinedPost:
    """A text for one post: that of an item, and of those that it takes along."""

    text: str
    bold: Sequence[range]
    quoted: Sequence[range]
    # The customer's messages that the agents have whole after it.
    completes: Sequence[kinds.CompletedMessage]
    taken_along: Sequence[OutboxItem]


def join(item: OutboxItem, payload: TopicPost) -> JoinedPost:
    """The post for an item, with what waits behind it where that is joined."""
    posts, taken_along = [payload], []
    for behind, post in _waiting_behind(item, payload):
        if not _fits([*posts, post]):
            break
        posts.append(post)
        taken_along.append(behind)
    return _joined(posts, taken_along)


def _joined(posts: Sequence[TopicPost], taken_along: Sequence[OutboxItem]) -> JoinedPost:
    bold, quoted, offset = [], [], 0
    for post in posts:
        if post.bold_units:
            bold.append(range(offset, offset + post.bold_units))
        end = offset + utf16_length(post.text)
        if post.quoted_units:
            quoted.append(range(end - post.quoted_units, end))
        offset = end + utf16_length(_BETWEEN)
    return JoinedPost(
        text=_BETWEEN.join(post.text for post in posts),
        bold=bold,
        quoted=quoted,
        completes=[post.completes for post in posts if post.completes is not None],
        taken_along=taken_along,
    )


def refused_together(error: Refused) -> DeliveryError:
    """One of them may be what Telegram never takes: the next attempt takes none along.

    An attempt of its own, since the group's budget may have no room for two calls.
    """
    return DeliveryError(f"{_REFUSED_TOGETHER}: {error}", retry_after_seconds=0)


def _fits(posts: Sequence[TopicPost]) -> bool:
    return utf16_length(_BETWEEN.join(post.text for post in posts)) <= texts.MAX_POST


def _waiting_behind(item: OutboxItem, payload: TopicPost) -> list[tuple[OutboxItem, TopicPost]]:
    """The customer's whole messages that come next in the topic, when they are to be joined."""
    is_message = payload.completes is not None and payload.keyboard is None
    is_early = timezone.now() - item.created_at < _WAITED
    if not is_message or is_early or item.last_error.startswith(_REFUSED_TOGETHER):
        return []
    with tenant_scope(item.tenant_id) as tenant:
        channel = find_spender(tenant=tenant, outbox_channel=item.channel)
        if channel is None or not rate_limit.is_short(channel):
            return []
        behind = outbox_selectors.list_behind(tenant=tenant, item=item)
    found = []
    for waiting in behind:
        post = _whole_message(waiting, payload.conversation)
        if post is None:
            break
        found.append((waiting, post))
    return found


def _whole_message(item: OutboxItem, conversation_id: UUID) -> TopicPost | None:
    """A post that begins with its customer's label and is complete; None for any other item."""
    if item.kind != kinds.POST.name:
        return None
    try:
        post = msgspec.convert(item.payload, TopicPost)
    except msgspec.ValidationError:
        # Its own attempt says what is wrong with it.
        return None
    is_whole = post.completes is not None and post.bold_units > 0
    is_plain = post.keyboard is None and not post.is_pinned
    return post if is_whole and is_plain and post.conversation == conversation_id else None

"""A conversation's visitor as the v2 admin calls show them."""

from typing import Annotated

from msgspec import Meta

from conversations.identity.models import Person
from conversations.models import Conversation
from conversations.visitors import wording
from conversations.visitors.selectors import find_visitor
from kernel.clock import iso_ms, now_ms
from kernel.rest.answers import Answer, Moment


class PersonJson(Answer, frozen=True, kw_only=True):
    """A customer by the word of the tenant's own server."""

    subject: Annotated[str, Meta(description="`sub` of the identity token.")]
    name: str | None
    email: str | None
    phone: str | None
    attributes: dict[str, str | int | float | bool]

    @classmethod
    def of(cls, person: Person) -> "PersonJson":
        """As of their newest identity token."""
        return cls(
            subject=person.subject,
            name=person.name or None,
            email=person.email or None,
            phone=person.phone or None,
            attributes=person.attributes,
        )


class VisitorJson(Answer, frozen=True, kw_only=True):
    """Where a conversation's customer is on the website, and what the page says about them."""

    page: Annotated[
        str | None,
        Meta(description="The last one seen, without what follows `?` unless the tenant keeps it."),
    ]
    page_at: Annotated[Moment, Meta(description="When they came to it.")]
    first_page: Annotated[str | None, Meta(description="Where the first session began.")]
    referrer: Annotated[str | None, Meta(description="What led there.")]
    device: Annotated[
        str, Meta(description="In words, such as `Firefox on Linux`; empty where not known.")
    ]
    language: Annotated[str | None, Meta(description="In words, such as `Brazilian Portuguese`.")]
    time_zone: Annotated[str | None, Meta(description="Such as `Europe/Riga`.")]
    local_time: Annotated[str | None, Meta(description="At the time of this answer.")]
    attributes: Annotated[
        dict[str, str | int | float | bool],
        Meta(description="As the page has passed them. Anybody can: they prove nothing."),
    ]
    ip_address: Annotated[
        str | None, Meta(description="Only where the tenant keeps it (`visitors.ipAddress`).")
    ]

    person: Annotated[
        PersonJson | None, Meta(description="Null: no identity token has named them.")
    ]

    @classmethod
    def of(cls, conversation: Conversation) -> "VisitorJson | None":
        """What is stored about the customer; None where no session has told anything."""
        visitor = find_visitor(conversation=conversation)
        if visitor is None:
            return None
        return cls(
            page=visitor.page or None,
            page_at=iso_ms(visitor.page_at),
            first_page=visitor.first_page or None,
            referrer=visitor.referrer or None,
            device=visitor.device,
            language=wording.language_in_words(conversation.locale) or None,
            time_zone=visitor.time_zone or None,
            local_time=wording.local_time(visitor.time_zone, now_ms()) or None,
            attributes=visitor.attributes,
            ip_address=visitor.ip_address,
            person=None if visitor.person is None else PersonJson.of(visitor.person),
        )

"""What the bot is in its group, what follows from that, and what a person has to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Q

from channels_telegram.api_errors import NotAForum
from channels_telegram.models import TelegramChannel
from channels_telegram.updates import ChatMember

_GONE = ("left", "kicked")
_PLAIN = ("member", "restricted")

# What the bot needs, and what does not work without it.
RIGHTS = {
    "can_manage_topics": ("manage topics", "new customers do not reach the group"),
    "can_pin_messages": ("pin messages", "reminders are not pinned"),
    "can_delete_messages": ("delete messages", "topics of deleted conversations stay"),
}
MAKE_ADMIN = (
    "Make it an administrator of the group who may manage topics, pin messages and delete messages."
)
NO_TOPICS = f"The group has no topics. {NotAForum.advice}"


@dataclass(frozen=True, slots=True)
class Standing:
    """The bot in its group. `status` is Telegram's word, empty while nothing is known.

    `missing` are rights that an administrator lacks; `hears_all` and `has_topics` are None while
    they are not known.
    """

    status: str = ""
    missing: tuple[str, ...] = ()
    may_write: bool = True
    hears_all: bool | None = None
    has_topics: bool | None = None

    @classmethod
    def of(cls, channel: TelegramChannel) -> Standing:
        """What is stored."""
        return cls(
            status=channel.bot_status,
            missing=tuple(channel.missing_rights),
            may_write=channel.may_write,
            hears_all=channel.hears_all,
            has_topics=channel.has_topics,
        )

    def with_member(self, member: ChatMember) -> Standing:
        """This, with another membership."""
        status = "left" if not member.is_member else member.status
        is_admin = status == "administrator"
        return replace(
            self,
            status=status[:16],
            missing=tuple(right for right in RIGHTS if is_admin and not getattr(member, right)),
            may_write=status != "restricted" or member.can_send_messages,
        )

    @property
    def is_gone(self) -> bool:
        """Whether the bot is not in the group."""
        return self.status in _GONE

    @property
    def is_held(self) -> bool:
        """Whether nothing may be posted: it would be refused, or seen by all unsorted."""
        return self.is_gone or not self.may_write or self.has_topics is False

    @property
    def may_manage_topics(self) -> bool:
        """Whether the bot can make topics, as far as is known."""
        return self.status not in (*_GONE, *_PLAIN) and "can_manage_topics" not in self.missing

    @property
    def may_serve(self) -> bool:
        """Whether the bot can show conversations, if the group has topics."""
        return self.may_write and self.may_manage_topics

    @property
    def problem(self) -> str | None:
        """What does not work, and what a person has to do; None when all is well."""
        return self.membership_problem or (NO_TOPICS if self.has_topics is False else None)

    @property
    def membership_problem(self) -> str | None:
        """The same, of the bot alone."""
        if self.status == "kicked":
            return f"The bot was removed from the group. Add it again. {MAKE_ADMIN}"
        if self.status == "left":
            elsewhere = "If it is there, the group id is another group's: check it."
            return f"The bot is not in the group. Add it. {MAKE_ADMIN} {elsewhere}"
        if not self.may_write:
            return f"The bot may not write in the group. {MAKE_ADMIN}"
        if self.status in _PLAIN:
            deaf = "" if self.hears_all else ", and agents' answers do not reach customers"
            return f"The bot is a plain member: it cannot make topics{deaf}. {MAKE_ADMIN}"
        return self._missing_rights(self.missing)

    @property
    def rights_problem(self) -> str | None:
        """What is wrong but for the right to delete, which is a matter of its own."""
        if self.status == "administrator":
            return self._missing_rights(
                tuple(right for right in self.missing if right != "can_delete_messages")
            )
        return self.membership_problem

    @property
    def deleting_problem(self) -> str | None:
        """Why topics of deleted conversations stay."""
        if self.status == "administrator":
            return self._missing_rights(
                tuple(right for right in self.missing if right == "can_delete_messages")
            )
        return self.membership_problem

    @staticmethod
    def _missing_rights(missing: tuple[str, ...]) -> str | None:
        named = [RIGHTS[right] for right in missing if right in RIGHTS]
        if not named:
            return None
        rights = _listed([right for right, _ in named])
        effects = _listed([effect for _, effect in named])
        return (
            f"The bot may not {rights}: {effects}. Give it "
            f"{'this right' if len(named) == 1 else 'these rights'} in the group's list of "
            "administrators."
        )


# Which stored channels have a problem, for lists.
TROUBLED = (
    Q(bot_status__in=[*_GONE, *_PLAIN])
    | Q(may_write=False)
    | Q(has_topics=False)
    | (Q(bot_status="administrator") & ~Q(missing_rights=[]))
)


def _listed(parts: list[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"

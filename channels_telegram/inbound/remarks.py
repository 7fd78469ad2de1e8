"""What agents write to each other in a topic: it begins with the tenant's prefix."""

import unicodedata

from channels_telegram.channels import DecryptedChannel
from channels_telegram.inbound import unsent
from channels_telegram.inbound.situation import InTopic
from channels_telegram.inbound.unsent import Reason
from channels_telegram.models import UnsentMessage
from channels_telegram.outgoing import notices
from channels_telegram.setting_keys import REMARK_PREFIX
from channels_telegram.updates import Message
from conversations import services
from kernel.text import from_first_visible
from tenants.models import Tenant


def remark_in(tenant: Tenant, message: Message) -> str | None:
    """The words behind the prefix; empty where nothing follows, None where it does not begin so.

    Like a command, a remark is one behind blanks and invisible characters, too; and keyboards of
    Chinese, Japanese and Korean write the prefix in characters of full width.
    """
    words = from_first_visible(message.words)
    prefix: str = tenant.setting(REMARK_PREFIX)
    begins, rest = words[: len(prefix)], words[len(prefix) :]
    return rest.strip() if _in_usual_width(begins) == _in_usual_width(prefix) else None


def _in_usual_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def keep(
    situation: InTopic,
    channel: DecryptedChannel,
    message: Message,
    text: str,
    noted: UnsentMessage | None = None,
) -> None:
    """Keep a remark, or its new words: `noted` is the note about the message that is edited.

    The other items of its album are for colleagues as well. A command that was done stays one that
    was done: no later edit does it again.
    """
    tenant = situation.tenant
    remark_id = noted.remark_id if noted is not None else None
    is_edited = remark_id is not None and services.edit_remark(
        tenant=tenant, remark_id=remark_id, text=text
    )
    if text and not is_edited:
        remark_id = services.add_remark(
            tenant=tenant,
            conversation_id=situation.conversation.pk,
            agent=situation.agent,
            text=text,
        ).pk
    notices.set_album_aside(tenant, situation.conversation, message)
    was_done = noted is not None and noted.reason == Reason.COMMAND
    reason = Reason.COMMAND if was_done else Reason.REMARK
    unsent.note(tenant, situation.conversation, channel, message, reason, remark_id=remark_id)

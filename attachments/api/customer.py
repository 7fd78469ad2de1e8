"""A customer sends a file."""

from contextlib import AsyncExitStack, closing
from functools import partial
from typing import IO
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from attachments import metrics, services, uploads
from attachments.api.answers import SentFile
from attachments.errors import AttachmentTooLarge
from attachments.places import PLACES
from attachments.services import Allowance, Prepared
from attachments.uploads import Form
from conversations import selectors, validation
from conversations import services as conversations
from conversations.access import Caller, token_scope, verify_for
from conversations.errors import ConversationBlocked
from conversations.models import Direction, Message, Status
from conversations.tokens import TokenClaims
from kernel.body_stream import BodyStream, body_stream_of
from kernel.errors import DomainError, PayloadTooLarge
from kernel.http import bytes_response, counted_network
from kernel.rest.answers import encode
from kernel.service_threads import in_thread_of
from tenants import rate_limits, use_limits
from tenants.plan_limits import Limit
from tenants.rate_limits import Dimension
from tenants.read_only import require_writable


async def upload(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """POST /v2/conversations/{id}/attachments

    The caller is admitted before the body is received. Of a refused one the body is received all
    the same where it is not too long, so that browsers show the answer and no broken connection.
    """
    stream = body_stream_of(request)
    try:
        answer = await _take_in(request, conversation_id, stream)
    except DomainError as error:
        metrics.REFUSED.labels(Direction.INBOUND, error.code).inc()
        await stream.discard()
        raise
    return bytes_response(encode(answer), status=201)


async def _take_in(request: HttpRequest, conversation_id: UUID, stream: BodyStream) -> SentFile:
    caller = Caller.of(request)
    claims, allowance = await in_thread_of(conversation_id, _admit, caller, conversation_id)
    content_type = request.headers.get("Content-Type", "")
    uploads.require_form(content_type)
    with PLACES.one(
        network=counted_network(caller.address),
        tenant_id=claims.tenant_id,
        conversation_id=conversation_id,
    ) as place:
        body = services.temporary_file()
        async with AsyncExitStack() as files:
            files.enter_context(body)
            async with AsyncExitStack() as turn:
                async with place.giving_way(body.tell):
                    size = await _receive(stream, body, allowance)
                    await turn.enter_async_context(uploads.turn_of(claims.tenant_id))
                form = await uploads.in_upload_thread(uploads.read_form, body, content_type, size)
                files.enter_context(closing(form.file))
                body.close()
                prepare = partial(services.prepare, tenant_id=claims.tenant_id)
                prepared = await uploads.in_upload_thread(prepare, form.file, form.name, allowance)
            with closing(prepared.content):
                return await in_thread_of(conversation_id, _keep, claims, form, prepared)


def _admit(caller: Caller, conversation_id: UUID) -> tuple[TokenClaims, Allowance]:
    """Who sends, and what they may; raises before anything of the body is received."""
    claims = verify_for(caller, conversation_id)
    counted = [Dimension("upload", str(conversation_id))]
    network = counted_network(caller.address)
    if network is not None:
        counted.append(Dimension("upload_address", network))
    rate_limits.take(claims.tenant_id, counted)
    with token_scope(claims) as tenant:
        conversation = selectors.get_conversation(tenant=tenant, conversation_id=conversation_id)
        if conversation.status == Status.BLOCKED:
            raise ConversationBlocked(conversation_id=conversation_id)
        require_writable(tenant)
        return claims, Allowance.of(tenant)


async def _receive(stream: BodyStream, body: IO[bytes], allowance: Allowance) -> int:
    try:
        return await stream.read_into(body, allowance.max_bytes + uploads.FORM_BYTES)
    except PayloadTooLarge:
        allowance.require_size(allowance.max_bytes + 1)
        raise AttachmentTooLarge() from None


def _keep(claims: TokenClaims, form: Form, prepared: Prepared) -> SentFile:
    """Store the file, then the message that has it, once for each `client_id`."""
    text = validation.message_text(form.text) if form.text.strip() else ""
    client_id = validation.client_id(form.client_id)
    with token_scope(claims) as tenant:
        earlier = selectors.find_message_of_client(
            tenant=tenant, conversation_id=claims.conversation_id, client_id=client_id
        )
        if earlier is not None:
            return SentFile.of(earlier)
    file = services.store(
        tenant_id=claims.tenant_id, conversation_id=claims.conversation_id, prepared=prepared
    )
    with (
        services.taken_back_when_refused(file),
        use_limits.room_for(claims.tenant_id, Limit.MESSAGES) as room,
        token_scope(claims) as tenant,
    ):
        message: Message = conversations.add_customer_message(
            tenant=tenant,
            conversation_id=claims.conversation_id,
            text=text,
            client_id=client_id,
            files=[services.described(file)],
            room=room,
        )
        services.attach(tenant=tenant, files=[file], message=message)
        return SentFile.of(message)

"""Files, read by a signed address."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from attachments import storage
from attachments.errors import AttachmentNotFound
from attachments.models import StoredFile
from conversations.access import customer_scope
from conversations.attached import FileKind, read_address
from kernel.cacheable import is_held
from kernel.http import address_of, counted_network, network_of
from kernel.long_answer_slots import SLOTS, claims_of
from kernel.rest.streaming import (
    SHORT_BYTES,
    Fetch,
    LongBody,
    fetching,
    hang_up_of,
    long_response,
)
from kernel.service_threads import in_thread
from tenants import rate_limits
from tenants.rate_limits import Dimension

# An erased file is gone from browsers after this, too.
_KEPT = "private, max-age=3600, immutable"
# Whatever a file is, no page: nothing in it runs, and nothing is asked for in its name.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class _Opened:
    file: StoredFile
    beginning: bytes
    fetch: Fetch


async def read(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """GET and HEAD /v2/attachments/{id}?key=…

    The key is the permission: it names the tenant, the file and when it expires, and is bound to
    the conversation.
    """
    opened = await in_thread(_open, request, file_id)
    file = opened.file
    response: HttpResponseBase
    if is_held(request, f'"{file.pk.hex}"'):
        response = HttpResponse(status=304)
    elif request.method == "HEAD":
        response = HttpResponse()
    elif file.bytes <= SHORT_BYTES:
        response = HttpResponse(opened.beginning)
    else:
        network = counted_network(address_of(request))
        slot = await SLOTS.wait_for(claims_of(network, file.tenant_id, file.conversation_id))
        slot.hang_up = hang_up_of(request)
        body = LongBody(opened.beginning, opened.fetch, slot)
        response = long_response(body, content_type=file.media_type)
    _describe(response, file)
    return response


def _open(request: HttpRequest, file_id: UUID) -> _Opened:
    address = read_address(file_id, request.GET.get("key", ""))
    if address is None:
        raise AttachmentNotFound()
    network = network_of(address_of(request))
    rate_limits.take(address.tenant_id, [Dimension("attachment", network)])
    with customer_scope(address.tenant_id) as tenant:
        file = StoredFile.objects.filter(tenant=tenant, pk=file_id, message__isnull=False).first()
    if file is None or not address.is_of(file.conversation_id):
        raise AttachmentNotFound()
    fetch = fetching(storage.pieces(file.key))
    try:
        return _Opened(file, fetch() or b"", fetch)
    except FileNotFoundError:
        # Its bytes are being erased.
        raise AttachmentNotFound(file_id=file_id) from None


def _describe(response: HttpResponseBase, file: StoredFile) -> None:
    """Pictures, which were drawn anew, are shown; everything else is to be saved."""
    is_picture = file.kind == FileKind.IMAGE
    is_text = file.media_type == "text/plain"
    headers = response.headers
    headers["Content-Type"] = "text/plain; charset=utf-8" if is_text else file.media_type
    disposition = content_disposition_header(as_attachment=not is_picture, filename=file.name)
    headers["Content-Disposition"] = disposition or "attachment"
    if response.status_code != 304:
        headers["Content-Length"] = str(file.bytes)
    headers["ETag"] = f'"{file.pk.hex}"'
    headers["Cache-Control"] = _KEPT
    headers["Content-Security-Policy"] = _POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    # Pages of other websites show it, also those that ask for isolation.
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    headers["Referrer-Policy"] = "no-referrer"

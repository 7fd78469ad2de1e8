"""Customers send files: agents see them in the topic, customers in their history."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import requests
from django.conf import settings
from django.core.signing import Signer
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from attachments import erasure, storage
from attachments.models import StoredFile
from attachments.tests import hostile
from attachments.tests.sending import code_of, read, sent, upload
from channels_telegram import texts
from channels_telegram.tests.cases import Case, open_case
from conversations import attached
from conversations.attached import PATH
from conversations.services import erase_customer
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.cast import Desk, setting
from tests.customer import Customer, arrive
from tests.sockets.typed import typed
from tests.stage import Stage

PHOTO = hostile.photo_that_tells()


@pytest.fixture(scope="module")
def case(stage: Stage) -> Case:
    """A customer who has written."""
    return open_case(stage)


def files_of(tenant: Tenant, conversation_id: str) -> list[StoredFile]:
    """What is stored of a conversation."""
    with tenant_scope(tenant.pk):
        return list(StoredFile.objects.filter(tenant=tenant, conversation=UUID(conversation_id)))


def on_disk(tenant: Tenant) -> set[str]:
    """The files of a tenant that are there."""
    return {path.name for path in (Path(settings.ATTACHMENTS_DIR) / str(tenant.pk)).glob("*")}


def test_agents_see_the_picture_with_its_caption(case: Case) -> None:
    message = sent(case.customer, PHOTO, "IMG_1.jpg", text="My parcel")
    posted = case.told("My parcel")
    assert (posted.kind, posted.text) == ("photo", f"{case.label}My parcel")
    assert posted.entities[0]["type"] == "bold"
    content = case.stage.group.content_of(posted)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.size == (48, 64) and not picture.getexif()
    [attachment] = message["attachments"]
    assert {**attachment, "id": "", "url": "", "bytes": 0} == {
        "id": "",
        "name": "IMG_1.jpg",
        "kind": "image",
        "bytes": 0,
        "width": 48,
        "height": 64,
        "url": "",
    }
    assert len(content) == attachment["bytes"]


def test_a_document_goes_as_a_document_and_long_words_follow_it(case: Case) -> None:
    words = "word " * 300
    sent(case.customer, b"%PDF-1.7\n", "../Größe.pdf", text=words)
    posted = case.told("word word")
    before = case.stage.group.messages(case.thread_id)[-2]
    assert (before.kind, before.content["document"]["file_name"]) == ("document", "Größe.pdf")
    assert (before.text, posted.text) == (case.label.strip(), f"{case.label}{words.strip()}")


def test_the_history_has_the_file_for_every_client(case: Case) -> None:
    message = sent(case.customer, PHOTO, text="Look")
    stored = case.customer.history()["messages"][-1]
    [attachment] = stored["attachments"]
    assert stored["id"] == message["id"] and stored["caption"] == "Look"
    # Clients that know texts only get its address as one.
    assert stored["text"] == f"Look\n{attachment['name']}: {attachment['url']}"
    assert attachment == message["attachments"][0]


def test_a_file_is_read_by_its_address_alone(case: Case) -> None:
    [picture] = sent(case.customer, PHOTO)["attachments"]
    answer = read(case.customer, picture["url"])
    assert answer.status_code == 200 and len(answer.content) == picture["bytes"]
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"].startswith("private")
    assert case.customer.conversation_id not in picture["url"]
    held = read(case.customer, picture["url"], headers={"If-None-Match": answer.headers["ETag"]})
    assert (held.status_code, held.content) == (304, b"")
    head = read(case.customer, picture["url"], method="HEAD")
    assert head.headers["Content-Length"] == str(picture["bytes"])


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"%PDF-1.7\n" + hostile.HTML, "page.html", "application/pdf"),
        (b"Hello " * 100_000, "page.html", "text/plain; charset=utf-8"),
    ],
    ids=["pdf", "long text"],
)
def test_what_is_no_picture_is_never_shown_inline(
    case: Case, content: bytes, name: str, kind: str
) -> None:
    [file] = sent(case.customer, content, name)["attachments"]
    answer = read(case.customer, file["url"])
    assert (answer.content, answer.headers["Content-Type"]) == (content, kind)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_same_client_id_is_the_same_message(case: Case, default_tenant: Tenant) -> None:
    name = uuid4().hex
    first = sent(case.customer, PHOTO, client_id=name, text="Once")
    again = sent(case.customer, PHOTO, client_id=name, text="Twice")
    assert again == first and first["client_id"] == name
    assert [m["id"] for m in case.customer.history()["messages"]].count(first["id"]) == 1


def test_sockets_are_shown_the_file(stage: Stage) -> None:
    customer = stage.customer()
    plain = customer.socket()
    with typed(customer) as browser:
        [attachment] = sent(customer, PHOTO, text="Look", client_id="mine")["attachments"]
        frame = browser.next_where(type="message", direction="INBOUND")
        assert frame["attachments"] == [attachment]
        assert (frame["text"], frame["client_id"]) == ("Look", "mine")
    shown = plain.next_where(direction="INBOUND")
    assert shown["text"] == f"Look\n{attachment['name']}: {attachment['url']}"
    assert "attachments" not in shown


def test_a_file_over_the_cap_is_refused_whether_or_not_its_length_is_said(case: Case) -> None:
    too_long = bytes(11 * 1024 * 1024)
    assert code_of(upload(case.customer, too_long)) == (413, "attachment_too_large")
    url = f"{case.customer.web}/v2/conversations/{case.customer.conversation_id}/attachments"
    headers = {**case.customer.headers, "Content-Type": "multipart/form-data; boundary=x"}
    chunks = (too_long[at : at + 65536] for at in range(0, len(too_long), 65536))
    answer = requests.post(url, data=chunks, headers=headers, timeout=60)
    assert code_of(answer) == (413, "attachment_too_large")


def test_other_calls_keep_their_limit(case: Case) -> None:
    answer = case.customer.call("POST", "messages", data=bytes(300 * 1024))
    assert code_of(answer) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("body", "content_type", "refusal"),
    [
        (b"{}", "application/json", (415, "unsupported_media_type")),
        (b"", "multipart/form-data; boundary=x", (400, "invalid_attachment")),
        (b"--x--\r\n", "multipart/form-data", (400, "invalid_attachment")),
        (b"nonsense", "multipart/form-data; boundary=x", (400, "invalid_attachment")),
    ],
)
def test_a_body_that_is_no_form_with_a_file_is_refused(
    case: Case, body: bytes, content_type: str, refusal: tuple[int, str]
) -> None:
    url = f"{case.customer.web}/v2/conversations/{case.customer.conversation_id}/attachments"
    headers = {**case.customer.headers, "Content-Type": content_type}
    assert code_of(requests.post(url, data=body, headers=headers, timeout=60)) == refusal


def test_two_files_in_one_form_are_refused(case: Case) -> None:
    url = f"{case.customer.web}/v2/conversations/{case.customer.conversation_id}/attachments"
    files = [("file", ("a.txt", b"one")), ("file", ("b.txt", b"two"))]
    answer = requests.post(url, files=files, headers=case.customer.headers, timeout=60)
    assert code_of(answer) == (400, "invalid_attachment")


def test_nothing_is_taken_without_a_token(case: Case) -> None:
    stranger = Customer(**{**vars(case.customer), "token": "stolen"})
    assert code_of(upload(stranger, PHOTO)) == (401, "invalid_token")


def test_a_tenant_says_what_it_takes(stage: Stage, acme: Tenant) -> None:
    customer = arrive(stage.web, tenant="acme")
    with setting(acme, "attachments.kinds", ["document"]):
        assert code_of(upload(customer, PHOTO)) == (415, "attachment_kind_not_allowed")
    with setting(acme, "attachments.maxBytes", 1024):
        assert code_of(upload(customer, b"x" * 1025)) == (413, "attachment_too_large")
    with setting(acme, "attachments.maxDailyBytes", 100):
        assert code_of(upload(customer, b"x" * 101)) == (507, "attachments_full")
    with setting(acme, "attachments.maxTotalBytes", 100):
        assert code_of(upload(customer, b"x" * 101)) == (507, "attachments_full")
    with setting(acme, "attachments.allowed", False):
        assert code_of(upload(customer, PHOTO)) == (403, "attachments_not_allowed")
    assert files_of(acme, customer.conversation_id) == []


def test_one_conversation_takes_a_fifth_of_the_day(stage: Stage, acme: Tenant) -> None:
    one, another = (arrive(stage.web, tenant="acme") for _ in range(2))
    with (
        setting(acme, "attachments.maxBytes", 800_000),
        setting(acme, "attachments.maxDailyBytes", 5_000_000),
    ):
        assert upload(one, b"x" * 700_000).status_code == 201
        assert code_of(upload(one, b"x" * 400_000)) == (507, "attachments_full")
        assert upload(another, b"x" * 400_000).status_code == 201


def test_a_blocked_customer_sends_no_files(stage: Stage, default_tenant: Tenant) -> None:
    customer = stage.customer()
    customer.send("Hello")
    Desk(customer.conversation_id, tenant=default_tenant).block()
    assert code_of(upload(customer, PHOTO)) == (403, "conversation_blocked")


def test_an_address_opens_its_own_file_only(stage: Stage, acme: Tenant, globex: Tenant) -> None:
    ours, theirs = (arrive(stage.web, tenant=slug) for slug in ("acme", "globex"))
    [mine] = sent(ours, PHOTO)["attachments"]
    [foreign] = sent(theirs, PHOTO)["attachments"]
    key = mine["url"].partition("?")[2]
    not_found = (404, "attachment_not_found")
    for query in (key, "", "key=", "key=x.y", key + "0", key.replace(acme.pk.hex, globex.pk.hex)):
        answer = read(ours, f"{stage.web}{PATH}{foreign['id']}?{query}")
        assert code_of(answer) == not_found, query
    assert read(ours, mine["url"]).status_code == 200
    # Another tenant's name in the address changes nothing.
    assert read(ours, f"{mine['url']}&t=globex").status_code == 200


def test_an_address_expires(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    [file] = sent(case.customer, PHOTO)["attachments"]
    _, _, key = file["url"].partition("?key=")
    address = attached.read_address(UUID(file["id"]), key)
    assert address is not None
    monkeypatch.setattr("conversations.attached.time.time", lambda: address.expires_at)
    assert attached.read_address(UUID(file["id"]), key) is None


@pytest.fixture
def changed(settings: Settings) -> Settings:
    """The settings, to be changed for one test."""
    return settings


def test_an_address_outlives_a_rotation_of_the_key(
    case: Case, monkeypatch: pytest.MonkeyPatch, changed: Settings
) -> None:
    [file] = sent(case.customer, PHOTO)["attachments"]
    _, _, key = file["url"].partition("?key=")

    def is_read(*, former: list[str]) -> bool:
        changed.SECRET_KEY_FALLBACKS = former
        monkeypatch.setattr(attached, "_SIGNER", Signer(salt=attached._SIGNER.salt))
        address = attached.read_address(UUID(file["id"]), key)
        return address is not None and address.is_of(UUID(case.customer.conversation_id))

    former, changed.SECRET_KEY = settings.SECRET_KEY, "n" * 50
    assert is_read(former=[former])
    assert not is_read(former=[])


def test_files_are_erased_with_their_conversation(stage: Stage, acme: Tenant) -> None:
    customer = arrive(stage.web, tenant="acme")
    [file] = sent(customer, PHOTO)["attachments"]
    assert file["id"] in on_disk(acme)
    with tenant_scope(acme.pk) as tenant:
        erase_customer(tenant=tenant, conversation_id=UUID(customer.conversation_id), actor=SYSTEM)
    assert code_of(read(customer, file["url"])) == (404, "attachment_not_found")
    stage.worker.wait_for_log("attachment_bytes_removed")
    assert file["id"] not in on_disk(acme)


def test_a_file_without_a_message_is_swept(stage: Stage, acme: Tenant) -> None:
    customer = arrive(stage.web, tenant="acme")
    with tenant_scope(acme.pk) as tenant:
        stray = StoredFile.objects.create(
            tenant=tenant,
            conversation_id=customer.conversation_id,
            name="half.txt",
            kind="document",
            media_type="text/plain",
            bytes=4,
            created_at=timezone.now() - timedelta(hours=2),
        )
    storage.save(stray.key, io.BytesIO(b"half"))
    assert erasure.discard_strays() >= 1
    stage.worker.wait_for_log("attachment_bytes_removed")
    assert str(stray.pk) not in on_disk(acme) and not files_of(acme, customer.conversation_id)


def test_a_deleted_topic_is_made_again_for_a_file(stage: Stage) -> None:
    case = open_case(stage)
    stage.group.delete_topic("Ana", case.thread_id)
    sent(case.customer, PHOTO, text="Again")
    topic = stage.group.wait_for_topic(case.customer.codename)
    posted = stage.group.wait_for_message("Again", topic.thread_id)
    assert topic.thread_id != case.thread_id and posted.kind == "photo"


def test_what_telegram_does_not_take_is_said_in_the_topic(case: Case) -> None:
    case.stage.simulator.add_fault(
        "error", method="sendDocument", status=413, description="Request Entity Too Large"
    )
    sent(case.customer, b"%PDF-1.7\n", "big.pdf", text="Read this")
    posted = case.told("Read this")
    assert posted.text == texts.file_not_posted(f"{case.label}Read this", "big.pdf")


def test_a_picture_that_telegram_does_not_take_goes_as_a_document(case: Case) -> None:
    refused = "Bad Request: PHOTO_INVALID_DIMENSIONS"
    case.stage.simulator.add_fault("error", method="sendPhoto", status=400, description=refused)
    sent(case.customer, PHOTO, text="A strange one")
    assert case.told("A strange one").kind == "document"


def test_a_picture_that_is_too_long_for_a_photo_costs_one_call(case: Case) -> None:
    before = case.stage.simulator.last_call
    sent(case.customer, hostile.picture("PNG", (2000, 20)), text="A long one")
    assert case.told("A long one").kind == "document"
    assert not case.stage.simulator.calls("sendPhoto", after=before)

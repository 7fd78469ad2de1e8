"""A customer's browser as it sends files, and a page as it reads them."""

from typing import Any
from urllib.parse import urlsplit

import requests

from tests.customer import Customer


def upload(
    customer: Customer, content: bytes, name: str = "photo.png", **fields: str
) -> requests.Response:
    """Send one file."""
    return requests.post(
        f"{customer.web}/v2/conversations/{customer.conversation_id}/attachments",
        files={"file": (name, content)},
        data=fields,
        headers=customer.headers,
        timeout=60,
    )


def sent(customer: Customer, content: bytes, name: str = "photo.png", **fields: str) -> Any:
    """Send a file that is taken; the message that it became."""
    answer = upload(customer, content, name, **fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(customer: Customer, url: str, **options: Any) -> requests.Response:
    """What is at a file's address, asked of the customer's own server, without a token."""
    parts = urlsplit(url)
    method = options.pop("method", "GET")
    headers = {"X-Forwarded-For": customer.address, **options.pop("headers", {})}
    address = f"{customer.web}{parts.path}?{parts.query}"
    return requests.request(method, address, headers=headers, timeout=60, **options)


def code_of(answer: requests.Response) -> tuple[int, str]:
    """How it was refused."""
    return answer.status_code, answer.json()["error"]["code"]

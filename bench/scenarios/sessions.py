"""What a browser costs that comes back by its key, and what its tokens cost with each message."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from bench import load
from bench.customers import Customer, checked, start_many
from bench.effort import Effort
from bench.figures import Figure, Spread
from bench.http import Client, LoadFailed, post_request
from bench.stage import Stage

_CALLERS = 16
# Answers to challenges, per session: each is good once, and lasts a minute.
_ROUNDS = 10


@dataclass(slots=True)
class _Browser:
    """A browser with a session."""

    session_id: str
    key: ec.EllipticCurvePrivateKey
    customer: Customer

    @property
    def ask(self) -> bytes:
        """The request for a challenge."""
        return post_request(f"/v2/sessions/{self.session_id}/challenge", {})

    def answer(self, challenge: str) -> bytes:
        """The request for a token, signed."""
        signature = self.key.sign(challenge.encode(), ec.ECDSA(SHA256()))
        raw = b"".join(half.to_bytes(32) for half in decode_dss_signature(signature))
        body = {"challenge": challenge, "signature": _base64url(raw)}
        return post_request(f"/v2/sessions/{self.session_id}/token", body)


async def measure(stage: Stage, effort: Effort) -> AsyncIterator[Figure]:
    """Challenges and tokens per second; messages with a plain token, and with a session's."""
    [client] = await stage.use_web(1)
    await stage.use_worker(is_wanted=False)
    plain = await start_many(client, effort.sockets)
    browsers = [await _begin(client) for _ in range(effort.sockets)]
    challenges: list[tuple[_Browser, str]] = []

    async def ask(number: int) -> None:
        browser = browsers[number % len(browsers)]
        answer = checked(await client.exchange(browser.ask))
        challenges.append((browser, json.loads(answer.body)["challenge"]))

    yield await _each(stage, ask, "sessions.challenges", "challenges/s", _ROUNDS * len(browsers))
    answers = [browser.answer(challenge) for browser, challenge in challenges]

    async def answer(number: int) -> None:
        checked(await client.exchange(answers[number]))

    yield await _each(stage, answer, "sessions.tokens", "tokens/s", len(answers))
    for name, customers in (
        ("sessions.sends.plain", plain),
        ("sessions.sends", [browser.customer for browser in browsers]),
    ):
        yield await _sends(stage, client, customers, effort, name)
    await stage.forget_backlog()


async def _each(stage: Stage, call: load.Call, name: str, unit: str, count: int) -> Figure:
    stage.cpu.start()
    seconds = await load.each(call, count=count, callers=_CALLERS)
    return Figure(name, count / seconds, unit, cpu=stage.cpu.per(count))


async def _sends(
    stage: Stage, client: Client, customers: list[Customer], effort: Effort, name: str
) -> Figure:
    async def send(number: int) -> None:
        request = customers[number % len(customers)].message(f"Message number {number}.")
        checked(await client.exchange(request))

    await load.closed(send, callers=_CALLERS, seconds=effort.warm_up_seconds)
    stage.cpu.start()
    rate, latencies = await load.closed(send, callers=_CALLERS, seconds=effort.seconds)
    spread = Spread.of(latencies)
    return Figure(name, rate, "POSTs/s", spread=spread, cpu=stage.cpu.per(len(latencies)))


async def _begin(client: Client) -> _Browser:
    key = ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    x, y = (_base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    answer = await client.post("/v2/sessions?t=default", {"public_key": jwk})
    if answer.status != 201:
        raise LoadFailed(f"answered {answer.status}: {answer.body[:200]!r}")
    begun = json.loads(answer.body)
    customer = Customer(begun["conversation_id"], begun["token"])
    return _Browser(begun["session_id"], key, customer)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

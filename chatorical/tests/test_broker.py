"""What the worker does with a broker whose connections end at any moment."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from kombu import Message, Queue

from chatorical.celery import app


@pytest.mark.parametrize("settle", [Message.ack, Message.reject])
def test_a_task_that_came_by_a_connection_that_has_ended_is_settled_without_a_fault(
    settle: Callable[[Message], None],
) -> None:
    name = f"ending-{uuid4().hex}"
    with app.connection_for_read() as connection:
        channel: Any = connection.channel()
        queue = Queue(name, channel=channel)
        queue.declare()
        app.send_task("outbox.tasks.drain", queue=name)
        message = queue.get()
        assert message is not None
        queue.delete()
        channel.close()
        settle(message)
        assert message.acknowledged

"""Celery's entry points to this app."""

from celery import shared_task

from conversations.bans import services as bans
from conversations.identity import services as identity
from conversations.services import retention, timers
from conversations.sessions import services as sessions
from conversations.socket import actions


@shared_task(name="conversations.tasks.forget_used_tokens", ignore_result=True)
def forget_used_tokens() -> int:
    """Drop used one-connection tokens that have expired anyway."""
    return actions.forget_used_tokens()


@shared_task(name="conversations.tasks.run_timers", ignore_result=True)
def run_timers() -> int:
    """Close what has been silent for too long, and remind agents of customers who wait."""
    return timers.close_the_silent() + timers.remind_of_the_waiting()


@shared_task(name="conversations.tasks.run_retention", ignore_result=True)
def run_retention() -> int:
    """Delete closed conversations whose time is over, some of each tenant; the rest next time."""
    return sum(retention.run_retention().deleted.values())


@shared_task(name="conversations.tasks.delete_old_sessions", ignore_result=True)
def delete_old_sessions() -> int:
    """Delete sessions that have ended or expired for long, and people without conversations."""
    return sessions.delete_old_sessions() + identity.forget_strangers()


@shared_task(name="conversations.tasks.delete_old_bans", ignore_result=True)
def delete_old_bans() -> int:
    """Delete bans that have expired."""
    return bans.delete_old_bans()

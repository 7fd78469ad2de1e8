"""Public keys: how a page names its tenant in a way that can be changed.

A widget key is no secret, since it stands in the page. It says whose chat is meant and permits
nothing; a new one makes pages with the old one fall silent.
"""

import re
from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat, Replace

START = "chat_pub_"
# What the database gives a new tenant by itself.
MADE_BY_DATABASE = Concat(
    Value(START), Replace(Cast(RandomUUID(), CharField()), Value("-"), Value(""))
)
_KEY = re.compile(rf"{START}[0-9a-f]{{32}}")


def new_widget_key() -> str:
    """Another key for a tenant that has one."""
    return f"{START}{uuid4().hex}"


def is_widget_key(text: str) -> bool:
    """Whether the text reads like one, so that looking for it makes sense."""
    return _KEY.fullmatch(text) is not None

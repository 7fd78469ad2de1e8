"""Every kind that is enqueued can be delivered."""

from outbox import kinds


def test_every_kind_of_an_installed_app_has_its_handler() -> None:
    known = {
        kind.name for kind in kinds.all_kinds() if not kind.name.startswith(("test.", "paper"))
    }
    assert known
    assert known <= set(kinds.handled_kinds())

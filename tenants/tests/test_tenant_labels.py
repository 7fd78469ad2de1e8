"""Which tenants have series of their own, and that no series ever ends."""

from collections import Counter
from pathlib import Path

import pytest

from tenants import tenant_labels
from tenants.tenant_labels import OTHER, TenantLabels


def test_a_small_installation_sees_each_of_its_tenants() -> None:
    labels = TenantLabels(10, None)
    slugs = [f"shop-{number}" for number in range(5)]
    assert [labels.label_of(slug) for slug in slugs * 3] == slugs * 3


def test_thousands_of_tenants_share_one_but_for_the_busy() -> None:
    labels = TenantLabels(10, None)
    counted: Counter[str] = Counter()
    for turn in range(3):
        for number in range(3_000):
            counted[labels.label_of(f"shop-{number}")] += 1
            if turn and number % 4 == 0:
                counted[labels.label_of("busy")] += 1
    assert "busy" in counted, "those with a large share, the others"
    assert len(counted) <= 11
    assert {f"shop-{number}" for number in range(5)} < counted.keys(), "half come first"
    assert counted[OTHER] > 8_000


def test_a_tenant_with_a_series_keeps_it_and_its_counter_never_stands_still() -> None:
    labels = TenantLabels(4, None)
    assert labels.label_of("early") == "early"
    for number in range(5_000):
        labels.label_of(f"shop-{number % 700}")
    assert labels.label_of("early") == "early"


def test_processes_agree_and_so_do_those_to_come(tmp_path: Path) -> None:
    first, second = TenantLabels(4, tmp_path), TenantLabels(4, tmp_path)
    assert [first.label_of("a"), second.label_of("b"), first.label_of("c")] == ["a", "b", OTHER]
    for labels in (first, second):
        for _ in range(2_000):
            labels.label_of("late")
            labels.label_of("later")
            labels.label_of("last")
    third = TenantLabels(4, tmp_path)
    for labels in (first, second, third):
        assert labels.label_of("a") == "a"
    own = {labels.label_of(name) for labels in (first, second) for name in "abc"}
    assert own <= {"a", "b", "c", OTHER}
    assert len((tmp_path / "tenants.labels").read_text().split()) == 4


def test_without_room_on_the_disk_a_process_has_places_of_its_own(tmp_path: Path) -> None:
    labels = TenantLabels(4, tmp_path / "gone")
    assert [labels.label_of(slug) for slug in "abc"] == ["a", "b", OTHER]


def test_a_tenant_of_that_name_is_one_of_the_rest() -> None:
    labels = TenantLabels(4, None)
    assert [labels.label_of(slug) for slug in (OTHER, "", "a", "b")] == [OTHER, "", "a", "b"]


def test_what_is_remembered_of_the_rest_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_labels, "_MAX_COUNTED", 100)
    labels = TenantLabels(0, None)
    assert {labels.label_of(f"shop-{number}") for number in range(1_000)} == {OTHER}
    assert len(labels._waiting) <= 100

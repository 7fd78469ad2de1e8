"""Whatever colour a tenant has, what the widget writes on it and in it can be read."""

import colorsys

import pytest

from conversations.brand_colors import Rgb, brand_colors, contrast

_PAPERS = {"light": ("#ffffff", "#f5f6f8"), "dark": ("#12151c", "#1a1f29", "#232936")}
# Hues in steps of 30 degrees, each pale and strong and dark, and the greys.
_BRANDS = sorted(
    {
        "#"
        + bytes(round(255 * part) for part in colorsys.hls_to_rgb(hue / 12, light / 8, full)).hex()
        for hue in range(12)
        for light in range(9)
        for full in (0.0, 0.5, 1.0)
    }
)


def rgb(css: str) -> Rgb:
    return Rgb(*bytes.fromhex(css[1:]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(scheme: str) -> None:
    for brand in _BRANDS:
        colors = brand_colors(brand)[scheme]
        shape = rgb(colors["--brand"])
        # Rounded to 8 bits.
        assert contrast(rgb(colors["--brand-ink"]), shape) >= 4.45, (brand, colors)
        for paper in _PAPERS[scheme]:
            assert contrast(rgb(colors["--brand-text"]), rgb(paper)) >= 4.45, (brand, colors)
        if scheme == "dark":
            assert contrast(shape, rgb("#12151c")) >= 2.95, (brand, colors)


def test_a_colour_that_can_be_read_stays() -> None:
    assert brand_colors("#b3261e")["light"] == {
        "--brand": "#b3261e",
        "--brand-ink": "#ffffff",
        "--brand-text": "#b3261e",
    }
    assert brand_colors("#b31")["light"]["--brand"] == "#bb3311"

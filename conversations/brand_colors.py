"""A brand's colour on the widget's own surfaces, and what can be read on it: computed once."""

from typing import NamedTuple


class Rgb(NamedTuple):
    """A colour, each part from 0 to 255."""

    red: float
    green: float
    blue: float


_WHITE, _BLACK, _NEAR_BLACK = Rgb(255, 255, 255), Rgb(0, 0, 0), Rgb(14, 17, 22)
_DARK_PAPER = Rgb(18, 21, 28)
# Where the widget writes in the brand's colour; paper is paler in the light, darker in the dark.
_BUBBLES = {"light": Rgb(245, 246, 248), "dark": Rgb(35, 41, 54)}
_FOR_TEXT, _FOR_SHAPES = 4.5, 3.0
_STEPS = 20


def brand_colors(brand: str) -> dict[str, dict[str, str]]:
    """CSS variables by scheme, for a brand as #RGB or #RRGGBB."""
    return {scheme: _variables(scheme, _parsed(brand)) for scheme in _BUBBLES}


def contrast(one: Rgb, other: Rgb) -> float:
    """By WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _variables(scheme: str, wished: Rgb) -> dict[str, str]:
    # A navy brand on dark paper would be a hole in it.
    is_dark = scheme == "dark"
    brand = _readable_on(wished, _DARK_PAPER, _FOR_SHAPES) if is_dark else wished
    return {
        "--brand": _css(brand),
        "--brand-ink": _css(_ink_on(brand)),
        "--brand-text": _css(_readable_on(brand, _BUBBLES[scheme], _FOR_TEXT)),
    }


def _parsed(brand: str) -> Rgb:
    digits = brand.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return Rgb(*bytes.fromhex(digits))


def _css(color: Rgb) -> str:
    return "#" + bytes(round(part) for part in color).hex()


def _luminance(color: Rgb) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (part / 255 for part in color)
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _ink_on(color: Rgb) -> Rgb:
    """White or near-black; black for the few greys where neither can be read."""
    better = max(_WHITE, _NEAR_BLACK, key=lambda ink: contrast(ink, color))
    return better if contrast(better, color) >= _FOR_TEXT else _BLACK


def _readable_on(color: Rgb, background: Rgb, minimum: float) -> Rgb:
    """The colour nearest to it that has so much contrast."""
    towards = _ink_on(background)
    for step in range(_STEPS):
        share = step / _STEPS
        mixed = Rgb(*(a + (b - a) * share for a, b in zip(color, towards, strict=True)))
        if contrast(mixed, background) >= minimum:
            return mixed
    return towards

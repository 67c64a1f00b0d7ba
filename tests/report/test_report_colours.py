"""The stylesheet's colours against WCAG 2 contrast, in light and in dark."""

import re
from importlib.resources import files

import pytest


def variables(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_is_wcag_aa(dark: bool) -> None:
    css = (files("tempkit.report") / "assets" / "css" / "base.css").read_text("utf-8")
    light_part, dark_part = css.split("prefers-color-scheme: dark", 1)
    colour = variables(light_part) | (variables(dark_part.split("}\n}")[0]) if dark else {})
    for ground in ("paper", "raised"):
        for ink in ("ink", "muted", "accent", *(f"series-{i}" for i in range(1, 7))):
            assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)
    for name in ("good", "bad", "warn"):
        assert contrast(colour[name], colour[f"{name}-ground"]) >= 4.5, name
    assert contrast(colour["ink"], colour["chip-ground"]) >= 4.5
    assert contrast(colour["muted"], colour["chip-ground"]) >= 4.5
    levels = [colour["raised"], *(colour[f"level-{i}"] for i in range(1, 6))]
    for level in levels:
        assert contrast(colour["ink"], level) >= 4.5, level
    brightness = [luminance(level) for level in levels]
    assert brightness == sorted(brightness, reverse=not dark), "the scale must be told by lightness alone"

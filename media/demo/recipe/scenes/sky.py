"""Light, sky, sun and clouds."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from .paint import Canvas, colour, mix, uniform
from .vocabulary import SIDE, Category, Concept


@dataclass(frozen=True)
class Light:
    """The light of a scene. Colours are RGB, 0 to 255; `tint` multiplies the colours of lit things."""

    dusk: bool
    overcast: bool
    zenith: np.ndarray
    horizon: np.ndarray
    tint: np.ndarray


@dataclass(frozen=True)
class Sun:
    """Centre column and radius, in canvas pixels."""

    x: float
    radius: float


def choose_light(rng: np.random.Generator, category: Category) -> Light:
    dusk = category == Category.SUNSET
    overcast = not dusk and rng.random() < (0.35 if category == Category.WINTER else 0.16)
    if dusk:
        zenith = mix(colour(40, 50, 110), colour(110, 70, 130), uniform(rng, 0, 1))
        horizon = mix(colour(255, 150, 70), colour(250, 110, 110), uniform(rng, 0, 1))
        tint = colour(0.78, 0.58, 0.55) * uniform(rng, 0.75, 1.05)
    elif overcast:
        grey = uniform(rng, 150, 205)
        zenith = colour(grey * 0.88, grey * 0.93, grey)
        horizon = zenith + 22
        tint = colour(0.84, 0.87, 0.9)
    else:
        zenith = mix(colour(50, 120, 215), colour(95, 165, 235), uniform(rng, 0, 1))
        horizon = mix(colour(190, 222, 245), colour(235, 232, 215), uniform(rng, 0, 1))
        tint = colour(1, 0.98, 0.94) * uniform(rng, 0.92, 1.06)
    return Light(dusk, overcast, zenith, horizon, tint)


def paint_sky(canvas: Canvas, rng: np.random.Generator, light: Light, horizon: float) -> Sun | None:
    """Paints the sky's gradient with the sun and its glow, if there is one. `horizon` is a canvas row."""
    share = np.clip(np.arange(SIDE) / horizon, 0, 1)[:, None] ** uniform(rng, 0.8, 1.5)
    sky = light.zenith * (1 - share) + light.horizon * share
    sky = np.repeat(sky[:, None, :], SIDE, 1)
    has_sun = light.dusk or (not light.overcast and rng.random() < 0.45)
    if has_sun:
        x, radius = SIDE * uniform(rng, 0.1, 0.9), SIDE * uniform(rng, 0.045, 0.075)
        y = horizon - SIDE * uniform(rng, 0.05, 0.25) if light.dusk else SIDE * uniform(rng, 0.09, 0.22)
        rows, columns = np.mgrid[0:SIDE, 0:SIDE]
        squared_distance = (columns - x) ** 2 + (rows - y) ** 2
        spread = radius * 2.6
        glow = np.exp(-squared_distance / (2 * spread**2))[..., None] * (0.75 if light.dusk else 0.55)
        sky = sky * (1 - glow) + (colour(255, 200, 110) if light.dusk else colour(255, 250, 215)) * glow
    canvas.image.paste(Image.fromarray(sky.clip(0, 255).astype(np.uint8)))
    if not has_sun:
        return None
    disc = colour(255, 226, 130) if light.dusk else colour(255, 246, 180)
    canvas.oval(x, y, radius, radius, disc, Concept.SUN)
    return Sun(x, radius)


def paint_clouds(canvas: Canvas, rng: np.random.Generator, light: Light) -> None:
    """No clouds in 30 % of the scenes, else one to three."""
    count = 0 if rng.random() < 0.3 else int(rng.integers(1, 4))
    if light.dusk:
        lit, shaded = colour(255, 190, 160), colour(190, 110, 130)
    elif light.overcast:
        lit, shaded = colour(225, 228, 232), colour(178, 182, 190)
    else:
        lit, shaded = colour(252, 252, 252), colour(212, 220, 232)
    for _ in range(count):
        x, y = SIDE * uniform(rng, 0.02, 0.98), SIDE * uniform(rng, 0.08, 0.33)
        _paint_cloud(canvas, rng, x, y, SIDE * uniform(rng, 0.09, 0.19), lit, shaded)


def _paint_cloud(
    canvas: Canvas,
    rng: np.random.Generator,
    x: float,
    y: float,
    half_width: float,
    lit: np.ndarray,
    shaded: np.ndarray,
) -> None:
    """A row of overlapping ovals: first all shaded ones, then the lit ones a little higher."""
    count = rng.integers(4, 8)
    offsets = np.linspace(-1, 1, count) * half_width
    radii = half_width * (0.32 + 0.30 * (1 - (offsets / half_width) ** 2)) * rng.uniform(0.75, 1.15, count)
    for offset, radius in zip(offsets, radii):
        canvas.oval(x + offset, y + radius * 0.22, radius, radius * 0.62, shaded, Concept.CLOUD)
    for offset, radius in zip(offsets, radii):
        canvas.oval(
            x + offset - radius * 0.08, y - radius * 0.06, radius * 0.92, radius * 0.58, lit, Concept.CLOUD
        )

"""Mountains, ground and water."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .paint import Canvas, colour, mask_below, mix, ridge, to_rgb, uniform
from .sky import Light, Sun
from .vocabulary import SIDE, Category, Concept

MOUNTAIN_CHANCE = {
    Category.MEADOW: 0.2,
    Category.MOUNTAINS: 1,
    Category.LAKE: 0.55,
    Category.FOREST: 0.15,
    Category.VILLAGE: 0.3,
    Category.SUNSET: 0.5,
    Category.WINTER: 0.5,
}
WATER_CHANCE = {
    Category.MEADOW: 0.12,
    Category.MOUNTAINS: 0.2,
    Category.LAKE: 1,
    Category.FOREST: 0.1,
    Category.VILLAGE: 0.1,
    Category.SUNSET: 0.6,
    Category.WINTER: 0.2,
}
SNOW_WHITE = (244, 247, 252)


@dataclass(frozen=True)
class Water:
    """Where the water lies: a mode L mask and its upper and lower canvas rows."""

    mask: Image.Image
    top: float
    bottom: float


def paint_mountains(
    canvas: Canvas, rng: np.random.Generator, category: Category, light: Light, horizon: float
) -> None:
    if rng.random() >= MOUNTAIN_CHANCE[category]:
        return
    for chain in range(2 if category == Category.MOUNTAINS else 1):
        height = uniform(rng, 0.16, 0.30) if category == Category.MOUNTAINS else uniform(rng, 0.07, 0.16)
        scale = SIDE * height * (1 if chain == 0 else 0.55)
        haze = 0.42 if chain == 0 else 0.18
        stone = mix(colour(92, 98, 120), colour(120, 102, 88), uniform(rng, 0, 1))
        rock = mix(stone, light.horizon, haze) * light.tint
        peaks = int(rng.integers(1, 4))
        capped = chain == 0 and (
            category == Category.WINTER or (category == Category.MOUNTAINS and rng.random() < 0.6)
        )
        crest = ridge(rng, horizon - scale * 0.35, scale * 0.2, 0.55)[::6]
        outline = [(i * 6, y) for i, y in enumerate(crest)]
        canvas.polygon([(0, horizon + 6), *outline, (SIDE, horizon + 6)], rock * 0.95, Concept.MOUNTAIN)
        for _ in range(peaks):
            _paint_peak(canvas, rng, scale, rock, horizon, light if capped else None)


def _paint_peak(
    canvas: Canvas,
    rng: np.random.Generator,
    scale: float,
    rock: np.ndarray,
    horizon: float,
    snow_light: Light | None,
) -> None:
    """One peak with a shaded right side and, if `snow_light` is given, a cap of snow in that light."""
    x, h, w = SIDE * uniform(rng, 0, 1), scale * uniform(rng, 0.85, 1.4), scale * uniform(rng, 1.1, 1.9)
    top = horizon - h
    lean = w * uniform(rng, -0.15, 0.15)
    foot = horizon + 6
    left = [(x - w, foot), (x - w * 0.45, horizon - h * 0.42), (x - w * 0.22, top + h * 0.28)]
    right = [(x, top), (x + w * 0.3, top + h * 0.36), (x + w * 0.5, horizon - h * 0.45), (x + w, foot)]
    canvas.polygon([*left, *right], rock, Concept.MOUNTAIN)
    canvas.polygon(
        [*right, (x + lean, foot), (x + lean * 0.5 + 3, top + h * 0.5)], rock * 0.74, Concept.MOUNTAIN
    )
    if snow_light is None:
        return
    snow = colour(*SNOW_WHITE) * np.minimum(snow_light.tint * 1.05, 1)
    canvas.polygon(
        [
            (x, top),
            (x - w * 0.19, top + h * 0.27),
            (x - w * 0.1, top + h * 0.22),
            (x - w * 0.04, top + h * 0.36),
            (x + w * 0.05, top + h * 0.2),
        ],
        snow,
        Concept.SNOW,
    )
    canvas.polygon(
        [
            (x, top),
            (x + w * 0.05, top + h * 0.2),
            (x + w * 0.13, top + h * 0.33),
            (x + w * 0.2, top + h * 0.26),
        ],
        snow * 0.82,
        Concept.SNOW,
    )


def paint_ground(
    canvas: Canvas, rng: np.random.Generator, category: Category, light: Light, horizon: float
) -> np.ndarray:
    """Paints grass, or snow in winter. Returns the smoothed skyline of the ground, float64 [SIDE + 1]."""
    winter = category == Category.WINTER
    far = (
        colour(222, 230, 240)
        if winter
        else mix(colour(138, 170, 92), colour(190, 180, 98), uniform(rng, 0, 1))
    ) * light.tint
    near = (
        colour(*SNOW_WHITE) if winter else mix(colour(62, 128, 50), colour(122, 142, 52), uniform(rng, 0, 1))
    ) * light.tint
    ground = Concept.SNOW if winter else Concept.GRASS
    skyline = ridge(rng, horizon, SIDE * uniform(rng, 0.005, 0.05), 0.45, 3)
    skyline = np.convolve(np.pad(skyline, 12, 'edge'), np.ones(25) / 25, 'valid')
    if rng.random() < 0.4:  # a farther hill behind
        hill = ridge(rng, horizon - SIDE * 0.03, SIDE * 0.05, 0.4, 2)
        canvas.gradient(
            mask_below(hill),
            mix(far, light.horizon * light.tint, 0.3),
            mix(far, near, 0.3),
            horizon - SIDE * 0.08,
            horizon + SIDE * 0.1,
            ground,
        )
    canvas.gradient(mask_below(skyline), far, near, horizon - 6, SIDE, ground)
    return skyline


def paint_water(
    canvas: Canvas,
    rng: np.random.Generator,
    category: Category,
    light: Light,
    horizon: float,
    skyline: np.ndarray,
) -> Water | None:
    """Paints broad water with a shore in front (lakes and sunsets, mostly), a pond, or nothing."""
    if rng.random() >= WATER_CHANCE[category]:
        return None
    mask = Image.new('L', (SIDE, SIDE), 0)
    pen = ImageDraw.Draw(mask)
    depth = mix(colour(38, 98, 150), colour(50, 130, 150), uniform(rng, 0, 1))
    deep = mix(depth, light.zenith, 0.3) * light.tint
    reflection = mix(light.horizon, light.zenith, 0.3) * (0.92 * np.minimum(light.tint + 0.15, 1))
    if category in (Category.LAKE, Category.SUNSET) and rng.random() < 0.7:
        top = float(skyline.max()) + SIDE * uniform(rng, 0.005, 0.05)
        bottom = SIDE * uniform(rng, 0.8, 1.12)
        shore = ridge(rng, bottom, SIDE * 0.07, 0.5, 3)
        edge = [(SIDE - i * 8, float(y)) for i, y in enumerate(shore[::-8])]
        pen.polygon([(0, top), (SIDE, top), *edge, (0, float(shore[0]))], fill=255)
    else:
        x, y = SIDE * uniform(rng, 0.2, 0.8), horizon + SIDE * uniform(rng, 0.14, 0.3)
        radius = SIDE * uniform(rng, 0.22, 0.45)
        top, bottom = y - radius * 0.3, y + radius * 0.3
        pen.ellipse([x - radius, y - radius * 0.3, x + radius, y + radius * 0.3], fill=255)
        if rng.random() < 0.5:  # a second oval makes the outline less regular
            pen.ellipse([x - radius * 0.2, y - radius * 0.1, x + radius * 1.3, y + radius * 0.36], fill=255)
    canvas.gradient(mask, reflection, deep, top, min(bottom, SIDE), Concept.WATER)
    return Water(mask, top, bottom)


def paint_glitter(canvas: Canvas, rng: np.random.Generator, water: Water, sun: Sun) -> None:
    """Short bright bars on the water under a low sun; they stay labelled as water."""
    for _ in range(14):
        y = uniform(rng, water.top, min(SIDE, water.bottom))
        half_width = sun.radius * uniform(rng, 0.4, 1.3)
        if 0 <= y < SIDE and 0 <= sun.x < SIDE and water.mask.getpixel((int(sun.x), int(y))):
            box = [sun.x - half_width, y, sun.x + half_width, y + 2]
            canvas.image_pen.rectangle(box, fill=to_rgb(colour(255, 205, 130)))

"""One scene from a random generator: the order of the calls below is the order of the draws.

Bit-identical scenes for a seed are a promise (see test_recipe.py): moving a draw changes every scene.
"""

import numpy as np

from .house import paint_house, paint_path, plan_houses
from .land import paint_glitter, paint_ground, paint_mountains, paint_water
from .paint import Canvas, uniform
from .sky import choose_light, paint_clouds, paint_sky
from .texture import add_grain
from .tree import paint_tree, plan_trees
from .vocabulary import CATEGORIES, SIDE, SIZE, SUPERSAMPLING, Category


def render(
    rng: np.random.Generator, category: Category | int | None = None
) -> tuple[np.ndarray, np.ndarray, int]:
    """Draws a scene of `category`, or of a random one.

    Returns the picture, uint8 [64, 64, 3] RGB; its label map of `Concept` numbers, uint8 [64, 64]; and
    the category's number.
    """
    category = Category(int(rng.integers(0, len(CATEGORIES))) if category is None else category)
    canvas = Canvas()
    light = choose_light(rng, category)
    horizon = SIDE * uniform(rng, 0.42, 0.62)
    sun = paint_sky(canvas, rng, light, horizon)
    paint_clouds(canvas, rng, light)
    paint_mountains(canvas, rng, category, light, horizon)
    skyline = paint_ground(canvas, rng, category, light, horizon)
    water = paint_water(canvas, rng, category, light, horizon, skyline)
    if water and sun and light.dusk:
        paint_glitter(canvas, rng, water, sun)
    houses = plan_houses(rng, category, light, horizon, water)
    paint_path(canvas, rng, light, horizon, water, houses)
    trees = plan_trees(canvas, rng, category, light, horizon, water, houses)
    standing = [(house.y, paint_house, house) for house in houses]
    standing += [(tree.y, paint_tree, tree) for tree in trees]
    for _, paint, thing in sorted(standing, key=lambda item: item[0]):  # far things first
        paint(canvas, rng, thing)
    return _finish(canvas, rng, light.dusk) + (int(category),)


def _finish(canvas: Canvas, rng: np.random.Generator, dusk: bool) -> tuple[np.ndarray, np.ndarray]:
    """Adds grain, darkens the foreground at dusk, and shrinks by averaging (labels: by the middle pixel)."""
    labels = np.asarray(canvas.labels)
    image = add_grain(rng, np.asarray(canvas.image).astype(np.float32), labels)
    if dusk:
        image *= np.linspace(1.03, 0.82, SIDE)[:, None, None]
    image = image.reshape(SIZE, SUPERSAMPLING, SIZE, SUPERSAMPLING, 3).mean((1, 3))
    middle = slice(SUPERSAMPLING // 2, None, SUPERSAMPLING)
    return image.clip(0, 255).astype(np.uint8), labels[middle, middle].copy()

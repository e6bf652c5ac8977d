"""Trees: round crowns and conifers."""

from dataclasses import dataclass

import numpy as np

from .house import House
from .land import Water
from .paint import Canvas, colour, mix, uniform
from .sky import Light
from .vocabulary import SIDE, Category, Concept


@dataclass(frozen=True)
class Tree:
    """Base (x, y) and height in canvas pixels; colours RGB; `snow` is the share of snow on lit leaves."""

    x: float
    y: float
    height: float
    conifer: bool
    leaf: np.ndarray
    trunk: np.ndarray
    snow: float


def plan_trees(
    canvas: Canvas,
    rng: np.random.Generator,
    category: Category,
    light: Light,
    horizon: float,
    water: Water | None,
    houses: list[House],
) -> list[Tree]:
    """Reads the label map, so ground, water and path must be on the canvas already."""
    # As for houses: all counts are drawn, one is used.
    counts = {
        Category.MEADOW: int(rng.integers(0, 4)),
        Category.MOUNTAINS: int(rng.integers(0, 4)),
        Category.LAKE: int(rng.integers(0, 4)),
        Category.FOREST: int(rng.integers(9, 17)),
        Category.VILLAGE: int(rng.integers(0, 4)),
        Category.SUNSET: int(rng.integers(0, 4)),
        Category.WINTER: int(rng.integers(1, 7)),
    }
    if category == Category.FOREST:  # a forest is mostly of one kind
        conifer_chance = float(rng.choice([0.1, 0.9]))
    else:
        conifer_chance = 0.85 if category in (Category.WINTER, Category.MOUNTAINS) else 0.3
    if rng.random() < 0.85:
        leaf = mix(colour(46, 106, 48), colour(110, 128, 40), uniform(rng, 0, 1))
    else:  # autumn
        leaf = mix(colour(196, 120, 40), colour(170, 70, 40), uniform(rng, 0, 1))
    return [
        _plan_tree(canvas, rng, category, light, horizon, water, houses, conifer_chance, leaf)
        for _ in range(counts[category])
    ]


def _plan_tree(
    canvas: Canvas,
    rng: np.random.Generator,
    category: Category,
    light: Light,
    horizon: float,
    water: Water | None,
    houses: list[House],
    conifer_chance: float,
    round_leaf: np.ndarray,
) -> Tree:
    forest = category == Category.FOREST
    conifer = bool(rng.random() < conifer_chance)
    depth = uniform(rng, 0.02, 1) ** 0.9  # 0 at the horizon, 1 nearest
    y = horizon + 4 + (SIDE * 1.0 - horizon) * (depth * (0.75 if forest else 0.6))
    height = SIDE * (0.16 + 0.34 * depth) * uniform(rng, 0.8, 1.2) * (1.1 if forest else 1)
    x = SIDE * uniform(rng, 0.02, 0.98)
    if houses and _hides_a_house(x, y, houses):  # move it to the picture's edge
        x = SIDE * (uniform(rng, 0.0, 0.1) if rng.random() < 0.5 else uniform(rng, 0.9, 1.0))
    if water is not None:
        under = canvas.labels.getpixel((int(min(max(x, 0), SIDE - 1)), int(min(y, SIDE - 1))))
        if under == Concept.WATER:  # move it to the far shore
            y, height = horizon + 6, SIDE * uniform(rng, 0.12, 0.22)
    leaf = (
        mix(colour(30, 78, 56), colour(50, 92, 44), uniform(rng, 0, 1)) if conifer else round_leaf
    ) * uniform(rng, 0.85, 1.15)
    leaf = mix(leaf, light.horizon * 0.8, 0.22 * (1 - depth)) * light.tint
    snow = 0.8 if category == Category.WINTER else 0.0
    return Tree(x, y, height, conifer, leaf, colour(84, 60, 42) * light.tint, snow)


def _hides_a_house(x: float, y: float, houses: list[House]) -> bool:
    overlaps = min(abs(x - house.x) - house.width * 0.62 for house in houses) < 0
    return overlaps and y > min(house.y for house in houses)


def paint_tree(canvas: Canvas, rng: np.random.Generator, tree: Tree) -> None:
    x, y, h = tree.x, tree.y, tree.height
    half_trunk = h * 0.055 + 0.8
    canvas.polygon(
        [
            (x - half_trunk, y),
            (x + half_trunk, y),
            (x + half_trunk * 0.7, y - h * 0.4),
            (x - half_trunk * 0.7, y - h * 0.4),
        ],
        tree.trunk,
        Concept.TREE,
    )
    if tree.conifer:
        _paint_conifer(canvas, rng, tree)
    else:
        _paint_round_crown(canvas, rng, tree)


def _paint_conifer(canvas: Canvas, rng: np.random.Generator, tree: Tree) -> None:
    """Three stacked triangles, each dark with a lit (or snowy) left part."""
    x, y, h = tree.x, tree.y, tree.height
    lit = tree.leaf if tree.snow < 0.3 else mix(tree.leaf, colour(236, 242, 250), tree.snow)
    half_width = h * uniform(rng, 0.22, 0.30)
    for tier in range(3):
        base, top = y - h * (0.14 + 0.26 * tier), y - h * min(1.0, 0.55 + 0.24 * tier)
        w = half_width * (1 - 0.24 * tier)
        canvas.polygon([(x - w, base), (x + w, base), (x, top)], tree.leaf * 0.66, Concept.TREE)
        canvas.polygon([(x - w, base), (x + w * 0.15, base), (x, top)], lit, Concept.TREE)


def _paint_round_crown(canvas: Canvas, rng: np.random.Generator, tree: Tree) -> None:
    """A dark disc, five irregular tufts, a lit disc and a highlight at the upper left."""
    x, leaf = tree.x, tree.leaf
    dark, highlight = leaf * 0.66, leaf * 1.22 + 6
    r = tree.height * uniform(rng, 0.27, 0.34)
    y = tree.y - tree.height + r
    canvas.oval(x, y + r * 0.12, r * 1.02, r * 1.02, dark, Concept.TREE)
    for _ in range(5):
        angle, tuft = uniform(rng, 0, 6.28), r * uniform(rng, 0.25, 0.55)
        canvas.oval(
            x + np.cos(angle) * r * 0.62,
            y + np.sin(angle) * r * 0.5,
            tuft,
            tuft * 0.9,
            mix(dark, leaf, uniform(rng, 0.3, 1)),
            Concept.TREE,
        )
    canvas.oval(x - r * 0.22, y - r * 0.2, r * 0.68, r * 0.64, leaf, Concept.TREE)
    if tree.snow >= 0.3:
        highlight = mix(highlight, colour(240, 245, 250), tree.snow)
    canvas.oval(x - r * 0.36, y - r * 0.38, r * 0.36, r * 0.3, highlight, Concept.TREE)

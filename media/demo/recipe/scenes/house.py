"""Houses and the path that leads to them."""

from dataclasses import dataclass

import numpy as np

from .land import Water
from .paint import Canvas, colour, mix, to_rgb, uniform
from .sky import Light
from .vocabulary import SIDE, Category, Concept


@dataclass(frozen=True)
class House:
    """Middle of the front wall's base (x, y) and its width, in canvas pixels; colours RGB, 0 to 255."""

    x: float
    y: float
    width: float
    wall: np.ndarray
    roof: np.ndarray
    door: np.ndarray
    window: np.ndarray


def plan_houses(
    rng: np.random.Generator, category: Category, light: Light, horizon: float, water: Water | None
) -> list[House]:
    # All counts are drawn and one is used: every category then takes the same number of draws here.
    counts = {
        Category.MEADOW: int(rng.random() < 0.15),
        Category.MOUNTAINS: int(rng.random() < 0.12),
        Category.LAKE: int(rng.random() < 0.15),
        Category.FOREST: int(rng.random() < 0.1),
        Category.VILLAGE: int(rng.integers(1, 4)),
        Category.SUNSET: int(rng.random() < 0.3),
        Category.WINTER: int(rng.random() < 0.45),
    }
    count = counts[category]
    places = rng.permutation([0.2, 0.5, 0.8])[:count] if count else []
    return [_plan_house(rng, category, light, horizon, water, place) for place in places]


def _plan_house(
    rng: np.random.Generator,
    category: Category,
    light: Light,
    horizon: float,
    water: Water | None,
    place: float,
) -> House:
    village = category == Category.VILLAGE
    width = SIDE * (uniform(rng, 0.24, 0.36) if village else uniform(rng, 0.18, 0.27))
    x = SIDE * (place + uniform(rng, -0.08, 0.08))
    y = horizon + SIDE * uniform(rng, 0.14, 0.26)
    if water is not None and category in (Category.LAKE, Category.SUNSET):  # on the near or the far shore
        y = min(SIDE * 0.97, max(y, SIDE * 0.86)) if rng.random() < 0.5 else horizon + SIDE * 0.05
    plaster = mix(colour(236, 222, 196), colour(205, 196, 190), uniform(rng, 0, 1))
    wall = mix(plaster, colour(196, 120, 92), float(rng.random() < 0.25)) * light.tint
    roofs = [colour(178, 66, 50), colour(120, 62, 46), colour(88, 92, 112)]
    roof = roofs[int(rng.integers(0, 3))] * uniform(rng, 0.85, 1.15) * light.tint
    window = (
        colour(255, 224, 130)
        if light.dusk
        else mix(colour(70, 96, 130), colour(130, 170, 205), uniform(rng, 0, 1)) * light.tint
    )
    doors = [colour(98, 58, 34), colour(44, 84, 66), colour(130, 40, 40)]
    door = doors[int(rng.integers(0, 3))] * light.tint
    return House(x, y, width, wall, roof, door, window)


def paint_house(canvas: Canvas, rng: np.random.Generator, house: House) -> None:
    """Front wall, sometimes a side wall to the right, roof, chimney, one door and two windows."""
    x, y, w = house.x, house.y, house.width
    h, gable, side = w * uniform(rng, 0.55, 0.72), w * uniform(rng, 0.38, 0.55), w * uniform(rng, 0.0, 0.35)
    eaves = w * 0.09
    left, right = x - w / 2, x + w / 2
    deep = side > w * 0.12
    if deep:
        canvas.polygon(
            [(right, y), (right + side, y - side * 0.22), (right + side, y - h), (right, y - h)],
            house.wall * 0.74,
            Concept.WALL,
        )
    canvas.polygon([(left, y), (right, y), (right, y - h), (left, y - h)], house.wall, Concept.WALL)
    apex, back = (x, y - h - gable), (x + side, y - h - gable)
    ridge_front = (x, y - h - gable + w * 0.16)
    if deep:
        canvas.polygon(
            [(right + eaves, y - h + eaves * 0.5), apex, back, (right + side + eaves, y - h + eaves * 0.2)],
            house.roof * 0.8,
            Concept.ROOF,
        )
        canvas.polygon([(left, y - h), (right, y - h), apex], house.wall * 0.97, Concept.WALL)
        canvas.polygon(
            [(left - eaves, y - h + eaves), apex, ridge_front, (left + eaves * 0.8, y - h + eaves)],
            house.roof,
            Concept.ROOF,
        )
        canvas.polygon(
            [(right + eaves, y - h + eaves), apex, ridge_front, (right - eaves * 0.8, y - h + eaves)],
            house.roof * 0.92,
            Concept.ROOF,
        )
    else:
        canvas.polygon(
            [(left - eaves, y - h + eaves * 0.6), (right + eaves, y - h + eaves * 0.6), apex],
            house.roof,
            Concept.ROOF,
        )
    if rng.random() < 0.4:
        x0, x1 = x + w * 0.22, x + w * 0.22 + w * 0.11
        top, base = y - h - gable * 0.95, y - h - gable * 0.4
        canvas.polygon([(x0, top), (x1, top), (x1, base), (x0, base)], house.roof * 0.6, Concept.ROOF)
    _paint_openings(canvas, rng, house, h)


def _paint_openings(canvas: Canvas, rng: np.random.Generator, house: House, wall_height: float) -> None:
    """Three places on the front: a door in one of them, windows with a bar in the other two."""
    x, y, w = house.x, house.y, house.width
    door_width, door_height, pane = w * 0.19, wall_height * 0.62, w * 0.2
    door_place = rng.integers(0, 3)
    places = [x - w * 0.27, x, x + w * 0.27]
    middle = places[door_place]
    canvas.polygon(
        [
            (middle - door_width / 2, y),
            (middle + door_width / 2, y),
            (middle + door_width / 2, y - door_height),
            (middle - door_width / 2, y - door_height),
        ],
        house.door,
        Concept.DOOR,
    )
    centre = y - wall_height * 0.68
    top, base = centre - pane / 2, centre + pane / 2
    for place, middle in enumerate(places):
        if place == door_place:
            continue
        canvas.polygon(
            [
                (middle - pane / 2, top),
                (middle + pane / 2, top),
                (middle + pane / 2, base),
                (middle - pane / 2, base),
            ],
            house.window,
            Concept.WINDOW,
        )
        canvas.image_pen.line([(middle, top), (middle, base)], fill=to_rgb(house.wall * 0.85), width=1)


def paint_path(
    canvas: Canvas,
    rng: np.random.Generator,
    light: Light,
    horizon: float,
    water: Water | None,
    houses: list[House],
) -> None:
    """A bent path from the lower edge to the first house or, without houses, to the horizon."""
    if not ((houses and rng.random() < 0.65) or rng.random() < 0.14):
        return
    gravel = mix(colour(196, 168, 122), colour(168, 150, 134), uniform(rng, 0, 1)) * light.tint
    if houses:
        end_x, end_y = houses[0].x, houses[0].y
    else:
        end_x, end_y = SIDE * uniform(rng, 0.25, 0.75), horizon + 4
    if water is not None and not houses:  # it would run across the water
        return
    start_x, bend = SIDE * uniform(rng, 0.15, 0.85), SIDE * uniform(rng, -0.2, 0.2)
    far_width, near_width = (houses[0].width * 0.12 if houses else 2.5), SIDE * uniform(rng, 0.08, 0.14)
    s = np.linspace(0, 1, 12)  # 0 at the far end, 1 at the lower edge
    xs = end_x + (start_x - end_x) * s + bend * np.sin(np.pi * s)
    ys = end_y + (SIDE + 2 - end_y) * s
    half_widths = far_width + (near_width - far_width) * s**1.3
    left_edge = list(zip(xs - half_widths, ys))
    right_edge = list(zip((xs + half_widths)[::-1], ys[::-1]))
    canvas.polygon(left_edge + right_edge, gravel, Concept.PATH)

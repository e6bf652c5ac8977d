"""The canvas, and small helpers for colours and outlines.

Colours are float32 [3] arrays, RGB, nominally 0 to 255; they may leave that range while they are
mixed and lit, and are clipped when they are painted.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from .vocabulary import SIDE, Concept

Point = tuple[float, float]


def uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """One draw from [low, high) as a Python float, so that float32 colours stay float32."""
    return float(rng.uniform(low, high))


def colour(*rgb: float) -> np.ndarray:
    return np.array(rgb, np.float32)


def mix(a: np.ndarray, b: np.ndarray, share_of_b: float) -> np.ndarray:
    return np.asarray(a, np.float32) * (1 - share_of_b) + np.asarray(b, np.float32) * share_of_b


def to_rgb(value: np.ndarray) -> tuple[int, ...]:
    return tuple(int(channel) for channel in np.clip(value, 0, 255))


def ridge(
    rng: np.random.Generator, height: float, amplitude: float, roughness: float, rounds: int = 5
) -> np.ndarray:
    """A skyline by midpoint displacement.

    Returns the canvas rows of the line at the SIDE + 1 column borders, float64 [SIDE + 1], scattered
    around `height`. Each round doubles the points and scales the displacement by `roughness`.
    """
    points = np.array([height + amplitude * rng.uniform(-1, 1), height + amplitude * rng.uniform(-1, 1)])
    for _ in range(rounds):
        amplitude *= roughness
        middle = (points[:-1] + points[1:]) / 2 + amplitude * rng.uniform(-1, 1, len(points) - 1)
        woven = np.empty(len(points) + len(middle))
        woven[0::2], woven[1::2] = points, middle
        points = woven
    return np.interp(np.arange(SIDE + 1), np.linspace(0, SIDE, len(points)), points)


class Canvas:
    """A picture and its label map, painted together so that they always agree.

    Both are SIDE x SIDE; x grows to the right and y downwards, in canvas pixels.
    """

    def __init__(self) -> None:
        self.image = Image.new('RGB', (SIDE, SIDE))
        self.labels = Image.new('L', (SIDE, SIDE), Concept.SKY)
        self.image_pen = ImageDraw.Draw(self.image)
        self.label_pen = ImageDraw.Draw(self.labels)

    def polygon(self, points: Sequence[Point], fill: np.ndarray, concept: Concept) -> None:
        points = [(float(x), float(y)) for x, y in points]
        self.image_pen.polygon(points, fill=to_rgb(fill))
        self.label_pen.polygon(points, fill=concept)

    def oval(
        self, x: float, y: float, radius_x: float, radius_y: float, fill: np.ndarray, concept: Concept
    ) -> None:
        box = [x - radius_x, y - radius_y, x + radius_x, y + radius_y]
        self.image_pen.ellipse(box, fill=to_rgb(fill))
        self.label_pen.ellipse(box, fill=concept)

    def gradient(
        self, mask: Image.Image, top: np.ndarray, bottom: np.ndarray, y0: float, y1: float, concept: Concept
    ) -> None:
        """Fills `mask` (mode L) with a vertical gradient that runs from `top` at y0 to `bottom` at y1."""
        share = np.clip((np.arange(SIDE) - y0) / max(1, y1 - y0), 0, 1)[:, None]
        column = (np.asarray(top) * (1 - share) + np.asarray(bottom) * share).clip(0, 255).astype(np.uint8)
        self.image.paste(Image.fromarray(np.repeat(column[:, None, :], SIDE, 1)), (0, 0), mask)
        self.labels.paste(int(concept), (0, 0, SIDE, SIDE), mask.point(lambda v: 255 if v > 127 else 0))


def mask_below(skyline: np.ndarray) -> Image.Image:
    """Mode L mask of everything under a skyline of `ridge`."""
    mask = Image.new('L', (SIDE, SIDE), 0)
    points = [(i * 3, float(y)) for i, y in enumerate(skyline[::3])]
    corners_right = [(SIDE + 2, float(skyline[-1])), (SIDE + 2, SIDE + 2)]
    ImageDraw.Draw(mask).polygon([(0, SIDE + 2), *points, *corners_right], fill=255)
    return mask

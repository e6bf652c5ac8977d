"""Grain: smooth noise that multiplies the flat colours, stronger on some concepts than on others."""

from functools import cache

import numpy as np
from PIL import Image

from .vocabulary import SIDE

# Relative strength of the grain on each concept, float32 [13], in the order of `Concept`.
STRENGTH = np.array(
    [0.006, 0.0, 0.012, 0.055, 0.060, 0.045, 0.10, 0.020, 0.045, 0.03, 0.03, 0.05, 0.018], np.float32
)
# 1 where the grain is stretched sideways (sky, grass, water, roof, path, snow), 0 where it is round.
STRETCHED = np.array([1, 0, 0, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1], np.float32)

PATTERNS = 96


@cache
def patterns() -> list[np.ndarray]:
    """96 noise fields, float32 [SIDE, SIDE], unit standard deviation; odd ones are stretched sideways.

    They are drawn once from a fixed seed: a scene picks two of them, which costs far less than
    fresh noise for every scene.
    """
    rng = np.random.default_rng(0)
    fields = []
    for index in range(PATTERNS):
        field = np.zeros((SIDE, SIDE), np.float32)
        for cells, weight in ((12, 0.6), (24, 0.8), (64, 1.0)):
            cells_x = cells if index % 2 == 0 else max(4, cells // 4)
            noise = rng.normal(size=(cells, cells_x)).astype(np.float32)
            smooth = Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
            field += weight * np.asarray(smooth)
        fields.append((field / field.std()).astype(np.float32))
    return fields


def add_grain(rng: np.random.Generator, image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Multiplies grain into `image`, float32 [SIDE, SIDE, 3], as `labels`, uint8 [SIDE, SIDE], asks."""
    round_grain = patterns()[2 * int(rng.integers(0, PATTERNS // 2))]
    long_grain = patterns()[2 * int(rng.integers(0, PATTERNS // 2)) + 1]
    if rng.random() < 0.5:
        round_grain, long_grain = round_grain[:, ::-1], long_grain[:, ::-1]
    stretched = STRETCHED[labels]
    grain = STRENGTH[labels] * (long_grain * stretched + round_grain * (1 - stretched))
    return image * (1 + grain)[..., None]

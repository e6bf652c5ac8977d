"""Step `translate-data`: the pictures of the two seasons, from the training scenes and a few more.

Summer is meadow, mountains, lake, forest and village, without sunsets. Winter is one category in seven,
so more of it is rendered. Held-out pictures come from seeds of their own.
"""

import argparse
from pathlib import Path

import numpy as np

from .. import data
from ..scenes import Category, render

SUMMER = [Category.MEADOW, Category.MOUNTAINS, Category.LAKE, Category.FOREST, Category.VILLAGE]
WINTER = [Category.WINTER]
HELD_WINTER_SEED, HELD_SUMMER_SEED, EXTRA_WINTER_SEED = 770_001, 770_002, 770_003


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--extra-winter', type=int, default=4000)
    parser.add_argument('--held-out', type=int, default=500, help='pictures of each season')


def run(args: argparse.Namespace) -> None:
    scenes = data.load(args.work)
    folder = args.work / 'translate'
    folder.mkdir(parents=True, exist_ok=True)
    extra = render_season(EXTRA_WINTER_SEED, args.extra_winter, WINTER)
    winter = scenes.images[scenes.categories == Category.WINTER]
    pictures = {
        'held_winter': render_season(HELD_WINTER_SEED, args.held_out, WINTER),
        'held_summer': render_season(HELD_SUMMER_SEED, args.held_out, SUMMER),
        'summer': scenes.images[np.isin(scenes.categories, SUMMER)],
        'winter': np.concatenate([winter, extra]),
    }
    for name, images in pictures.items():
        np.save(folder / f'{name}.npy', images)
        print(f'{name}: {len(images)} pictures')


def render_season(seed: int, count: int, categories: list[Category]) -> np.ndarray:
    """uint8 [count, 64, 64, 3]."""
    rng = np.random.default_rng(seed)
    return np.stack([render(rng, int(rng.choice(categories)))[0] for _ in range(count)])


def load(work: Path, name: str) -> np.ndarray:
    """One of summer, winter, held_summer and held_winter, uint8 [N, 64, 64, 3]."""
    return np.load(work / 'translate' / f'{name}.npy')

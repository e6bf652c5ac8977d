"""Step `translate-evaluate`: figures for two exported translators on held-out pictures.

Distances are mean |difference| in units of [-1, 1]; times 127.5 gives grey levels.
"""

import argparse
from pathlib import Path

import numpy as np

from .. import onnx_files, paths
from ..reference import to_input
from ..scenes import CATEGORIES
from .data import HELD_SUMMER_SEED, HELD_WINTER_SEED, SUMMER, WINTER, render_season
from .export import FILES

SEASONS = (
    ('summer -> winter', HELD_SUMMER_SEED, SUMMER, 's2w', 'w2s'),
    ('winter -> summer', HELD_WINTER_SEED, WINTER, 'w2s', 's2w'),
)
NOISE = 0.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--models', type=Path, default=paths.TRANSLATE, help='folder of the two ONNX files')
    parser.add_argument('--extractor', type=Path, default=paths.EXTRACTOR)
    parser.add_argument('--count', type=int, default=500, help='pictures of each season')
    parser.add_argument('--seed', type=int, default=0, help='of the noise')


def run(args: argparse.Namespace) -> None:
    models = {name: onnx_files.session(args.models / file) for name, file in FILES.items()}
    extractor = onnx_files.session(args.extractor)
    rng = np.random.default_rng(args.seed)

    def apply(name: str, image: np.ndarray) -> np.ndarray:
        return onnx_files.run_batches(models[name], {'image': image}, 50)[0]

    def recognised(image: np.ndarray) -> dict[str, float]:
        """Share of the pictures that the extractor's classifier puts in each category it uses at all."""
        classes = onnx_files.run_batches(extractor, {'image': image})[1].argmax(1)
        return {
            name: round(float((classes == i).mean()), 3)
            for i, name in enumerate(CATEGORIES)
            if (classes == i).any()
        }

    for title, seed, categories, there, back in SEASONS:
        image = to_input(render_season(seed, args.count, categories))
        translated = apply(there, image)
        returned = apply(back, translated)
        noisy = translated + NOISE * rng.standard_normal(translated.shape).astype(np.float32)
        print(f'{title}, {len(image)} pictures')
        print(f'  there and back          {_distance(returned, image):.4f}')
        print(f'  same, rounded to 8 bits {_distance(apply(back, _rounded(translated)), image):.4f}')
        print(f'  same, with noise {NOISE}    {_distance(apply(back, noisy), image):.4f}')
        print(f'  change made             {_distance(translated, image):.4f}')
        print(f'  season already right    {_distance(apply(back, image), image):.4f}')
        print(f'  recognised: inputs {recognised(image)}')
        print(f'              translations {recognised(translated)}')
        print(f'              there and back {recognised(returned)}', flush=True)


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).mean())


def _rounded(image: np.ndarray) -> np.ndarray:
    """What a PNG would keep."""
    return ((image + 1) * 127.5).round().clip(0, 255) / np.float32(127.5) - 1

"""Step `sheets`: draws the pictures of the cards from the shipped files. Nothing is chosen by hand."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from . import onnx_files, paths
from .models import LATENT
from .pictures import grid, to_images
from .reference import to_input
from .scenes import CATEGORIES
from .translate.data import HELD_SUMMER_SEED, HELD_WINTER_SEED, SUMMER, WINTER, render_season
from .translate.export import FILES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--demo', type=Path, default=paths.DEMO, help='folder with the ONNX files')
    parser.add_argument('--seed', type=int, default=0, help='of the latents')
    parser.add_argument('--out', type=Path, help='default: sheets in the work folder')


def run(args: argparse.Namespace) -> None:
    out = args.out or args.work / 'sheets'
    samples = _samples(args.demo / 'generator.onnx', 35, args.seed)
    _save(grid(samples, len(CATEGORIES)), out / 'samples.jpg')
    checkpoints = sorted((args.demo / 'checkpoints').glob('step-*.onnx'))
    film = [_samples(path, len(CATEGORIES), args.seed) for path in checkpoints]
    _save(grid(np.concatenate(film), len(CATEGORIES)), out / 'checkpoints' / 'film.jpg')
    _save(grid(_translations(args.demo / 'translate'), 10), out / 'translate' / 'samples.jpg')


def _samples(path: Path, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 64, 64, 3]; columns repeat the classes."""
    z = torch.randn(count, LATENT, generator=torch.Generator().manual_seed(seed)).numpy()
    category = np.eye(len(CATEGORIES), dtype=np.float32)[np.arange(count) % len(CATEGORIES)]
    (image,) = onnx_files.run(onnx_files.session(path), {'z': z, 'category': category})
    return to_images(torch.from_numpy(image))


def _translations(folder: Path) -> np.ndarray:
    """Six rows of ten: summer, translated, back; winter, translated, back."""
    models = {name: onnx_files.session(folder / file) for name, file in FILES.items()}
    rows = []
    for seed, season, there, back in (
        (HELD_SUMMER_SEED, SUMMER, 's2w', 'w2s'),
        (HELD_WINTER_SEED, WINTER, 'w2s', 's2w'),
    ):
        image = to_input(render_season(seed, 10, season))
        (translated,) = onnx_files.run(models[there], {'image': image})
        (returned,) = onnx_files.run(models[back], {'image': translated})
        rows += [image, translated, returned]
    return to_images(torch.from_numpy(np.concatenate(rows)))


def _save(sheet: np.ndarray, path: Path) -> None:
    """Twice as large, with crisp pixels, as JPEG: a card needs no lossless picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    large = sheet.repeat(2, 0).repeat(2, 1)
    Image.fromarray(large).save(path, quality=80, optimize=True)
    print(f'{path}  {path.stat().st_size:,} bytes')

"""Step `timeline`: scores every checkpoint of a run, to ask which one to keep.

All checkpoints get the same latents and evenly spread classes. The scores use the demo's own extractor
and must not be compared with published ones, which use Inception.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import onnx_files, paths
from .data import render_many
from .models import LATENT
from .reference import read_zip, to_input
from .scenes import CATEGORIES, CONCEPTS

FLOOR_SEED = 990_000  # scenes for real against real; used nowhere else


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--checkpoints', type=Path, default=paths.CHECKPOINTS, help='folder of step-*.onnx')
    parser.add_argument('--extractor', type=Path, default=paths.EXTRACTOR)
    parser.add_argument('--segmenter', type=Path, default=paths.SEGMENTER)
    parser.add_argument('--reference', type=Path, default=paths.REFERENCE)
    parser.add_argument('--samples', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=5, help='of the latents')


def run(args: argparse.Namespace) -> None:
    scorer = Scorer(args.extractor, args.segmenter, *read_zip(args.reference))
    other = render_many(FLOOR_SEED, args.samples)
    floor = scorer.score(to_input(other.images), other.categories)
    print('real against real', json.dumps(floor), flush=True)
    categories = np.arange(args.samples) % len(CATEGORIES)
    z = torch.randn(args.samples, LATENT, generator=torch.Generator().manual_seed(args.seed))
    feeds = {'z': z.numpy(), 'category': np.eye(len(CATEGORIES), dtype=np.float32)[categories]}
    rows = []
    for path in sorted(args.checkpoints.glob('step-*.onnx')):
        (image,) = onnx_files.run_batches(onnx_files.session(path), feeds)
        row = {'step': int(path.stem.split('-')[1]), **scorer.score(image, categories)}
        rows.append(row)
        print(json.dumps(row), flush=True)
    args.work.mkdir(parents=True, exist_ok=True)
    result = {'samples': args.samples, 'seed': args.seed, 'reference': len(scorer.features)}
    result |= {'real': floor, 'checkpoints': rows}
    (args.work / 'timeline.json').write_text(json.dumps(result, indent=1) + '\n')


class Scorer:
    """Scores images [N, 3, 64, 64] in [-1, 1] against one reference, uint8 [M, 64, 64, 3]."""

    def __init__(self, extractor: Path, segmenter: Path, images: np.ndarray, categories: np.ndarray) -> None:
        self.extractor, self.segmenter = onnx_files.session(extractor), onnx_files.session(segmenter)
        self.categories = categories
        self.features, _ = self._extract(to_input(images))
        self.area = self._area(to_input(images))

    def score(self, images: np.ndarray, categories: np.ndarray) -> dict:
        """`categories` [N] are those asked for; distances by category rest on a seventh of the images."""
        features, logits = self._extract(images)
        precision, recall = precision_recall(self.features, features)
        by_category = {
            name: round(frechet_distance(self.features[self.categories == i], features[categories == i]), 2)
            for i, name in enumerate(CATEGORIES)
        }
        return {
            'frechet': round(frechet_distance(self.features, features), 3),
            'inceptionScore': round(inception_score(logits), 3),
            'precision': round(precision, 3),
            'recall': round(recall, 3),
            'areaL1': round(float(np.abs(self._area(images) - self.area).sum()), 3),
            'recognised': round(float((logits.argmax(1) == categories).mean()), 3),
            'frechetByCategory': by_category,
        }

    def _extract(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        features, logits = onnx_files.run_batches(self.extractor, {'image': images})
        return features.astype(np.float64), logits.astype(np.float64)

    def _area(self, images: np.ndarray) -> np.ndarray:
        """Share of the area each concept covers in the first 1,000 images, [13]."""
        count = np.zeros(len(CONCEPTS))
        for first in range(0, min(1000, len(images)), 100):
            (logits,) = onnx_files.run(self.segmenter, {'pixel_values': images[first : first + 100]})
            count += np.bincount(logits.argmax(1).ravel(), minlength=len(CONCEPTS))
        return count / count.sum()


def frechet_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Between Gaussians fitted to features [N, d] and [M, d] (Heusel et al. 2017, eq. 6).

    The trace of the root of the covariances' product is taken from a symmetric matrix with the same
    eigenvalues: a general matrix root is inaccurate where features are constant (singular).
    """
    covariance_a, covariance_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(covariance_a)
    root_a = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    root_trace = np.sqrt(np.linalg.eigvalsh(root_a @ covariance_b @ root_a).clip(0)).sum()
    spread = np.trace(covariance_a) + np.trace(covariance_b) - 2 * root_trace
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + spread)


def inception_score(logits: np.ndarray) -> float:
    """exp of the mean KL divergence of p(y|x) from p(y), over logits [N, k] (Salimans et al. 2016)."""
    shifted = logits - logits.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    p = np.exp(log_p)
    return float(np.exp((p * (log_p - np.log(p.mean(0, keepdims=True)))).sum(1).mean()))


def precision_recall(real: np.ndarray, fake: np.ndarray, neighbours: int = 5) -> tuple[float, float]:
    """Shares of fake features near a real one and of real near a fake one (Kynkäänniemi et al. 2019).

    Near means within the distance from the other point to its k-th neighbour among its own kind.
    """
    between = _squared_distances(real, fake)
    real_radius = np.sort(_squared_distances(real, real), 1)[:, neighbours]  # column 0 is the point itself
    fake_radius = np.sort(_squared_distances(fake, fake), 1)[:, neighbours]
    precision = (between <= real_radius[:, None]).any(0).mean()
    recall = (between <= fake_radius[None]).any(1).mean()
    return float(precision), float(recall)


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """[N, d] and [M, d] -> [N, M]."""
    return ((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T).clip(0)

"""Step `data`: renders the training scenes.

Scenes come in jobs of 500, job k from seed 1000 + k, so the set does not depend on the number of
processes. Seeds of the other sets (reference, translation) are far above this range.
"""

import argparse
import multiprocessing
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .scenes import CATEGORIES, CONCEPTS, SIZE, render

FIRST_SEED = 1000
SCENES_PER_JOB = 500


@dataclass(frozen=True)
class Scenes:
    """images uint8 [N, 64, 64, 3], labels uint8 [N, 64, 64] (concepts), categories uint8 [N]."""

    images: np.ndarray
    labels: np.ndarray
    categories: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


def render_many(seed: int, count: int) -> Scenes:
    """`count` scenes of random categories, one after the other from one random generator."""
    rng = np.random.default_rng(seed)
    images = np.empty((count, SIZE, SIZE, 3), np.uint8)
    labels = np.empty((count, SIZE, SIZE), np.uint8)
    categories = np.empty(count, np.uint8)
    for i in range(count):
        images[i], labels[i], categories[i] = render(rng)
    return Scenes(images, labels, categories)


def _job(job: tuple[int, int]) -> Scenes:
    return render_many(*job)


def load(work: Path) -> Scenes:
    """The scenes that step `data` left in `work`."""
    return Scenes(*(np.load(work / f'{part}.npy') for part in ('images', 'labels', 'categories')))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--scenes', type=int, default=30000, help='how many (default: %(default)s)')
    parser.add_argument('--processes', type=int, default=2)


def run(args: argparse.Namespace) -> None:
    start = time.time()
    jobs = [
        (FIRST_SEED + k, min(SCENES_PER_JOB, args.scenes - first))
        for k, first in enumerate(range(0, args.scenes, SCENES_PER_JOB))
    ]
    with multiprocessing.Pool(args.processes) as pool:
        parts = pool.map(_job, jobs, chunksize=1)
    args.work.mkdir(parents=True, exist_ok=True)
    for name in ('images', 'labels', 'categories'):
        np.save(args.work / f'{name}.npy', np.concatenate([getattr(part, name) for part in parts]))
    scenes = load(args.work)
    print(f'{len(scenes)} scenes in {time.time() - start:.0f} s')
    print('scenes a category', dict(zip(CATEGORIES, np.bincount(scenes.categories, minlength=7).tolist())))
    area = np.bincount(scenes.labels.ravel(), minlength=len(CONCEPTS)) / scenes.labels.size
    print('share of area', {name: round(float(share), 4) for name, share in zip(CONCEPTS, area)})

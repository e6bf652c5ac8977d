"""Step `reference`: renders held-out scenes into reference.zip, the real images that scores compare with.

The zip has the layout of StyleGAN's data sets: images under 00000/ and dataset.json with
{"labels": [[file, class], ...]}. Equal arguments give equal bytes.
"""

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from . import onnx_files, paths
from .data import SCENES_PER_JOB, Scenes, render_many
from .scenes import CATEGORIES

SEED = 880_000  # training renders from seeds 1000 to 1059, translation from 770001 to 770003
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--count', type=int, default=2000)
    parser.add_argument(
        '--seed', type=int, default=SEED, help='of the first 500 scenes; the next 500 use seed + 1'
    )
    parser.add_argument(
        '--extractor', type=Path, default=paths.EXTRACTOR, help='measures how well the set is recognised'
    )
    parser.add_argument('--out', type=Path, help='default: reference.zip in the work folder')


def run(args: argparse.Namespace) -> None:
    out = args.out or args.work / 'reference.zip'
    out.parent.mkdir(parents=True, exist_ok=True)
    write_zip(render_held_out(args.seed, args.count), out)
    print(f'{out}  {out.stat().st_size:,} bytes  sha256 {hashlib.sha256(out.read_bytes()).hexdigest()[:16]}')
    images, categories = read_zip(out)
    print('scenes a category', dict(zip(CATEGORIES, np.bincount(categories, minlength=7).tolist())))
    _, logits = onnx_files.run_batches(onnx_files.session(args.extractor), {'image': to_input(images)})
    right = logits.argmax(1) == categories
    print(
        f'extractor accuracy {right.mean():.4f} ({right.sum()} of {len(right)})',
        {
            name: round(float(right[categories == i].mean()), 3)
            for i, name in enumerate(CATEGORIES)
            if (categories == i).any()
        },
    )


def render_held_out(seed: int, count: int) -> list[Scenes]:
    return [
        render_many(seed + k, min(SCENES_PER_JOB, count - first))
        for k, first in enumerate(range(0, count, SCENES_PER_JOB))
    ]


def write_zip(parts: list[Scenes], path: Path) -> None:
    labels = []
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_STORED) as archive:  # PNG is compressed already
        for part in parts:
            for image, category in zip(part.images, part.categories):
                name = f'00000/img{len(labels):08d}.png'
                buffer = io.BytesIO()
                Image.fromarray(image).save(buffer, 'PNG', optimize=True)
                _add(archive, name, buffer.getvalue())
                labels.append([name, int(category)])
        _add(archive, 'dataset.json', json.dumps({'labels': labels}).encode())


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, OLDEST_DATE)  # a clock would make every zip different
    entry.create_system = 3  # as would the operating system
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def read_zip(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, 64, 64, 3] and categories int64 [N], in the order of dataset.json."""
    with zipfile.ZipFile(path) as archive:
        labels = json.loads(archive.read('dataset.json'))['labels']
        images = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert('RGB')) for name, _ in labels]
    return np.stack(images), np.array([category for _, category in labels])


def to_input(images: np.ndarray) -> np.ndarray:
    """uint8 [N, h, w, 3] -> float32 [N, 3, h, w] in [-1, 1]."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(127.5) - 1

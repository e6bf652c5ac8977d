"""Step `train-aux`: trains the segmenter and the extractor (a scene classifier) on the rendered scenes."""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import data
from .models import Extractor, Segmenter
from .models.blocks import parameter_count
from .pictures import mirrored, to_tensor
from .scenes import CATEGORIES, CONCEPTS

LEARNING_RATE = 3e-3
BATCH = {'segmenter': 24, 'extractor': 64}
HELD_OUT = 1500  # the last scenes measure, the others train


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--network', choices=('segmenter', 'extractor', 'both'), default='both')
    parser.add_argument(
        '--minutes', type=float, default=20, help='time for each network (default: %(default)s)'
    )
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--threads', type=int, default=1)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    scenes = data.load(args.work)
    split = len(scenes) - min(HELD_OUT, len(scenes) // 5)
    names = BATCH if args.network == 'both' else [args.network]
    for name in names:
        torch.manual_seed(args.seed)
        network = Segmenter() if name == 'segmenter' else Extractor()
        network = network.to(memory_format=torch.channels_last)
        print(f'{name}: {parameter_count(network)} parameters', flush=True)
        _train(network, name, scenes, split, args)
        network.eval()
        torch.save(network.state_dict(), args.work / f'{name}.pt')
        (_measure_segmenter if name == 'segmenter' else _measure_extractor)(network, scenes, split)


def _train(network: nn.Module, name: str, scenes: data.Scenes, split: int, args: argparse.Namespace) -> None:
    """AdamW with a warm-up of 50 steps and a cosine that ends when the time is over."""
    rng = np.random.default_rng(args.seed)
    optimiser = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=1e-4)
    step, start, limit = 0, time.time(), args.minutes * 60
    while (elapsed := time.time() - start) < limit:
        cosine = max(0.01, 0.5 * (1 + np.cos(np.pi * elapsed / limit)))
        optimiser.param_groups[0]['lr'] = LEARNING_RATE * min(1, step / 50 + 0.02) * cosine
        chosen = rng.integers(0, split, BATCH[name])
        flip = rng.random(BATCH[name]) < 0.5
        image = _disturb(_channels_last(mirrored(scenes.images[chosen], flip)), rng)
        with torch.autocast('cpu', torch.bfloat16):
            output = network(image)
        if name == 'segmenter':
            labels = mirrored(scenes.labels[chosen], flip).astype(np.int64)
            loss = F.cross_entropy(output.float(), torch.from_numpy(labels))
        else:
            categories = torch.from_numpy(scenes.categories[chosen].astype(np.int64))
            loss = F.cross_entropy(output[1].float(), categories, label_smoothing=0.02)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 100 == 0:
            print(f'step {step}  {elapsed:.0f} s  loss {loss.item():.4f}', flush=True)
    print(f'{step} steps')


def _channels_last(images: np.ndarray) -> Tensor:
    return to_tensor(images).contiguous(memory_format=torch.channels_last)


def _disturb(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Brightness, colour, noise and blur: the flaws of generated images should not mislead the network."""
    n = image.shape[0]
    image = image * (1 + 0.12 * torch.randn(n, 1, 1, 1)) + 0.06 * torch.randn(n, 3, 1, 1)
    if rng.random() < 0.5:
        image = image + torch.randn_like(image) * float(rng.uniform(0, 0.12))
    if rng.random() < 0.4:
        blurred = F.interpolate(
            F.avg_pool2d(image, 2), scale_factor=2.0, mode='bilinear', align_corners=False
        )
        image = blurred * 0.6 + image * 0.4
    return image.clamp(-1, 1)


@torch.no_grad()
def _measure_segmenter(network: nn.Module, scenes: data.Scenes, split: int) -> None:
    """Pixel accuracy and IoU on the held-out scenes, undisturbed."""
    k = len(CONCEPTS)
    confusion = np.zeros((k, k), np.int64)  # rows: truth, columns: prediction
    for first in range(split, len(scenes), 100):
        predicted = network(_channels_last(scenes.images[first : first + 100])).argmax(1).numpy()
        pairs = scenes.labels[first : first + 100].astype(np.int64) * k + predicted
        confusion += np.bincount(pairs.ravel(), minlength=k * k).reshape(k, k)
    right = np.diag(confusion)
    iou = right / np.maximum(1, confusion.sum(0) + confusion.sum(1) - right)
    print(
        f'pixel accuracy {right.sum() / confusion.sum():.4f}  mean IoU {iou.mean():.4f}',
        {name: round(float(value), 3) for name, value in zip(CONCEPTS, iou)},
    )


@torch.no_grad()
def _measure_extractor(network: nn.Module, scenes: data.Scenes, split: int) -> None:
    """Accuracy on the held-out scenes, undisturbed, overall and for each category."""
    truth = scenes.categories[split:]
    batches = [
        network(_channels_last(scenes.images[k : k + 100]))[1].argmax(1)
        for k in range(split, len(scenes), 100)
    ]
    right = torch.cat(batches).numpy() == truth
    print(
        f'accuracy {right.mean():.4f}',
        {
            name: round(float(right[truth == i].mean()), 3)
            for i, name in enumerate(CATEGORIES)
            if (truth == i).any()
        },
    )

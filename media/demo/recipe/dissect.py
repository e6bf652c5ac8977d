"""Step `dissect`: which units of the generator match which concept, and do they cause it?

Writes dissect.json and, for every layer and tested concept, a sheet of pictures with five rows:
samples with the concept, their segmentation, the same with the units off, other samples, and those
with the units raised in a window.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import paths
from .dissection import agreement
from .dissection.interventions import Effect, Window, ablate, insert, measure_effect
from .dissection.probe import Probe
from .models import LAYERS, Generator, Segmenter
from .pictures import grid, save_sheet, to_images
from .scenes import CONCEPTS, PALETTE, Concept

TOP_SHARE = 0.99  # a unit is active where it exceeds this quantile
HIGH_SHARE = 0.995  # the level that insertion raises units to
UNITS = 20  # as many units as an intervention changes
CONTROL_SEED = 3  # of the random units
TESTED = (
    Concept.TREE,
    Concept.WALL,
    Concept.CLOUD,
    Concept.WATER,
    Concept.MOUNTAIN,
    Concept.SNOW,
    Concept.SUN,
)
HOUSE = [Concept.WALL, Concept.ROOF, Concept.DOOR, Concept.WINDOW]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--generator',
        type=Path,
        default=paths.WEIGHTS / 'generator.pt',
        help="a generator's weights, or final.pt of a run",
    )
    parser.add_argument('--segmenter', type=Path, default=paths.WEIGHTS / 'segmenter.pt')
    parser.add_argument('--layers', nargs='+', choices=LAYERS, default=['l8b', 'l16b'])
    parser.add_argument('--samples', type=int, default=1000)
    parser.add_argument('--intervention-samples', type=int, default=400)
    parser.add_argument('--seed', type=int, default=11, help='of the latents')
    parser.add_argument('--threads', type=int, default=1)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    folder = args.work / 'dissect'
    folder.mkdir(parents=True, exist_ok=True)
    probe = Probe(
        _load(Generator(), args.generator), _load(Segmenter(), args.segmenter), args.samples, args.seed
    )
    labels = probe.labels()
    area = torch.bincount(labels.flatten(), minlength=len(CONCEPTS)) / labels.numel()
    print('share of area', {name: round(float(share), 4) for name, share in zip(CONCEPTS, area)})
    report = {}
    for layer in args.layers:
        feature_maps = probe.feature_maps(layer)
        found = _agreement(layer, feature_maps, labels)
        effects = _effects(probe, layer, feature_maps, found, labels, args.intervention_samples, folder)
        report[layer] = {'resolution': feature_maps.shape[-1], 'iou': found.tolist(), 'effects': effects}
    (folder / 'dissect.json').write_text(json.dumps(report) + '\n')


def _effects(
    probe: Probe, layer: str, feature_maps: Tensor, iou: Tensor, labels: Tensor, count: int, folder: Path
) -> dict[str, dict]:
    """Ablates and inserts the units with the highest `iou` [C, K] of each concept, in `count` samples."""
    samples = torch.arange(min(count, len(probe)))
    rng = np.random.default_rng(CONTROL_SEED)
    high = agreement.thresholds(feature_maps, (HIGH_SHARE,))[0]
    effects = {}
    for concept in TESTED:
        # A wall never stands alone, so units of the other parts of a house count for it too.
        score = iou[:, HOUSE].sum(1) if concept == Concept.WALL else iou[:, concept]
        units = score.topk(min(UNITS, len(score))).indices
        window = Window.for_concept(concept, feature_maps.shape[-1])
        effect = measure_effect(probe, layer, concept, units, high, window, samples, labels[samples], rng)
        _print_effect(concept, effect)
        effects[CONCEPTS[concept]] = {'units': units.tolist(), **asdict(effect)}
        edits = ablate(layer, units), insert(layer, units, high, window)
        sheet = _sheet(probe, labels, concept, *edits)
        if sheet is not None:
            save_sheet(sheet, folder / f'{layer}_{CONCEPTS[concept]}.png')
    return effects


def _load(network: torch.nn.Module, path: Path) -> torch.nn.Module:
    state = torch.load(path, map_location='cpu')
    network.load_state_dict(state['generator'] if 'generator' in state else state)
    return network


def _agreement(layer: str, feature_maps: Tensor, labels: Tensor) -> Tensor:
    """Prints how many units match a concept. Returns the IoU [C, K] at the top 1 % threshold."""
    levels = agreement.thresholds(feature_maps, (TOP_SHARE,))
    found = agreement.measure(feature_maps, labels, levels)[0].agreement()[0]
    best, concept = found.max(1)
    dead = int((feature_maps.amax((0, 2, 3)) <= 1e-6).sum())
    print(
        f'\n{layer}: {feature_maps.shape[1]} units at {feature_maps.shape[-1]}x{feature_maps.shape[-1]}, '
        f'{dead} dead; best IoU {_above(best, (0.04, 0.05, 0.10))}'
    )
    for k, name in enumerate(CONCEPTS):
        top = found[:, k].topk(5)
        units = ', '.join(f'{int(unit)} ({float(iou):.3f})' for iou, unit in zip(top.values, top.indices))
        count = int(((concept == k) & (best > 0.05)).sum())
        print(f'  {name:9} best concept of {count:3d} units (IoU > .05); highest: {units}')
    _free_threshold(feature_maps, labels)
    return found


def _free_threshold(feature_maps: Tensor, labels: Tensor) -> None:
    """Threshold and concept by the information ratio on half of the samples, IoU on the other half."""
    levels = agreement.thresholds(feature_maps, agreement.QUANTILES)
    choosing, judging = agreement.measure(feature_maps[:600], labels[:600], levels, parts=2)
    ratio, quantile = choosing.information_ratio().max(0)  # [C, K] each
    concept = ratio.argmax(1)
    units = torch.arange(len(concept))
    iou = judging.agreement()[quantile[units, concept], units, concept]
    print(f'  threshold chosen by information ratio: held-out IoU {_above(iou, (0.05, 0.10, 0.20))}')


def _above(values: Tensor, limits: tuple[float, ...]) -> str:
    return ', '.join(f'> {limit:.2f}: {int((values > limit).sum())}' for limit in limits)


def _print_effect(concept: Concept, effect: Effect) -> None:
    def change(share: float) -> str:
        return f'{100 * (share / effect.before - 1):+.0f} %' if effect.before else 'absent'

    print(
        f'  {CONCEPTS[concept]:9} area {100 * effect.before:.2f} %; ablated {change(effect.ablated)} '
        f'(random {change(effect.ablated_random)}); others changed {100 * effect.others_changed:.1f} %; '
        f'window {100 * effect.window_before:.1f} -> {100 * effect.window_inserted:.1f} % '
        f'(random {100 * effect.window_inserted_random:.1f} %)',
        flush=True,
    )


def _sheet(probe: Probe, labels: Tensor, concept: Concept, off: dict, on: dict) -> np.ndarray | None:
    """Samples from the middle of the ranking by area, not the very best; None if too few."""
    area = (labels == concept).float().mean((1, 2))
    present = int((area > 0.004).sum())
    if present < 30 or len(labels) < 28:
        return None
    places = torch.linspace(present * 0.05, present * 0.55, 14).long()
    having = area.argsort(descending=True)[places].sort().values
    others = torch.arange(14, 28)
    rows = [
        to_images(probe.images(having)),
        PALETTE[labels[having].numpy()],
        to_images(probe.images(having, off)),
        to_images(probe.images(others)),
        to_images(probe.images(others, on)),
    ]
    return np.concatenate([grid(row, 14) for row in rows])

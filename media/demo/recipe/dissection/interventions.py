"""Ablation and insertion of units, and what they do to the area of a concept."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..models import Edit
from ..scenes import SIZE, Concept
from .probe import Probe

IN_THE_SKY = (Concept.CLOUD, Concept.SUN)


@dataclass(frozen=True)
class Window:
    """A square of a layer's cells: a quarter of the side, in the sky or on the ground, always the same."""

    top: int
    left: int
    side: int
    pixels_per_cell: int

    @classmethod
    def for_concept(cls, concept: Concept, resolution: int) -> 'Window':
        side = max(1, resolution // 4)
        top = resolution // 8 if concept in IN_THE_SKY else resolution // 2
        return cls(top, resolution // 2 - side // 2, side, SIZE // resolution)

    def cells(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.side), slice(self.left, self.left + self.side)

    def pixels(self) -> tuple[slice, slice]:
        scale = self.pixels_per_cell
        return (
            slice(self.top * scale, (self.top + self.side) * scale),
            slice(self.left * scale, (self.left + self.side) * scale),
        )


@dataclass(frozen=True)
class Effect:
    """Shares of pixels that show the concept, 0 to 1: in whole images, then inside the window."""

    before: float
    ablated: float
    ablated_random: float  # mean of three random sets of as many other units
    others_changed: float  # of the pixels that did not show the concept, how many change their label
    window_before: float
    window_inserted: float
    window_inserted_random: float


def ablate(layer: str, units: Tensor) -> Edit:
    """Sets `units` to zero everywhere."""

    def change(feature_map: Tensor) -> Tensor:
        feature_map = feature_map.clone()
        feature_map[:, units] = 0
        return feature_map

    return {layer: change}


def insert(layer: str, units: Tensor, levels: Tensor, window: Window) -> Edit:
    """Raises `units` to at least `levels` [C] inside the window."""
    rows, columns = window.cells()

    def change(feature_map: Tensor) -> Tensor:
        feature_map = feature_map.clone()
        inside = feature_map[:, units, rows, columns]
        feature_map[:, units, rows, columns] = torch.maximum(inside, levels[units][None, :, None, None])
        return feature_map

    return {layer: change}


def measure_effect(
    probe: Probe,
    layer: str,
    concept: Concept,
    units: Tensor,
    high: Tensor,
    window: Window,
    samples: Tensor,
    labels: Tensor,
    rng: np.random.Generator,
) -> Effect:
    """`labels` [n, 64, 64] are those of the unchanged `samples`; `high` [C] is the level to insert at."""

    def random_units() -> Tensor:
        others = np.setdiff1d(np.arange(len(high)), units.numpy())
        return torch.from_numpy(rng.choice(others, min(len(units), len(others)), replace=False))

    def share(found: Tensor) -> float:
        return float((found == concept).float().mean())

    controls = [share(probe.labels(samples, ablate(layer, random_units()))) for _ in range(3)]
    ablated = probe.labels(samples, ablate(layer, units))
    inserted = probe.labels(samples, insert(layer, units, high, window))
    inserted_random = probe.labels(samples, insert(layer, random_units(), high, window))
    other = labels != concept
    inside = (slice(None), *window.pixels())
    return Effect(
        before=share(labels),
        ablated=share(ablated),
        ablated_random=float(np.mean(controls)),
        others_changed=float((ablated[other] != labels[other]).float().mean()),
        window_before=share(labels[inside]),
        window_inserted=share(inserted[inside]),
        window_inserted_random=share(inserted_random[inside]),
    )

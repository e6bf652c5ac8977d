"""Agreement (IoU) of units and concepts: Bau et al. 2017 (Network Dissection), 2019 (GAN Dissection).

Notation in shapes: N samples, C units, K concepts, Q quantiles, P = 64 * 64 pixels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..scenes import CONCEPTS, SIZE
from .probe import BATCH

QUANTILES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995)


def thresholds(feature_maps: Tensor, quantiles: tuple[float, ...]) -> Tensor:
    """The quantiles of each unit's activations over all samples and places: [N, C, h, w] -> [Q, C]."""
    wanted = torch.tensor(quantiles)
    # Unit by unit, because torch.quantile refuses more than 16 million numbers at once.
    return torch.stack([torch.quantile(unit.flatten(), wanted) for unit in feature_maps.unbind(1)], 1)


class Counts:
    """Pixel counts from which agreement follows; they add up over batches.

    both [Q, C, K]: unit above threshold and concept present; unit [Q, C]; concept [K]; pixels.
    """

    def __init__(self, levels: Tensor) -> None:
        self.levels = levels  # [Q, C]
        self.both = torch.zeros(*levels.shape, len(CONCEPTS))
        self.unit, self.concept, self.pixels = torch.zeros(levels.shape), torch.zeros(len(CONCEPTS)), 0

    def add(self, feature_maps: Tensor, labels: Tensor) -> None:
        """`feature_maps` [n, C, h, w], enlarged bilinearly to `labels` [n, 64, 64]."""
        large = F.interpolate(feature_maps, size=SIZE, mode='bilinear', align_corners=False).flatten(2)
        present = F.one_hot(labels.flatten(1), len(CONCEPTS)).float()  # [n, P, K]
        for q, level in enumerate(self.levels):
            active = (large > level[None, :, None]).float()  # [n, C, P]
            self.both[q] += torch.einsum('ncp,npk->ck', active, present)
            self.unit[q] += active.sum((0, 2))
        self.concept += present.sum((0, 1))
        self.pixels += labels.numel()

    def agreement(self) -> Tensor:
        """Intersection over union, [Q, C, K]."""
        return self.both / (self.unit[..., None] + self.concept - self.both + 1e-9)

    def information_ratio(self) -> Tensor:
        """Mutual information of the two masks over their joint entropy, [Q, C, K], in [0, 1].

        Bau et al. 2019 choose a unit's threshold by this ratio, which does not favour large concepts.
        """
        both = self.both / self.pixels
        unit = (self.unit / self.pixels)[..., None].expand_as(both)
        concept = (self.concept / self.pixels).expand_as(both)
        joint = _entropy(both, unit - both, concept - both, 1 - unit - concept + both)
        return (_entropy(unit, 1 - unit) + _entropy(concept, 1 - concept) - joint) / joint


def _entropy(*shares: Tensor) -> Tensor:
    """In nats, of shares that sum to one."""
    return -sum(share.clamp_min(1e-12) * share.clamp_min(1e-12).log() for share in shares)


def measure(feature_maps: Tensor, labels: Tensor, levels: Tensor, parts: int = 1) -> list[Counts]:
    """Counts over `parts` interleaved shares of the samples, so that one can choose and another judge."""
    counts = [Counts(levels) for _ in range(parts)]
    for index, first in enumerate(range(0, len(labels), BATCH)):
        batch = slice(first, first + BATCH)
        counts[index % parts].add(feature_maps[batch], labels[batch])
    return counts

"""The generator under study: repeatable samples, their feature maps and their segmentation."""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..models import LATENT, Edit, Generator, Segmenter
from ..scenes import CATEGORIES

BATCH = 50


class Probe:
    """Sample i always has the same latent and class; classes take turns."""

    def __init__(self, generator: Generator, segmenter: Segmenter, samples: int, seed: int) -> None:
        self.generator, self.segmenter = generator.eval(), segmenter.eval()
        self.z = torch.randn(samples, LATENT, generator=torch.Generator().manual_seed(seed))
        self.category = torch.eye(len(CATEGORIES))[torch.arange(samples) % len(CATEGORIES)]

    def __len__(self) -> int:
        return len(self.z)

    def batches(self, samples: Tensor | None = None) -> Iterator[Tensor]:
        """Indices of `samples` (default: all), at most BATCH at a time."""
        yield from (torch.arange(len(self)) if samples is None else samples).split(BATCH)

    @torch.no_grad()
    def images(self, samples: Tensor, edit: Edit | None = None) -> Tensor:
        """[n, 3, 64, 64] in [-1, 1]."""
        return self.generator(self.z[samples], self.category[samples], edit)

    @torch.no_grad()
    def labels(self, samples: Tensor | None = None, edit: Edit | None = None) -> Tensor:
        """The concept of every pixel after `edit`: int64 [n, 64, 64]."""
        return torch.cat(
            [self.segmenter(self.images(batch, edit)).argmax(1) for batch in self.batches(samples)]
        )

    def feature_maps(self, layer: str) -> Tensor:
        """One layer's feature maps for all samples: [N, C, h, w]."""
        kept: list[Tensor] = []

        def record(feature_map: Tensor) -> Tensor:
            kept.append(feature_map.clone())
            return feature_map

        for batch in self.batches():
            self.images(batch, {layer: record})
        return torch.cat(kept)

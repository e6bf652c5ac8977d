"""The projection discriminator."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..scenes import CATEGORIES

GROUP = 8


class Discriminator(nn.Module):
    """Image [N, 3, 64, 64] in [-1, 1] and one-hot category [N, 7] -> logit [N], higher means more real.

    N must be a multiple of 8. Mini-batch standard deviation: each run of 8 consecutive images shares
    one extra feature, how much they differ. So a logit depends on its seven neighbours, and a
    generator that repeats itself is found out. Every weight has spectral norm.
    """

    def __init__(self, channels: tuple[int, ...] = (48, 96, 192, 256)) -> None:
        super().__init__()
        a, b, c, d = channels
        self.c1 = spectral_norm(nn.Conv2d(3, a, 4, 2, 1))
        self.c1b = spectral_norm(nn.Conv2d(a, a, 3, 1, 1))
        self.c2 = spectral_norm(nn.Conv2d(a, b, 4, 2, 1))
        self.c2b = spectral_norm(nn.Conv2d(b, b, 3, 1, 1))
        self.c3 = spectral_norm(nn.Conv2d(b, c, 4, 2, 1))
        self.c4 = spectral_norm(nn.Conv2d(c, d, 4, 2, 1))
        self.c5 = spectral_norm(nn.Conv2d(d + 1, d, 3, 1, 1))
        self.fc = spectral_norm(nn.Linear(d * 16, 1))
        self.emb = spectral_norm(nn.Linear(len(CATEGORIES), d * 16, bias=False))

    def forward(self, image: Tensor, category: Tensor) -> Tensor:
        h = _activate(self.c1(image))
        h = _activate(self.c1b(h)) + h
        h = _activate(self.c2(h))
        h = _activate(self.c2b(h)) + h
        h = _activate(self.c4(_activate(self.c3(h))))
        h = torch.cat([h, _group_deviation(h, self.fc.in_features)], 1)
        h = _activate(self.c5(h)).flatten(1)
        # Projection (Miyato & Koyama 2018), the class term weighted by a quarter.
        return self.fc(h).squeeze(1).float() + (self.emb(category) * h).sum(1).float() / 4


def _activate(x: Tensor) -> Tensor:
    return F.leaky_relu(x, 0.2)


def _group_deviation(h: Tensor, features: int) -> Tensor:
    """Mean standard deviation within each group of 8: [N, C, 4, 4] -> [N, 1, 4, 4], constant in a group.

    `features` is C * 16, given rather than read from `h`, so that the exported graph holds it as a constant.
    """
    groups = h.float().reshape(-1, GROUP, features)
    # Written out, because `var` does not export with a free batch size.
    centred = groups - groups.mean(1, keepdim=True)
    deviation = (centred.square().mean(1, keepdim=True) + 1e-6).sqrt().mean(2, keepdim=True)
    # Multiplied over the group rather than expanded: the exported graph needs no shape arithmetic then.
    spread = deviation * torch.ones(1, GROUP, 16)
    return spread.reshape(-1, 1, 4, 4).to(h.dtype)

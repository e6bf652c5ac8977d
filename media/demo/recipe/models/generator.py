"""The class-conditional generator."""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..scenes import CATEGORIES
from .blocks import ConvBlock, UpBlock

LATENT = 96
LAYERS = ('l4', 'l8', 'l8b', 'l16', 'l16b', 'l32', 'l64')

Edit = Mapping[str, Callable[[Tensor], Tensor]]


class Generator(nn.Module):
    """z [N, 96] and one-hot category [N, 7] -> image [N, 3, 64, 64] in [-1, 1].

    The layers that can be dissected are the outputs of the ReLUs, named in LAYERS after their resolution.
    """

    def __init__(self, channels: tuple[int, ...] = (192, 128, 128, 48, 24)) -> None:
        super().__init__()
        c4, c8, c16, c32, c64 = channels
        self.c4 = c4
        self.fc = nn.Linear(LATENT + len(CATEGORIES), c4 * 16, bias=False)
        self.bn4 = nn.BatchNorm2d(c4)
        self.l8, self.l8b = UpBlock(c4, c8), ConvBlock(c8, c8)
        self.l16, self.l16b = UpBlock(c8, c16), ConvBlock(c16, c16)
        self.l32, self.l64 = UpBlock(c16, c32), UpBlock(c32, c64)
        self.out = nn.Conv2d(c64, 3, 3, 1, 1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.orthogonal_(module.weight)

    def forward(self, z: Tensor, category: Tensor, edit: Edit | None = None) -> Tensor:
        """`edit`: functions of the feature maps [N, C, h, w] by layer name, which record or change them."""
        x = self.fc(torch.cat([z, category], 1)).view(-1, self.c4, 4, 4)
        x = F.relu(self.bn4(x))
        for name in LAYERS:
            if name != 'l4':
                x = getattr(self, name)(x)
            if edit and name in edit:
                x = edit[name](x)
        return torch.tanh(self.out(x))

"""The U-Net that names the concept of every pixel."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..scenes import CONCEPTS
from .blocks import ConvBlock, double


class Segmenter(nn.Module):
    """Image [N, 3, H, W] in [-1, 1], sides multiples of 8 -> logits [N, 13, H, W]."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        k0, k1, k2, k3 = width, width * 2, width * 4, width * 4
        self.e0 = nn.Sequential(ConvBlock(3, k0), ConvBlock(k0, k0))
        self.e1 = nn.Sequential(ConvBlock(k0, k1), ConvBlock(k1, k1))
        self.e2 = nn.Sequential(ConvBlock(k1, k2), ConvBlock(k2, k2))
        self.e3 = nn.Sequential(ConvBlock(k2, k3), ConvBlock(k3, k3))
        self.d2 = ConvBlock(k3 + k2, k2)
        self.d1 = ConvBlock(k2 + k1, k1)
        self.d0 = ConvBlock(k1 + k0, k0)
        self.out = nn.Conv2d(k0, len(CONCEPTS), 1)

    def forward(self, image: Tensor) -> Tensor:
        full = self.e0(image)
        half = self.e1(F.max_pool2d(full, 2))
        quarter = self.e2(F.max_pool2d(half, 2))
        x = self.e3(F.max_pool2d(quarter, 2))
        x = self.d2(torch.cat([double(x), quarter], 1))
        x = self.d1(torch.cat([double(x), half], 1))
        x = self.d0(torch.cat([double(x), full], 1))
        return self.out(x)

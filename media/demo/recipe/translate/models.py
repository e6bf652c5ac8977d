"""A ResNet generator with instance norm and a PatchGAN discriminator with spectral norm."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from ..models.blocks import double


class NormConv(nn.Module):
    """3x3 convolution and instance norm, then ReLU if wanted."""

    def __init__(self, channels_in: int, channels_out: int, stride: int = 1, relu: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.norm = nn.InstanceNorm2d(channels_out, affine=True)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.conv(x))
        return F.relu(x) if self.relu else x


class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.a, self.b = NormConv(channels, channels), NormConv(channels, channels, relu=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.b(self.a(x))


class Translator(nn.Module):
    """Image [N, 3, 64, 64] in [-1, 1] -> translated image, same shape and range. 64 -> 32 -> 16 -> 32 -> 64.

    Unlike Zhu et al. 2017, the 32x32 map is added back on the way up, so that small things such as
    windows need not pass through the 16x16 bottleneck.
    """

    def __init__(self, c64: int = 32, c32: int = 64, c16: int = 64, blocks: int = 6) -> None:
        super().__init__()
        self.stem = NormConv(3, c64)
        self.down1, self.down2 = NormConv(c64, c32, 2), NormConv(c32, c16, 2)
        self.body = nn.Sequential(*[ResidualBlock(c16) for _ in range(blocks)])
        self.up1, self.up2 = NormConv(c16, c32), NormConv(c32, c64)
        self.out = nn.Conv2d(c64, 3, 3, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        half = self.down1(self.stem(image))
        x = self.body(self.down2(half))
        return torch.tanh(self.out(self.up2(double(self.up1(double(x)) + half))))


class PatchDiscriminator(nn.Module):
    """Image [N, 3, 64, 64] -> realness [N, 1, 8, 8]; each output sees about 42x42 pixels.

    The last layer has no spectral norm, so that outputs can reach the targets 0 and 1.
    """

    def __init__(self, a: int = 48, b: int = 96, c: int = 128) -> None:
        super().__init__()
        self.c1 = spectral_norm(nn.Conv2d(3, a, 4, 2, 1))
        self.c1b = spectral_norm(nn.Conv2d(a, a, 3, 1, 1))
        self.c2 = spectral_norm(nn.Conv2d(a, b, 4, 2, 1))
        self.c3 = spectral_norm(nn.Conv2d(b, c, 4, 2, 1))
        self.out = nn.Conv2d(c, 1, 3, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        x = F.leaky_relu(self.c1(image), 0.2)
        x = F.leaky_relu(self.c1b(x), 0.2) + x
        x = F.leaky_relu(self.c3(F.leaky_relu(self.c2(x), 0.2)), 0.2)
        return self.out(x).float()

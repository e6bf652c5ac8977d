"""Building blocks shared by the networks. Attribute names are part of the weight files: do not rename."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class ConvBlock(nn.Module):
    """3x3 convolution, batch norm, ReLU: [N, C, h, w] -> [N, C', h, w]."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, 1, 1, bias=False)
        self.bn = nn.BatchNorm2d(channels_out)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class UpBlock(ConvBlock):
    """Doubles the resolution by repeating pixels, then a ConvBlock: [N, C, h, w] -> [N, C', 2h, 2w].

    Nearest plus convolution has no checkerboard, and was faster on a CPU than a transposed convolution.
    """

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(double(x))


def double(x: Tensor) -> Tensor:
    """[N, C, h, w] -> [N, C, 2h, 2w] by repeating pixels."""
    return F.interpolate(x, scale_factor=2.0, mode='nearest')


def parameter_count(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def set_requires_grad(network: nn.Module, on: bool) -> None:
    for parameter in network.parameters():
        parameter.requires_grad_(on)


@torch.no_grad()
def update_average(average: nn.Module, network: nn.Module, decay: float) -> None:
    """Exponential moving average of parameters and batch norm statistics, in place."""
    for kept, new in zip(average.parameters(), network.parameters()):
        kept.lerp_(new, 1 - decay)
    for kept, new in zip(average.buffers(), network.buffers()):
        if kept.dtype.is_floating_point:
            kept.lerp_(new, 1 - decay)
        else:
            kept.copy_(new)

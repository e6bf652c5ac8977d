"""The scene classifier whose pooled features serve as the extractor."""

from torch import Tensor, nn

from ..scenes import CATEGORIES
from .blocks import ConvBlock

FEATURES = 128


class Extractor(nn.Module):
    """Image [N, 3, 64, 64] in [-1, 1] -> features [N, 128] (not negative) and logits [N, 7]."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1),
            nn.ReLU(),
            ConvBlock(32, 48),
            nn.MaxPool2d(2),
            ConvBlock(48, 64),
            ConvBlock(64, 96),
            nn.MaxPool2d(2),
            ConvBlock(96, 128),
            ConvBlock(128, FEATURES),
        )
        self.fc = nn.Linear(FEATURES, len(CATEGORIES))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(image).mean((2, 3))
        return features, self.fc(features)

"""Trains a small class-conditional GAN of landscapes and exports its generator to generator.onnx.

The generator.onnx beside this file came from the long version of this script (media/demo/recipe in Genscope's
repository). This short one shows the parts that matter here: what goes into a generator, and how it is exported.
"""

import torch
import torch.nn.functional as F
from torch import nn

LATENT = 96
CLASSES = ["meadow", "mountains", "lake", "forest", "village", "sunset", "winter"]


class Block(nn.Module):
    """Doubles the resolution: nearest neighbour, then a convolution."""

    def __init__(self, channels_in: int, channels_out: int):
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.norm(self.conv(F.interpolate(x, scale_factor=2.0))))


class Generator(nn.Module):
    """z [N, 96] and a one-hot category [N, 7] → image [N, 3, 64, 64] in [-1, 1]."""

    def __init__(self):
        super().__init__()
        self.start = nn.Linear(LATENT + len(CLASSES), 192 * 4 * 4)
        self.blocks = nn.Sequential(Block(192, 128), Block(128, 128), Block(128, 48), Block(48, 24))
        self.to_rgb = nn.Conv2d(24, 3, 3, padding=1)

    def forward(self, z: torch.Tensor, category: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.start(torch.cat([z, category], dim=1))).reshape(-1, 192, 4, 4)
        return torch.tanh(self.to_rgb(self.blocks(x)))


def train(generator: Generator, discriminator: nn.Module, batches, steps: int) -> None:
    """Hinge loss. `batches` yields images [N, 3, 64, 64] in [-1, 1] with one-hot categories [N, 7]."""
    g_adam = torch.optim.Adam(generator.parameters(), lr=4e-4, betas=(0.0, 0.99))
    d_adam = torch.optim.Adam(discriminator.parameters(), lr=4e-4, betas=(0.0, 0.99))
    for _, (images, category) in zip(range(steps), batches):
        fake = generator(torch.randn(len(images), LATENT), category)
        real_score, fake_score = discriminator(images, category), discriminator(fake.detach(), category)
        d_loss = F.relu(1 - real_score).mean() + F.relu(1 + fake_score).mean()
        d_adam.zero_grad()
        d_loss.backward()
        d_adam.step()

        g_loss = -discriminator(fake, category).mean()
        g_adam.zero_grad()
        g_loss.backward()
        g_adam.step()


def export(generator: Generator, path: str = "generator.onnx") -> None:
    """Writes the file that Genscope opens. The free batch lets it draw a page of samples in one run."""
    generator.eval()
    z, category = torch.randn(1, LATENT), F.one_hot(torch.zeros(1, dtype=torch.long), len(CLASSES)).float()
    torch.onnx.export(
        generator,
        (z, category),
        path,
        input_names=["z", "category"],
        output_names=["image"],
        dynamic_axes={"z": {0: "N"}, "category": {0: "N"}, "image": {0: "N"}},
        opset_version=13,
    )


if __name__ == "__main__":
    export(Generator())

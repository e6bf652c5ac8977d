"""Step `train-gan`: trains generator and discriminator, hinge loss, on a CPU core.

The run folder receives step-NNNNNN.pt (averaged generator, to be exported as checkpoints), sheets of
samples beside them, and final.pt, from which `--resume` goes on with fresh optimisers.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import data
from .models import GROUP, LATENT, Discriminator, Generator
from .models.blocks import parameter_count, set_requires_grad, update_average
from .pictures import grid, mirrored, save_sheet, to_images, to_tensor
from .scenes import CATEGORIES

# Dense at first, when most changes; seconds since the start.
SNAPSHOT_SECONDS = (0, 30, 60, 120, 240, 400, 600, 900, 1200, 1500, 1800, 2400, 3000, 3600, 4200)
DECAY_SHARE = 0.35  # the learning rates fall linearly over this last share of the time


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--minutes', type=float, default=29)
    parser.add_argument('--name', default='gan', help='folder of the run inside the work folder')
    parser.add_argument('--batch', type=int, default=32, help=f'a multiple of {GROUP}')
    parser.add_argument('--learning-rate', type=float, default=4e-4, help='of both networks')
    parser.add_argument('--beta1', type=float, default=0.0, help="Adam's first moment decay")
    parser.add_argument(
        '--average', type=float, default=0.998, help="decay of the generator's moving average"
    )
    parser.add_argument('--resume', type=Path, help='final.pt of an earlier run')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--threads', type=int, default=1)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    folder = args.work / args.name
    folder.mkdir(parents=True, exist_ok=True)
    training = GanTraining(data.load(args.work), args)
    start, limit, pending = time.time(), args.minutes * 60, list(SNAPSHOT_SECONDS)
    first_step = training.step
    while (elapsed := time.time() - start) < limit:
        if pending and elapsed >= pending[0]:
            pending.pop(0)
            training.snapshot(folder)
        losses = training.advance(rate=min(1.0, max(0.02, (1 - elapsed / limit) / DECAY_SHARE)))
        if training.step % 100 == 0:
            pace = (training.step - first_step) / (time.time() - start)
            print(
                f'step {training.step}  {elapsed:.0f} s  {pace:.2f} steps/s  '
                f'discriminator {losses[0]:.3f}  generator {losses[1]:.3f}',
                flush=True,
            )
    training.snapshot(folder)
    torch.save(training.state(), folder / 'final.pt')
    print(f'{training.step} steps; {folder / "final.pt"}')


class GanTraining:
    """The two networks, their optimisers, and the moving average of the generator that is exported."""

    def __init__(self, scenes: data.Scenes, args: argparse.Namespace) -> None:
        if args.batch % GROUP:
            raise SystemExit(f'--batch must be a multiple of {GROUP}, the group of the discriminator')
        self.scenes, self.args, self.step = scenes, args, 0
        self.rng = np.random.default_rng(args.seed)
        self.generator = Generator().to(memory_format=torch.channels_last)
        self.discriminator = Discriminator().to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator)
        if args.resume:
            saved = torch.load(args.resume)
            self.step = saved['step']
            self.generator.load_state_dict(saved['generator_raw'])
            self.discriminator.load_state_dict(saved['discriminator'])
            self.average.load_state_dict(saved['generator'])
        set_requires_grad(self.average.eval(), False)
        print(
            f'generator {parameter_count(self.generator)}, '
            f'discriminator {parameter_count(self.discriminator)} parameters',
            flush=True,
        )
        betas = (args.beta1, 0.99)
        self.generator_adam = torch.optim.Adam(self.generator.parameters(), args.learning_rate, betas)
        self.discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), args.learning_rate, betas)
        self.one_hot = torch.eye(len(CATEGORIES))
        self.shown_z = torch.randn(70, LATENT, generator=torch.Generator().manual_seed(7))
        self.shown_category = self.one_hot[torch.arange(70) % len(CATEGORIES)]

    def advance(self, rate: float) -> tuple[float, float]:
        """One step of each network at `rate` times the learning rate. Returns their two losses."""
        for optimiser in (self.generator_adam, self.discriminator_adam):
            optimiser.param_groups[0]['lr'] = self.args.learning_rate * rate
        n = self.args.batch
        real, real_category = self._real_batch()
        z, fake_category = torch.randn(n, LATENT), self.one_hot[torch.randint(0, len(CATEGORIES), (n,))]
        with torch.autocast('cpu', torch.bfloat16):
            fake = self.generator(z, fake_category)
        fake = fake.float()

        with torch.autocast('cpu', torch.bfloat16):
            logits = self.discriminator(
                torch.cat([real, fake.detach()]), torch.cat([real_category, fake_category])
            )
        discriminator_loss = F.relu(1 - logits[:n]).mean() + F.relu(1 + logits[n:]).mean()
        self.discriminator_adam.zero_grad(set_to_none=True)
        discriminator_loss.backward()
        self.discriminator_adam.step()

        set_requires_grad(self.discriminator, False)
        with torch.autocast('cpu', torch.bfloat16):
            generator_loss = -self.discriminator(fake, fake_category).mean()
        self.generator_adam.zero_grad(set_to_none=True)
        generator_loss.backward()
        self.generator_adam.step()
        set_requires_grad(self.discriminator, True)

        update_average(self.average, self.generator, self._average_decay())
        self.step += 1
        return discriminator_loss.item(), generator_loss.item()

    def _average_decay(self) -> float:
        """A young average must follow quickly, else it would remember the random start for long."""
        warm_up = (self.step + 1) / (self.step + 10)
        return self.args.average if self.args.resume else min(self.args.average, warm_up)

    def _real_batch(self) -> tuple[Tensor, Tensor]:
        """Random scenes, half of them mirrored: images [n, 3, 64, 64] in [-1, 1], one-hot [n, 7]."""
        chosen = self.rng.integers(0, len(self.scenes), self.args.batch)
        images = mirrored(self.scenes.images[chosen], self.rng.random(self.args.batch) < 0.5)
        categories = torch.from_numpy(self.scenes.categories[chosen].astype(np.int64))
        return to_tensor(images).contiguous(memory_format=torch.channels_last), self.one_hot[categories]

    @torch.no_grad()
    def snapshot(self, folder: Path) -> None:
        """Saves the averaged generator and 70 of its samples; columns repeat the seven classes."""
        torch.save(self.average.state_dict(), folder / f'step-{self.step:06d}.pt')
        images = to_images(self.average(self.shown_z, self.shown_category))
        save_sheet(grid(images, 14), folder / f'step-{self.step:06d}.png')

    def state(self) -> dict:
        return {
            'generator': self.average.state_dict(),
            'generator_raw': self.generator.state_dict(),
            'discriminator': self.discriminator.state_dict(),
            'step': self.step,
        }

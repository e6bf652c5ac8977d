"""Step `translate-train`: both translators and both discriminators learn together, on a CPU core.

adversarial loss  a translated picture must look like the other season (least squares)
cycle loss        there and back must give the picture again (L1)
identity loss     a picture that has the target season already should stay as it is (L1, small)
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ..models.blocks import parameter_count, set_requires_grad, update_average
from ..pictures import grid, mirrored, save_sheet, to_images, to_tensor
from . import data
from .models import PatchDiscriminator, Translator

SNAPSHOT_SECONDS = (30, 60, 120, 210, 300, 450, *range(600, 36000, 240))
POOL = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--minutes', type=float, default=35)
    parser.add_argument('--batch', type=int, default=8, help='pictures of each season a step')
    parser.add_argument('--identity-batch', type=int, default=2, help='of these, for the identity loss')
    parser.add_argument('--cycle', type=float, default=5.0, help='weight of the cycle loss')
    parser.add_argument('--identity', type=float, default=1.0, help='weight of the identity loss')
    parser.add_argument('--noise', type=float, default=0.02, help='noise added before translating back')
    parser.add_argument('--learning-rate', type=float, default=3e-4)
    parser.add_argument(
        '--decay', type=float, default=0.4, help='last share of the time, in which the rate falls'
    )
    parser.add_argument('--average', type=float, default=0.998, help='decay of the moving averages')
    parser.add_argument('--resume', type=Path, help='last.pt of an earlier run')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--threads', type=int, default=1)


def run(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    training = CycleTraining(args)
    start, limit, pending = time.time(), args.minutes * 60, list(SNAPSHOT_SECONDS)
    while (elapsed := time.time() - start) < limit:
        if pending and elapsed >= pending[0]:
            pending.pop(0)
            training.snapshot()
        losses = training.advance(rate=min(1.0, max(0.01, (1 - elapsed / limit) / args.decay)))
        if training.step % 100 == 0:
            pace = training.step / (time.time() - start)
            print(
                f'step {training.step}  {elapsed:.0f} s  {pace:.2f} steps/s  '
                + '  '.join(f'{name} {value:.3f}' for name, value in losses.items()),
                flush=True,
            )
    training.snapshot()
    print(f'{training.step} steps')


class Pool:
    """Older translations, mixed with new ones for the discriminator, which damps oscillation."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng, self.kept = rng, []

    def exchange(self, images: Tensor) -> Tensor:
        """`images` [n, 3, 64, 64]; once the pool is full, older ones replace about half of them."""
        mixed = []
        for image in images.detach():
            if len(self.kept) < POOL:
                self.kept.append(image.clone())
            elif self.rng.random() < 0.5:
                place = self.rng.integers(POOL)
                image, self.kept[place] = self.kept[place], image.clone()
            mixed.append(image)
        return torch.stack(mixed)


class CycleTraining:
    """Networks by name: s2w and w2s translate, d_w and d_s judge winter and summer."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args, self.step = args, 0
        self.rng = np.random.default_rng(args.seed)
        self.summer, self.winter = data.load(args.work, 'summer'), data.load(args.work, 'winter')
        # Instance norm is faster in the default layout; the discriminators have none.
        self.networks = {
            's2w': Translator(),
            'w2s': Translator(),
            'd_w': PatchDiscriminator().to(memory_format=torch.channels_last),
            'd_s': PatchDiscriminator().to(memory_format=torch.channels_last),
        }
        self.averages = {name: copy.deepcopy(self.networks[name]) for name in ('s2w', 'w2s')}
        if args.resume:
            saved = torch.load(args.resume)
            for name, network in self.networks.items():
                network.load_state_dict(saved[name])
            for name, network in self.averages.items():
                network.load_state_dict(saved[f'ema_{name}'])
        for network in self.averages.values():
            set_requires_grad(network.eval(), False)
        self.adam = {
            kind: torch.optim.Adam(
                [p for name in names for p in self.networks[name].parameters()],
                args.learning_rate,
                (0.5, 0.99),
            )
            for kind, names in (('translators', ('s2w', 'w2s')), ('discriminators', ('d_w', 'd_s')))
        }
        self.pools = {'d_w': Pool(self.rng), 'd_s': Pool(self.rng)}
        print(
            f'translator {parameter_count(self.networks["s2w"])}, '
            f'discriminator {parameter_count(self.networks["d_w"])} parameters; '
            f'{len(self.summer)} summer, {len(self.winter)} winter pictures',
            flush=True,
        )

    def advance(self, rate: float) -> dict[str, float]:
        """One step of all four networks at `rate` times the learning rate. Returns the losses."""
        for optimiser in self.adam.values():
            optimiser.param_groups[0]['lr'] = self.args.learning_rate * rate
        summer, winter = self._batch(self.summer), self._batch(self.winter)
        to_winter, to_summer, losses = self._train_translators(summer, winter)
        losses['discriminator'] = self._train_discriminators(
            {'d_w': (winter, to_winter), 'd_s': (summer, to_summer)}
        )
        self.step += 1
        return losses

    def _train_translators(self, summer: Tensor, winter: Tensor) -> tuple[Tensor, Tensor, dict[str, float]]:
        self._freeze_discriminators(True)
        n, extra = self.args.batch, self.args.identity_batch
        # Pictures of the target season ride along in the same batch, for the identity loss.
        from_s2w = self._run('s2w', torch.cat([summer, winter[:extra]]))
        from_w2s = self._run('w2s', torch.cat([winter, summer[:extra]]))
        to_winter, to_summer = from_s2w[:n], from_w2s[:n]
        adversarial = sum(
            (self._run(judge, image) - 1).square().mean()
            for judge, image in (('d_w', to_winter), ('d_s', to_summer))
        )
        cycle = F.l1_loss(self._run('w2s', self._noisy(to_winter)), summer) + F.l1_loss(
            self._run('s2w', self._noisy(to_summer)), winter
        )
        identity = F.l1_loss(from_s2w[n:], winter[:extra]) + F.l1_loss(from_w2s[n:], summer[:extra])
        loss = adversarial + self.args.cycle * cycle + self.args.identity * identity
        self._descend('translators', loss)
        decay = min(self.args.average, (self.step + 1) / (self.step + 10))
        for name, average in self.averages.items():
            update_average(average, self.networks[name], decay)
        return (
            to_winter,
            to_summer,
            {'adversarial': adversarial.item(), 'cycle': cycle.item(), 'identity': identity.item()},
        )

    def _train_discriminators(self, pairs: dict[str, tuple[Tensor, Tensor]]) -> float:
        """`pairs`: for each discriminator real pictures (target 1) and translated ones (target 0)."""
        self._freeze_discriminators(False)
        loss = torch.zeros(())
        for judge, (real, translated) in pairs.items():
            output = self._run(judge, torch.cat([real, self.pools[judge].exchange(translated)]))
            found_real, found_translated = output[: len(real)], output[len(real) :]
            loss = loss + 0.5 * ((found_real - 1).square().mean() + found_translated.square().mean())
        self._descend('discriminators', loss)
        return loss.item()

    def _run(self, name: str, image: Tensor) -> Tensor:
        """One network in bfloat16 where autocast allows it; float32 out."""
        if name.startswith('d_'):
            image = image.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16):
            return self.networks[name](image).float()

    def _noisy(self, image: Tensor) -> Tensor:
        """Noise makes it harder to hide the input in patterns that nobody sees."""
        return image + self.args.noise * torch.randn_like(image)

    def _descend(self, kind: str, loss: Tensor) -> None:
        self.adam[kind].zero_grad(set_to_none=True)
        loss.backward()
        self.adam[kind].step()

    def _freeze_discriminators(self, frozen: bool) -> None:
        for name in ('d_w', 'd_s'):
            set_requires_grad(self.networks[name], not frozen)

    def _batch(self, images: np.ndarray) -> Tensor:
        """Random pictures, half of them mirrored: [n, 3, 64, 64] in [-1, 1]."""
        chosen = images[self.rng.integers(0, len(images), self.args.batch)]
        return to_tensor(mirrored(chosen, self.rng.random(self.args.batch) < 0.5)).contiguous()

    @torch.no_grad()
    def snapshot(self) -> None:
        """Saves last.pt and a sheet. Rows: summer, translated, back; winter, translated, back (held out)."""
        rows = []
        for season, there, back in (('summer', 's2w', 'w2s'), ('winter', 'w2s', 's2w')):
            image = to_tensor(data.load(self.args.work, f'held_{season}')[:14])
            translated = self.averages[there](image)
            rows += [image, translated, self.averages[back](translated)]
        folder = self.args.work / 'translate'
        save_sheet(grid(to_images(torch.cat(rows)), 14), folder / f'step-{self.step:06d}.png')
        state = {name: network.state_dict() for name, network in self.networks.items()}
        state |= {f'ema_{name}': network.state_dict() for name, network in self.averages.items()}
        torch.save(state, folder / 'last.pt')

"""Step `export`: writes the ONNX files of the GAN, the segmenter and the extractor.

Without `--run` it exports the shipped weights. With `--run` the generator, its checkpoints and the
discriminator come from a training run.
"""

import argparse
import json
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import parametrize

from . import onnx_files, paths
from .models import GROUP, LATENT, Discriminator, Extractor, Generator, Segmenter
from .scenes import CATEGORIES, CONCEPTS, SIZE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--weights',
        type=Path,
        default=paths.WEIGHTS,
        help='folder of generator.pt, segmenter.pt, extractor.pt and, if you have it, '
        'discriminator.pt; missing files are skipped (default: the shipped ones)',
    )
    parser.add_argument('--run', type=Path, help='folder of a GAN run: step-*.pt and final.pt')
    parser.add_argument('--out', type=Path, help='default: export in the work folder')


def run(args: argparse.Namespace) -> None:
    out = args.out or args.work / 'export'
    torch.manual_seed(0)  # the example inputs of the comparison
    states = {
        name: torch.load(path, map_location='cpu')
        for name in ('generator', 'discriminator', 'segmenter', 'extractor')
        if (path := args.weights / f'{name}.pt').exists()
    }
    if args.run:
        final = torch.load(args.run / 'final.pt', map_location='cpu')
        states.update(generator=final['generator'], discriminator=final['discriminator'])
        for path in sorted(args.run.glob('step-*.pt')):
            state = torch.load(path, map_location='cpu')
            export_generator(state, out / 'checkpoints' / f'{path.stem}.onnx')
    if not states:
        raise SystemExit(f'no weights in {args.weights}')
    if 'generator' in states:
        export_generator(states['generator'], out / 'generator.onnx')
        _write_json(sidecar(), out / 'generator.genscope.json')
    if 'discriminator' in states:
        export_discriminator(states['discriminator'], out / 'discriminator.onnx')
    if 'segmenter' in states:
        export_segmenter(states['segmenter'], out / 'segmenter')
    if 'extractor' in states:
        export_extractor(states['extractor'], out / 'extractor.onnx')
    _write_json({'categories': CATEGORIES, 'concepts': CONCEPTS}, out / 'labels.json')


def export_generator(state: dict, path: Path) -> None:
    inputs = {'z': torch.randn(2, LATENT), 'category': torch.eye(len(CATEGORIES))[:2]}
    onnx_files.export(_loaded(Generator(), state), inputs, ['image'], path)


def export_discriminator(state: dict, path: Path) -> None:
    """Folds the spectral norm into the weights, so the file has plain convolutions."""
    network = _loaded(Discriminator(), state).eval()
    for module in network.modules():
        if parametrize.is_parametrized(module, 'weight'):
            parametrize.remove_parametrizations(module, 'weight', leave_parametrized=True)
    categories = torch.eye(len(CATEGORIES))[torch.arange(2 * GROUP) % len(CATEGORIES)]
    inputs = {'image': torch.rand(2 * GROUP, 3, SIZE, SIZE) * 2 - 1, 'category': categories}
    onnx_files.export(network, inputs, ['logit'], path)


def export_extractor(state: dict, path: Path) -> None:
    image = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    onnx_files.export(_loaded(Extractor(), state), {'image': image}, ['features', 'logits'], path)


def export_segmenter(state: dict, folder: Path) -> None:
    """A folder laid out like a Hugging Face segmentation model, so that any such model can replace it."""
    image = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    onnx_files.export(
        _loaded(Segmenter(), state), {'pixel_values': image}, ['logits'], folder / 'onnx' / 'model.onnx'
    )
    _write_json(
        {
            'architectures': ['SceneUNet'],
            'model_type': 'scene-unet',
            'num_labels': len(CONCEPTS),
            'id2label': {str(i): name for i, name in enumerate(CONCEPTS)},
            'label2id': {name: i for i, name in enumerate(CONCEPTS)},
        },
        folder / 'config.json',
    )
    _write_json(
        {
            'do_resize': True,
            'size': {'height': SIZE, 'width': SIZE},
            'resample': 2,
            'do_rescale': True,
            'rescale_factor': 1 / 255,
            'do_normalize': True,
            'image_mean': [0.5] * 3,
            'image_std': [0.5] * 3,
        },
        folder / 'preprocessor_config.json',
    )


def sidecar() -> dict:
    """The roles of the generator's inputs and outputs, which Genscope reads beside the model."""
    return {
        'schema': 1,
        'inputs': {'z': {'role': 'latent'}, 'category': {'role': 'class', 'encoding': 'onehot'}},
        'outputs': {'image': {'role': 'image', 'layout': 'NCHW', 'range': [-1, 1]}},
        'classNames': CATEGORIES,
    }


def _loaded(network: nn.Module, state: dict) -> nn.Module:
    network.load_state_dict(state)
    return network


def _write_json(value: dict, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + '\n')

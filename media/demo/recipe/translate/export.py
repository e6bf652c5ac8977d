"""Step `translate-export`: writes the two averaged translators of a run as ONNX files."""

import argparse
from pathlib import Path

import torch

from .. import onnx_files
from ..scenes import SIZE
from .models import Translator

FILES = {'s2w': 'summer_to_winter.onnx', 'w2s': 'winter_to_summer.onnx'}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--checkpoint', type=Path, help='default: translate/last.pt in the work folder')
    parser.add_argument('--out', type=Path, help='default: translate/export in the work folder')


def run(args: argparse.Namespace) -> None:
    folder = args.work / 'translate'
    state = torch.load(args.checkpoint or folder / 'last.pt', map_location='cpu')
    torch.manual_seed(0)  # the example input of the comparison
    for name, file in FILES.items():
        translator = Translator()
        translator.load_state_dict(state[f'ema_{name}'])
        image = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
        onnx_files.export(
            translator, {'image': image}, ['translated'], (args.out or folder / 'export') / file
        )

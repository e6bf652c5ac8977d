"""Edits as the framework's own forward hooks do them, on three generators of the zoo.

    OMP_NUM_THREADS=1 python3 make_reference.py      # writes reference.json and reference.bin beside it

Needs what test/fixtures/zoo/requirements.txt lists: torch and numpy are enough here. The networks are built with the
zoo's code and seeds, so they are those of its files. Each case is a list of hooks, in plain tensor arithmetic:

    zero     out[:, units] = 0
    scale    out[:, units] *= factor
    insert   out[:, units] = (1 - mask) * out[:, units] + mask * value     mask [h, w]: 1 inside, 0.5 at the edge
"""
from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / 'fixtures' / 'zoo'))

import families  # noqa: E402
from kit.layers import noise_off  # noqa: E402
from kit.spec import draw  # noqa: E402

SUBJECTS = {
    'dcgan': ('main.5', 'main.8'),
    'sagan': ('block2', 'attention'),
    'stylegan2-nonoise': ('synthesis.b8.conv1', 'synthesis.b16.conv0'),
}
STRIDES = ((32, 1), (64, 3), (128, 5))  # as the zoo's references


def variant_named(title: str):
    for module in pkgutil.iter_modules(families.__path__):
        for variant in importlib.import_module(f'families.{module.name}').VARIANTS:
            if variant.title == title:
                return variant
    raise KeyError(title)


def masked(height: int, width: int) -> np.ndarray:
    """A patch of two rows and columns from (1, 1) on, with a soft edge below and to the right."""
    mask = np.zeros((height, width), 'f4')
    mask[1:4, 1:4] = .5
    mask[1:3, 1:3] = 1
    return mask


def edited(out: torch.Tensor, edit: dict) -> torch.Tensor:
    out, units = out.clone(), edit['units']
    if edit['kind'] == 'zero':
        out[:, units] = 0
    elif edit['kind'] == 'scale':
        out[:, units] *= edit['factor']
    else:
        mask = torch.from_numpy(masked(*out.shape[2:]))
        out[:, units] = (1 - mask) * out[:, units] + mask * edit['value']
    return out


def run(net, variant, edits: list[dict]) -> np.ndarray:
    def hook(edit):
        def change(_module, _inputs, out):
            return (edited(out[0], edit), *out[1:]) if isinstance(out, tuple) else edited(out, edit)
        return change
    handles = [net.get_submodule(edit['module']).register_forward_hook(hook(edit)) for edit in edits]
    feeds = [torch.from_numpy(draw(i.recipe(0))) for i in variant.inputs]
    with torch.no_grad(), noise_off():
        image = net(*feeds)
    for handle in handles:
        handle.remove()
    return (image[0] if isinstance(image, tuple) else image).float().numpy()


def main() -> None:
    cases, parts, offset = [], [], 0
    for title, (first, second) in SUBJECTS.items():
        variant = variant_named(title)
        torch.manual_seed(variant.seed)
        net = variant.build()
        net.eval()
        zero = {'module': first, 'kind': 'zero', 'units': [0, 2, 3]}
        scale = {'module': second, 'kind': 'scale', 'units': [1, 4], 'factor': 1.75}
        insert = {'module': first, 'kind': 'insert', 'units': [1, 5], 'value': 1.25}
        plain = run(net, variant, [])
        for name, edits in {'ablation': [zero], 'scaling': [scale], 'insertion': [insert],
                            'all three': [zero, insert, scale]}.items():
            image = run(net, variant, edits)
            stride = next(s for size, s in STRIDES if image.shape[2] <= size)
            kept = np.ascontiguousarray(image[:, :, ::stride, ::stride], '<f4')
            cases.append({'variant': title, 'name': name, 'edits': edits, 'shape': list(image.shape), 'stride': stride,
                          'kept': list(kept.shape), 'offset': offset, 'change': float(np.abs(image - plain).max())})
            parts.append(kept.tobytes())
            offset += kept.nbytes
            print(title, name, image.shape, 'changes by at most', cases[-1]['change'])
    (HERE / 'reference.bin').write_bytes(b''.join(parts))
    made = {'torch': torch.__version__, 'numpy': np.__version__}
    (HERE / 'reference.json').write_text(json.dumps({'made': made, 'cases': cases}, indent=1) + '\n')


main()

"""Writes resample.json: pictures resized by Pillow, all filters, many sizes.

    python3 test/parity/segmenter/make_resample.py

The picture is made by a formula that the test repeats, so that only hashes of the results need to be kept: they have to be
equal to the last bit.
"""
import hashlib
import json
import pathlib

import numpy as np
import PIL
from PIL import Image

FILTERS = {'nearest': 0, 'lanczos': 1, 'bilinear': 2, 'bicubic': 3, 'box': 4, 'hamming': 5}
# (height, width) → (height, width)
SIZES = [
    ((64, 64), (32, 32)), ((64, 64), (256, 256)), ((64, 64), (512, 512)), ((64, 64), (97, 97)), ((64, 64), (64, 33)), ((64, 64), (33, 64)),
    ((128, 128), (96, 96)), ((100, 150), (224, 336)), ((75, 133), (64, 64)), ((61, 47), (13, 7)), ((17, 31), (1, 1)), ((1, 1), (5, 3)),
    ((3, 200), (7, 90)), ((200, 3), (90, 7)), ((255, 257), (128, 129)), ((256, 256), (224, 224)), ((256, 256), (255, 257)), ((48, 80), (160, 96)),
    ((30, 30), (29, 31)), ((500, 20), (50, 21)), ((2, 2), (11, 11)), ((90, 70), (70, 90)), ((111, 37), (113, 41)), ((40, 64), (640, 12)),
]


def picture(height, width):
    """Noise with large plain areas, so that overshoot and clipping occur: a 32-bit generator that any language has."""
    state = np.uint64(height * 1000 + width)
    values = np.empty(height * width * 3, np.uint8)
    for i in range(values.size):
        state = (state * np.uint64(1664525) + np.uint64(1013904223)) & np.uint64(0xFFFFFFFF)
        byte = int(state) >> 24
        values[i] = 0 if byte < 64 else 255 if byte > 191 else byte
    return values.reshape(height, width, 3)


with np.errstate(over='ignore'):
    cases = [
        {'from': source, 'to': target, 'filter': name, 'sha256': hashlib.sha256(np.asarray(Image.fromarray(picture(*source)).resize(target[::-1], number)).tobytes()).hexdigest()}
        for source, target in SIZES
        for name, number in FILTERS.items()
    ]
path = pathlib.Path(__file__).with_name('resample.json')
path.write_text(json.dumps({'pillow': PIL.__version__, 'cases': cases}, separators=(',', ':')) + '\n')
print(path.name, len(cases), 'cases', path.stat().st_size, 'bytes')

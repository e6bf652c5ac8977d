"""Cycle errors of the demo's translators on the demo's pictures, computed without Genscope.

    python3 make_reference.py        # writes reference.json beside it

Needs numpy, scipy, Pillow and onnxruntime (made with 2.4.6, 1.17.1, 13.0.0 and 1.31.1). Everything is in
units of [-1, 1]: `cycle` is mean |x - back(blur(forth(x)))| of each picture, by the sigma of the blur;
`blurAlone` is mean |x - blur(x)|, what the blur by itself costs; `blurOfTranslation` is the same of forth(x).
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image
from scipy.ndimage import gaussian_filter

HERE = Path(__file__).resolve().parent
DEMO = HERE.parents[2] / 'media' / 'demo' / 'translate'
VANISHING = ('lake-0021.png', 'lake-0029.png')
SIGMAS = (0, 0.5, 1, 1.5, 2)
WAYS = (
    ('summer', 'summer_to_winter', 'winter_to_summer'),
    ('winter', 'winter_to_summer', 'summer_to_winter'),
)


def picture(file: Path) -> np.ndarray:
    """[1, 3, h, w] float32 on [-1, 1]."""
    rgb = np.asarray(Image.open(file).convert('RGB'), np.float64)
    return (rgb / 127.5 - 1).transpose(2, 0, 1)[None].astype(np.float32)


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return gaussian_filter(image.astype(np.float64), (0, 0, sigma, sigma)).astype(np.float32)


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(np.float64) - b).mean())


def rows(season: str, there: str, back: str) -> list[dict]:
    forth_session, back_session = (ort.InferenceSession(DEMO / f'{name}.onnx') for name in (there, back))
    found = []
    for file in sorted((DEMO / season).glob('*.png')):
        x = picture(file)
        y = forth_session.run(None, {'image': x})[0]
        found.append(
            {
                'file': file.name,
                'change': distance(x, y),
                'cycle': {
                    str(s): distance(x, back_session.run(None, {'image': blurred(y, s)})[0]) for s in SIGMAS
                },
                'blurAlone': {str(s): distance(x, blurred(x, s)) for s in SIGMAS},
                'blurOfTranslation': {str(s): distance(y, blurred(y, s)) for s in SIGMAS},
            }
        )
    return found


def main() -> None:
    reference = {season: rows(season, there, back) for season, there, back in WAYS}
    (HERE / 'reference.json').write_text(json.dumps(reference, indent=1) + '\n')
    for season, all_rows in reference.items():
        groups = {'all': all_rows}
        if season == 'summer':
            # The lakes of these two turn to snow from shore to shore.
            groups['vanishing'] = [row for row in all_rows if row['file'] in VANISHING]
            lakes = [row for row in all_rows if row['file'].startswith('lake')]
            groups['other lakes'] = [row for row in lakes if row not in groups['vanishing']]
            groups['no lake'] = [row for row in all_rows if row not in lakes]
        for name, group in groups.items():
            for key in ('cycle', 'blurAlone', 'blurOfTranslation'):
                means = {s: round(float(np.mean([row[key][s] for row in group])), 4) for s in group[0][key]}
                print(f'{season} {name} ({len(group)}) {key}: {means}')


main()

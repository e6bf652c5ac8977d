"""Writes reference.json and labels-*.bin.gz: dissection as it is defined, in NumPy, with networks run by ONNX Runtime.

    python3 test/parity/dissection/make.py

Everything is kept in memory and nothing is estimated: quantiles are of sorted values, masks are arrays of booleans.
Arrays in reference.json are base64 of little-endian numbers. README.md beside this file says what each is.
"""
import base64
import gzip
import json
import pathlib

import numpy as np
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent
SEGMENTER = 'media/demo/segmenter/onnx/model.onnx'
CONCEPTS = 13
SIDE = 64
TAIL = 0.01
TAILS = np.logspace(-3, 0, 100)
SEED, LEVEL_SEED = 1, 2
# A level is moved at most this many values up or down, to where the next values are furthest away.
RANKS = 200
# The same for the 100 levels, the highest of which have only some hundred values above them.
FEW_RANKS = 20

CASES = [
    {
        'name': 'demo',
        'model': 'media/demo/generator.onnx',
        'samples': 210,
        'latent': [96],
        'classes': 7,
        'inputs': ['z', 'category'],
        'tensors': ['/l8b/Relu_output_0'],
    },
    {
        'name': 'dcgan',
        'model': 'test/fixtures/zoo/models/dcgan.ts.op13.onnx',
        'samples': 100,
        'latent': [12, 1, 1],
        'classes': 0,
        'inputs': ['z'],
        'tensors': ['/main/main.5/Relu_output_0', '/main/main.8/Relu_output_0'],
    },
]


def session(file, tensors=()):
    model = onnx.load(ROOT / file)
    for name in tensors:
        model.graph.output.append(onnx.ValueInfoProto(name=name))
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])


def feeds(case, seed):
    n = case['samples']
    z = np.random.RandomState(seed).randn(n, *case['latent']).astype(np.float32)
    if case['classes'] == 0:
        return {case['inputs'][0]: z}
    # Classes take turns; which begins depends on the seed.
    turn = np.eye(case['classes'], dtype=np.float32)[(seed + np.arange(n)) % case['classes']]
    return dict(zip(case['inputs'], [z, turn]))


def sample(case, seed):
    """Label maps uint8 [N, 64, 64] and a list of feature maps float32 [N, C, h, w]."""
    image, *maps = session(case['model'], case['tensors']).run(None, feeds(case, seed))
    pixels = np.clip(np.round((image.astype(np.float64) + 1) * 127.5), 0, 255)
    values = ((pixels / 255 - 0.5) / 0.5).astype(np.float32)
    assert values.shape[1:] == (3, SIDE, SIDE)
    logits = session(SEGMENTER).run(None, {'pixel_values': values})[0]
    return logits.argmax(1).astype(np.uint8), maps


def axis(cells, pixels):
    """Bilinear interpolation, align_corners=False, as a matrix [pixels, cells]."""
    at = np.maximum(0, (np.arange(pixels) + 0.5) * cells / pixels - 0.5)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, cells - 1)
    matrix = np.zeros((pixels, cells))
    np.add.at(matrix, (np.arange(pixels), low), 1 - (at - low))
    np.add.at(matrix, (np.arange(pixels), high), at - low)
    return matrix


def enlarge(maps):
    """[N, h, w] to float64 [N, 64, 64]."""
    rows, columns = axis(maps.shape[1], SIDE), axis(maps.shape[2], SIDE)
    return np.einsum('yi,nij,xj->nyx', rows, maps.astype(np.float64), columns, optimize=True)


def quantile(descending, tail):
    """What the share `tail` of all values lies above: between the last of those and the next that is different."""
    last = descending[max(1, round(tail * len(descending))) - 1]
    after = np.searchsorted(-descending, -last, side='right')
    return (last + descending[after]) / 2 if after < len(descending) and last > 0 else last


def safe_level(ascending, level, ranks):
    """The middle of the widest gap between neighbours near `level`: a last bit more or less moves nothing across it."""
    at = np.searchsorted(ascending, level)
    near = ascending[max(0, at - ranks) : at + ranks]
    gaps = np.diff(near)
    widest = int(gaps.argmax())
    return (near[widest] + near[widest + 1]) / 2, gaps[widest]


def table(both, mask, concept, total):
    return np.array([both, mask - both, concept - both, total - mask - concept + both], dtype=float) / total


def quality(cells):
    """Mutual information over joint entropy of [tp, fp, fn, tn]."""
    tp, fp, fn, tn = cells
    expected = [(tp + fp) * (tp + fn), (tp + fp) * (fp + tn), (fn + tn) * (tp + fn), (fn + tn) * (fp + tn)]
    information = sum(p * np.log(p / q) for p, q in zip(cells, expected) if p > 0)
    entropy = -sum(p * np.log(p) for p in cells if p > 0)
    return max(0.0, information) / entropy if entropy > 0 else 0.0


def iou_with_all(mask, labels):
    found = []
    for c in range(CONCEPTS):
        shown = labels == c
        either = (mask | shown).sum()
        found.append((mask & shown).sum() / either if either else 0.0)
    return found


def levels_of(descending):
    """float32, one for each of TAILS; 0 where the unit is not active on as many pixels."""
    found = []
    for tail in TAILS:
        level = quantile(descending, tail)
        found.append(safe_level(descending[::-1], level, FEW_RANKS)[0] if level > 0 else 0)
    return np.array(found, dtype=np.float32)


def best_levels(values, labels, levels):
    """gandissect's choice: for each concept the highest information quality, and its [tail, level, IoU]."""
    best = np.tile([0.0, 0.0, np.inf, 0.0], (CONCEPTS, 1))
    concept = np.bincount(labels.ravel(), minlength=CONCEPTS)
    for tail, level in zip(TAILS[:-1], levels.astype(float)):
        if level <= 0:
            continue
        mask = values > level
        covered = mask.sum()
        shared = np.bincount(labels[mask], minlength=CONCEPTS)
        for c in range(CONCEPTS):
            if concept[c] / labels.size < 1e-4:
                continue
            cells = table(shared[c], covered, concept[c], labels.size)
            if cells[0] + cells[3] <= 0.8:
                continue
            q = quality(cells)
            if q > best[c, 0]:
                best[c] = [q, tail, level, cells[0] / (1 - cells[3])]
    return best


def f8(values):
    return base64.b64encode(np.asarray(values).astype('<f8').tobytes()).decode()


def dissect(tensor, maps, labels, level_maps, level_labels):
    rows = {k: [] for k in ['exact', 'given', 'gap', 'iou', 'label', 'second', 'levels', 'iqr', 'mean', 'peak']}
    for unit in range(maps.shape[1]):
        learned, judged = enlarge(level_maps[:, unit]), enlarge(maps[:, unit])
        descending = -np.sort(-learned.ravel())
        exact = quantile(descending, TAIL)
        given, gap = safe_level(np.sort(judged.ravel()), exact, RANKS)
        iou = iou_with_all(judged > given, labels)
        rows['exact'].append(exact)
        rows['given'].append(given)
        rows['gap'].append(gap)
        rows['iou'].append(iou)
        rows['label'].append(int(np.argmax(iou)))
        rows['second'].append(sorted(iou)[-2])
        levels = levels_of(descending)
        rows['levels'].append(levels)
        rows['iqr'].append(best_levels(learned, level_labels, levels))
        rows['mean'].append(level_maps[:, unit].astype(np.float64).mean())
        rows['peak'].append(level_maps[:, unit].max())
    return {
        'tensor': tensor,
        'shape': list(maps.shape[1:]),
        'leastGap': float(min(rows['gap'])),
        **{k: f8(v) for k, v in rows.items() if k not in ('gap', 'levels')},
        'levels': base64.b64encode(np.asarray(rows['levels']).astype('<f4').tobytes()).decode(),
    }


def run(case):
    labels, maps = sample(case, SEED)
    level_labels, level_maps = sample(case, LEVEL_SEED)
    with open(HERE / f"labels-{case['name']}.bin.gz", 'wb') as file:
        file.write(gzip.compress(labels.tobytes(), 9, mtime=0))
    layers = []
    for k, tensor in enumerate(case['tensors']):
        layers.append(dissect(tensor, maps[k], labels, level_maps[k], level_labels))
        print(case['name'], tensor, 'narrowest gap chosen', layers[-1]['leastGap'])
    return {**case, 'layers': layers, 'area': f8([(labels == c).mean() for c in range(CONCEPTS)])}


reference = {
    'versions': {'numpy': np.__version__, 'onnxruntime': onnxruntime.__version__, 'onnx': onnx.__version__},
    'segmenter': SEGMENTER,
    'concepts': CONCEPTS,
    'side': SIDE,
    'tail': TAIL,
    'seed': SEED,
    'levelSeed': LEVEL_SEED,
    'cases': [run(case) for case in CASES],
}
path = HERE / 'reference.json'
path.write_text(json.dumps(reference, separators=(',', ':')) + '\n')
for made in [path, *sorted(HERE.glob('labels-*.bin.gz'))]:
    print(made.name, made.stat().st_size, 'bytes')

"""Writes reference.json: latents as NumPy, PyTorch and SciPy really draw them.

    python3 test/parity/latent/make_reference.py

Arrays are base64 of little-endian float32 (f4) or float64 (f8). NumPy's draws and torch's uniforms are prefixes of
longer ones (asserted here), so only the longest is kept; torch's normals depend on the length.
"""
import base64
import json
import pathlib

import numpy as np
import scipy
import scipy.special
import torch
from scipy.stats import norm, truncnorm

SEEDS = [0, 1, 42, 2**32 - 1]
LENGTHS = [1, 2, 7, 15, 16, 17, 31, 32, 96, 100, 512]
LONGEST = max(LENGTHS)


def f4(values):
    return base64.b64encode(np.asarray(values).astype('<f4').tobytes()).decode()


def f8(values):
    return base64.b64encode(np.asarray(values).astype('<f8').tobytes()).decode()


def numpy_prefix(draw, seed):
    longest = draw(np.random.RandomState(seed), LONGEST)
    for n in LENGTHS:
        assert np.array_equal(draw(np.random.RandomState(seed), n), longest[:n])
    return longest


def torch_draw(draw, seed, n):
    torch.manual_seed(seed)
    return draw(n)


def torch_prefix(draw, seed):
    longest = torch_draw(draw, seed, LONGEST)
    for n in LENGTHS:
        assert torch.equal(torch_draw(draw, seed, n), longest[:n])
    return longest


def consecutive_numpy(seed, calls):
    rng = np.random.RandomState(seed)
    draws = [rng.randn(n) if kind == 'normals' else rng.random_sample(n) for kind, n in calls]
    return f4(np.concatenate(draws))


def consecutive_torch(seed, calls):
    torch.manual_seed(seed)
    return f4(torch.cat([torch.randn(n) if kind == 'normals' else torch.rand(n) for kind, n in calls]))


def resampled_numpy(seed, n, threshold):
    rng = np.random.RandomState(seed)
    z = rng.randn(n).astype(np.float32)
    while (outside := np.abs(z) > threshold).any():
        z[outside] = rng.randn(outside.sum())
    return f4(z)


def resampled_torch(seed, n, threshold):
    torch.manual_seed(seed)
    z = torch.randn(n)
    while (outside := z.abs() > threshold).any():
        z[outside] = torch.randn(int(outside.sum()))
    return f4(z)


# Odd scalar draws leave a cached normal; block draws neither use nor clear it; uniforms move the generator on.
CALLS = [['normals', 7], ['normals', 2], ['uniforms', 5], ['normals', 1], ['normals', 16], ['normals', 3], ['normals', 33], ['normals', 1], ['uniforms', 640], ['normals', 15]]
P = [1e-300, 1e-20, 1e-12, 1e-5, 0.001, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.6, 0.925, 0.9251, 0.99, 0.99999, 1 - 1e-12]
X = [-30, -12.5, -6, -3, -2.51, -2.5, -2, -1, -0.1, 0, 0.3, 1, 2, 2.5, 2.51, 4, 8]

rng = np.random.RandomState(7)
rng.random_sample(10**6)
reference = {
    'versions': {'numpy': np.__version__, 'scipy': scipy.__version__, 'torch': torch.__version__, 'torchKernels': torch.backends.cpu.get_cpu_capability()},
    'seeds': SEEDS,
    'lengths': LENGTHS,
    'numpy': {
        'randn': {s: f4(numpy_prefix(lambda r, n: r.randn(n), s)) for s in SEEDS},
        'randomSample': {s: f8(numpy_prefix(lambda r, n: r.random_sample(n), s)[:100]) for s in SEEDS},
        'uniform': {s: f4(numpy_prefix(lambda r, n: r.uniform(-1, 1, n), s)[:100]) for s in SEEDS},
        'truncnorm': {s: f8(truncnorm.rvs(-2, 2, size=512, random_state=np.random.RandomState(s))) for s in SEEDS},
        'resampled': {s: {str(t): resampled_numpy(s, 96, t) for t in [0.5, 1.0, 2.0]} for s in SEEDS},
        'consecutive': {'calls': CALLS, 'values': {s: consecutive_numpy(s, CALLS) for s in SEEDS}},
        'byArray': [{'key': key, 'randn': f4(np.random.RandomState(key).randn(32))} for key in [[0], [1, 2, 3], [2**32 - 1] * 3, list(range(700))]],
        'afterAMillion': f8(rng.random_sample(4)),
        'stream': {s: f4(np.random.RandomState(s).randn(5, 20)) for s in SEEDS},
    },
    'torch': {
        'randn': {s: {n: f4(torch_draw(torch.randn, s, n)) for n in LENGTHS} for s in SEEDS},
        'rand': {s: f4(torch_prefix(torch.rand, s)) for s in SEEDS},
        'uniform': {s: f4(torch_draw(lambda n: torch.empty(n).uniform_(-1, 1), s, 100)) for s in SEEDS},
        'truncnorm': {s: f8(truncnorm.ppf(torch_draw(torch.rand, s, 96).double().numpy(), -2, 2)) for s in SEEDS},
        'resampled': {s: {str(t): resampled_torch(s, 96, t) for t in [0.5, 1.0, 2.0]} for s in SEEDS},
        'consecutive': {'calls': CALLS, 'values': {s: consecutive_torch(s, CALLS) for s in SEEDS}},
        'stream': {s: f4(torch_draw(lambda n: torch.randn(5, n // 5), s, 100)) for s in SEEDS},
    },
    'normal': {'p': P, 'quantile': f8(scipy.special.ndtri(P)), 'x': X, 'cdf': f8(norm.cdf(X))},
}
path = pathlib.Path(__file__).with_name('reference.json')
path.write_text(json.dumps(reference, separators=(',', ':')) + '\n')
print(path, path.stat().st_size, 'bytes')

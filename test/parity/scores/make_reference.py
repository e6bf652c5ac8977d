"""Makes reference.json: what the reference implementations give on features that scores.test.ts makes again.

pip install -r requirements.txt; python make_reference.py

Features are sums of small whole multiples of 2^-13, so NumPy and JavaScript make the very same float32 numbers.
"""
import base64
import importlib
import importlib.metadata
import json
import math
import pathlib
import sys
import types

import numpy as np
import torch
from prdc import compute_prdc

# pytorch-fid and torch-fidelity import it for images and networks; their arithmetic is all that is used here.
from unittest.mock import MagicMock

for missing in ("torchvision", "torchvision.transforms", "torchvision.datasets", "torchvision.models", "torchvision.transforms.functional"):
    sys.modules[missing] = MagicMock()
from pytorch_fid.fid_score import calculate_frechet_distance
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import normalize
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

HERE = pathlib.Path(__file__).parent

# generated rows, reference rows, features, rank, where the generated side's mixing starts, KID subset size
SHAPES = {
    "more rows than features": dict(n=600, m=700, d=64, rank=64, offset=0, subset=500),
    "rank-deficient": dict(n=600, m=700, d=64, rank=20, offset=5, subset=500),
    "fewer rows than features": dict(n=60, m=90, d=128, rank=128, offset=0, subset=50),
}


def features(seed, rows, d, rank, offset, shift):
    """float32 [rows, d]: whole multiples of 2^-10 mixed by small whole numbers, columns divided by 1, 2, 4, 8."""
    z = np.random.RandomState(seed).randn(rows * rank).astype(np.float32).reshape(rows, rank)
    z = np.rint(z.astype(np.float64) * 1024) / 1024
    mix = np.random.RandomState(99).randn((rank + 8) * d).astype(np.float32).reshape(rank + 8, d)
    mix = np.rint(mix.astype(np.float64))[offset : offset + rank]
    x = z @ mix / 2.0 ** (np.arange(d) % 4) + shift
    out = x.astype(np.float32)
    assert np.array_equal(out, x)
    return out


def exact_frechet(x, y):
    """The trace as the nuclear norm of X·Yᵀ, without squaring anything: right to 1e-13 also for singular covariances."""
    def rows(a):
        return (a - a.mean(0)) / math.sqrt(len(a) - 1)

    a, b = rows(x.astype(np.float64)), rows(y.astype(np.float64))
    mean = x.astype(np.float64).mean(0) - y.astype(np.float64).mean(0)
    return float(mean @ mean + (a**2).sum() + (b**2).sum() - 2 * np.linalg.svd(a @ b.T, compute_uv=False).sum())


def moments(x):
    x = x.astype(np.float64)
    return x.mean(0), np.cov(x, rowvar=False)


def sizes(n):
    return np.linspace(min(5000, max(n // 10, 2)), n, 15).astype(np.int32)


def infinity(n, seed, score):
    """mchong6/FID_IS_infinity: 15 random subsets, intercept of the line against 1/N."""
    random = np.random.RandomState(seed)
    found = [score(random.permutation(n)[:size]) for size in sizes(n)]
    line = LinearRegression().fit(1 / sizes(n).reshape(-1, 1), np.array(found).reshape(-1, 1))
    return float(line.predict(np.array([[0]]))[0, 0])


def mauve():
    """mauve's own functions, without its package, which wants faiss for the clustering that is not used here."""
    sys.modules.setdefault("faiss", types.ModuleType("faiss"))
    # `mauve.compute_mauve` is the function of that name; the module is found by its own.
    return importlib.import_module("mauve.compute_mauve")


def smoothings(counts):
    """arXiv 2106.07898, section 4."""
    counts = np.asarray(counts, dtype=np.float64)
    n = counts.sum()
    good = np.zeros(len(counts))
    for i, t in enumerate(counts):
        more, same = (counts == t + 1).sum(), (counts == t).sum()
        good[i] = (more + 1) * (t + 1) / n / same if t <= more else t / n
    braess = counts + np.where(counts == 0, 0.5, np.where(counts == 1, 1.0, 0.75))
    every = {
        "empirical": counts,
        "krichevsky-trofimov": counts + 0.5,
        "laplace": counts + 1,
        "braess-sauer": braess,
        "good-turing": good,
    }
    return {name: weights / weights.sum() for name, weights in every.items()}


def frontier(x, y):
    """k-means by scikit-learn, everything after it by mauve (its integral and its frontier's divergences)."""
    joint = normalize(np.vstack([x, y]).astype(np.float64))
    pca = PCA(svd_solver="full").fit(joint)
    components = int(np.argmax(np.cumsum(pca.explained_variance_ratio_) >= 0.9)) + 1
    projected = pca.transform(joint)[:, :components]
    k = max(2, round(5 * min(len(x), len(y)) ** (1 / 3)))
    clusters = KMeans(k, n_init=5, random_state=0).fit(projected)
    labels = clusters.labels_.astype(np.uint8)
    q = smoothings(np.bincount(labels[: len(x)], minlength=k))
    p = smoothings(np.bincount(labels[len(x) :], minlength=k))
    module = mauve()
    kl = module.kl_multinomial
    return {
        "k": k,
        "components": components,
        "inertia": float(clusters.inertia_),
        "labels": base64.b64encode(labels.tobytes()).decode(),
        "values": {
            name: {
                "integral": float(module.get_fronter_integral(p[name], q[name])),
                "typeOne": float(kl(q[name], 0.99 * p[name] + 0.01 * q[name])),
                "typeTwo": float(kl(p[name], 0.01 * p[name] + 0.99 * q[name])),
            }
            for name in p
        },
    }


def references(shape):
    n, d = shape["n"], shape["d"]
    x = features(1, n, d, shape["rank"], shape["offset"], 0.5)
    y = features(2, shape["m"], d, shape["rank"], 0, 0.0)
    double = lambda a: torch.from_numpy(a.astype(np.float64))
    statistics = [fid_features_to_statistics(double(a)) for a in (x, y)]
    kid = kid_features_to_metric(
        double(x), double(y), kid_subsets=100, kid_subset_size=shape["subset"], rng_seed=2020, verbose=False,
        kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1,
    )  # fmt: skip
    prc = prc_features_to_metric(
        double(x), double(y), prc_neighborhood=3, prc_batch_size=10000, save_cpu_ram=False, verbose=False
    )
    prdc = compute_prdc(y.astype(np.float64), x.astype(np.float64), 5)
    logits = torch.from_numpy(x[:, :10] / 4)
    plain = isc_features_to_metric(logits, shuffle=False)
    shuffled = isc_features_to_metric(logits, shuffle=True)
    name = "inception_score_"
    return {
        "shape": shape,
        "fid": {
            "pytorch-fid": float(calculate_frechet_distance(*moments(x), *moments(y))),
            "torch-fidelity": fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"],
            "svd": exact_frechet(x, y),
        },
        "fid-infinity": infinity(n, 7, lambda rows: exact_frechet(x[rows], y)),
        "kid": {"mean": kid["kernel_inception_distance_mean"], "std": kid["kernel_inception_distance_std"]},
        "precision": prc["precision"],
        "recall": prc["recall"],
        "density": float(prdc["density"]),
        "coverage": float(prdc["coverage"]),
        "is": {"mean": plain[name + "mean"], "std": plain[name + "std"], "shuffled": shuffled[name + "mean"]},
        "is-infinity": infinity(
            n, 7, lambda rows: isc_features_to_metric(logits[rows], splits=1, shuffle=False)[name + "mean"]
        ),
        "frontier": frontier(x, y),
    }


def main():
    packages = ["numpy", "scipy", "scikit-learn", "torch", "pytorch-fid", "torch-fidelity", "prdc", "mauve-text"]
    made = {
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "shapes": {name: references(shape) for name, shape in SHAPES.items()},
    }
    (HERE / "reference.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()

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
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import mannwhitneyu, norm
from sklearn.linear_model import LinearRegression, LogisticRegression
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


def clusters(rows, k):
    return KMeans(k, n_init=5, random_state=0).fit(rows).labels_.astype(np.uint8)


def encoded(labels):
    return base64.b64encode(np.asarray(labels, dtype=np.uint8).tobytes()).decode()


def authpct(x, y):
    """dgm-eval, metrics/authpct.py."""
    real = cdist(y, y)
    np.fill_diagonal(real, np.inf)
    made = cdist(y, x)
    return float(100 * (real.min(0)[made.argmin(0)] < made.min(0)).mean())


def realism(x, y, k=3):
    """Kynkäänniemi et al. 2019: radii above the median are left out, plain distances, 1e-5 below."""
    radii = np.sort(cdist(y, y), axis=1)[:, k]
    kept = radii <= np.median(radii)
    each = (radii[kept][None] / (cdist(x, y[kept]) + 1e-5)).max(1)
    return {"median": float(np.median(each)), "mean": float(each.mean()), "inside": float((each >= 1).mean())}


def vendi(x):
    unit = normalize(x)
    values = np.linalg.eigvalsh(unit @ unit.T / len(x))
    values = values[values > 0]
    return float(np.exp(-(values * np.log(values)).sum()))


def cmmd(x, y):
    """sayakpaul/cmmd-pytorch, distance.py, in float64 on embeddings that float32 has brought to length 1."""
    unit = lambda a: (a / np.sqrt((a.astype(np.float64) ** 2).sum(1, keepdims=True))).astype(np.float32).astype(np.float64)
    x, y = unit(x), unit(y)
    kernel = lambda a, b: np.exp(-cdist(a, b, "sqeuclidean") / (2 * 10**2)).mean()
    return float(1000 * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)))


def prd(x, y):
    """msmsajjadi/precision-recall-distributions, prd_score.py, on given clusters."""
    n = min(len(x), len(y))
    labels = clusters(np.vstack([y[:n], x[:n]]), 20)
    p = np.bincount(labels[:n], minlength=20) / n
    q = np.bincount(labels[n:], minlength=20) / n
    slopes = np.tan(np.linspace(1e-10, np.pi / 2 - 1e-10, 1001))[:, None]
    precision = np.minimum(p * slopes, q).sum(1)
    recall = precision / slopes[:, 0]
    precision, recall = np.clip(precision, 0, 1), np.clip(recall, 0, 1)
    f = lambda beta: float(((1 + beta**2) * precision * recall / (beta**2 * precision + recall + 1e-10)).max())
    return {"labels": encoded(labels), "f8": f(8), "fEighth": f(1 / 8)}


def mauve_score(labels, n, k):
    module = mauve()
    q = np.bincount(labels[:n], minlength=k) / n
    p = np.bincount(labels[n:], minlength=k) / (len(labels) - n)
    weights = np.linspace(1e-6, 1 - 1e-6, 25)
    curve = module.get_divergence_curve_for_multinomials(p, q, weights, 5)
    x, y = curve.T
    order, other = np.argsort(x), np.argsort(y)
    return float(0.5 * (module.compute_area_under_curve(x[order], y[order]) + module.compute_area_under_curve(y[other], x[other])))


def ndb(x, y):
    """eitanrich/gans-n-gmms, utils/ndb.py: pooled two-proportion z-test at 0.05."""
    k = max(2, min(100, len(y) // 10))
    fit = KMeans(k, n_init=3, random_state=0).fit(y)
    real, made = fit.labels_, fit.predict(x)
    a, b = np.bincount(made, minlength=k), np.bincount(real, minlength=k)
    pooled = (a + b) / (len(x) + len(y))
    spread = np.sqrt(pooled * (1 - pooled) * (1 / len(x) + 1 / len(y)))
    different = 2 * norm.sf(np.abs(a / len(x) - b / len(y)) / spread) < 0.05
    q, p = a / len(x), b / len(y)
    r = (p + q) / 2
    half = lambda s: np.where(s > 0, s * np.log(np.where(s > 0, s, 1) / r), 0).sum() / 2
    return {
        "k": k, "real": encoded(real), "made": encoded(made), "share": float(different.mean()),
        "divergence": float(half(p) + half(q)),
    }  # fmt: skip


def ct(x, y):
    """Meehan et al. 2020: z of Mann-Whitney per cell, weighted by the test images; given cells, unprojected."""
    half = len(y) // 2
    training, test = y[:half], y[half:]
    fit = KMeans(3, n_init=3, random_state=0).fit(training)
    cells = fit.labels_, fit.predict(test), fit.predict(x)
    total = weights = 0.0
    for cell in range(3):
        t, p, q = training[cells[0] == cell], test[cells[1] == cell], x[cells[2] == cell]
        if not (len(t) and len(p) and len(q)):
            continue
        near = lambda rows: cdist(rows, t).min(1)
        u = mannwhitneyu(near(q), near(p)).statistic
        n, m = len(p), len(q)
        total += n * (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
        weights += n
    return {"cells": [encoded(one) for one in cells], "value": total / weights}


def parzen(x, y, seed):
    """goodfeli/adversarial, parzen_ll.py, in units of the features' spread."""
    order = np.random.RandomState(seed).permutation(len(y))
    held = len(y) // 5
    scale = math.sqrt(y.var(0).mean())
    centres, validation, test = x / scale, y[order[:held]] / scale, y[order[held:]] / scale
    d = x.shape[1]

    def each(rows, sigma):
        squares = cdist(rows, centres, "sqeuclidean")
        return logsumexp(-squares / (2 * sigma**2), axis=1) - math.log(len(centres)) - d * math.log(sigma * math.sqrt(2 * math.pi))

    sigmas = np.logspace(-1, 0, 10)
    sigma = sigmas[np.argmax([each(validation, s).mean() for s in sigmas])]
    return {"sigma": float(sigma), "value": float(each(test, sigma).mean())}


def gan_train_test(x, y):
    """Standardised by the training side; C = 1/(n·1e-3) minimises the mean loss + 1e-3/2·|W|²."""
    asked, real = x[:, :4].argmax(1), y[:, 4:8].argmax(1)

    def run(train, taught, test, wanted):
        mean, spread = train.mean(0), train.std(0)
        spread = np.where(spread > 0, spread, 1)
        a, b = (train - mean) / spread, (test - mean) / spread
        model = LogisticRegression(C=1 / (len(a) * 1e-3), tol=1e-10, max_iter=10000).fit(a, taught)
        logits = model.decision_function(a)
        loss = (logsumexp(logits, axis=1) - logits[np.arange(len(a)), taught]).mean() + 5e-4 * (model.coef_**2).sum()
        return {"accuracy": float((model.predict(b) == wanted).mean()), "loss": float(loss)}

    return {"train": run(x, asked, y, real), "test": run(y, real, x, asked)}


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
        **more(x.astype(np.float64), y.astype(np.float64)),
    }


def more(x, y):
    """The scores that came later."""
    k = max(2, round(min(len(x), len(y)) / 10))
    labels = clusters(np.vstack([x, y]), k)
    return {
        "authpct": authpct(x, y),
        "realism": realism(x, y),
        "vendi": vendi(x),
        "cmmd": cmmd(x, y),
        "prd": prd(x, y),
        "mauve": {"k": k, "labels": encoded(labels), "value": mauve_score(labels, len(x), k)},
        "ndb": ndb(x, y),
        "ct": ct(x, y),
        "parzen": parzen(x, y, 7),
        "modes": float(np.abs(np.bincount(x[:, :10].argmax(1), minlength=10) / len(x) - np.bincount(y[:, :10].argmax(1), minlength=10) / len(y)).sum() / 2),
        "gan": gan_train_test(x, y),
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

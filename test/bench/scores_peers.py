"""Processor time of the packages that scores are compared with, on the same features: a JSON line on stdout.

python scores_peers.py FILE N D SCORES   FILE: float32 [2·N, D], samples first; SCORES: names separated by commas
Packages: test/parity/scores/requirements.txt, installed with --no-deps.
"""
import json
import sys
import time
from unittest.mock import MagicMock

import numpy as np

# pytorch-fid and torch-fidelity import it for images and networks; their arithmetic is all that is used here.
for missing in ("torchvision", "torchvision.transforms", "torchvision.datasets", "torchvision.models", "torchvision.transforms.functional"):
    sys.modules[missing] = MagicMock()
import torch
from pytorch_fid.fid_score import calculate_frechet_distance
from sklearn.cluster import MiniBatchKMeans
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric


def moments(x):
    return np.mean(x, axis=0), np.cov(x, rowvar=False)


def vendi(x):
    """vertaix/Vendi-Score, score_dual: eigenvalues of the smaller matrix."""
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    unit = unit.astype(np.float64)
    gram = unit.T @ unit if unit.shape[0] > unit.shape[1] else unit @ unit.T
    values = np.linalg.eigvalsh(gram / len(x))
    values = values[values > 0]
    return np.exp(-(values * np.log(values)).sum())


def prd(x, y):
    """msmsajjadi/precision-recall-distributions: ten clusterings by mini-batches."""
    for run in range(10):
        MiniBatchKMeans(n_clusters=20, n_init=10, random_state=run).fit(np.vstack([y, x]))


def kid(x, y):
    return kid_features_to_metric(
        torch.from_numpy(x), torch.from_numpy(y), kid_subsets=100, kid_subset_size=min(1000, len(x)), rng_seed=2020,
        verbose=False, kid_kernel="poly", kid_kernel_poly_degree=3, kid_kernel_poly_gamma=None, kid_kernel_poly_coef0=1,
    )  # fmt: skip


def main():
    file, n, d, scores = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(",")
    x, y = np.fromfile(file, np.float32).reshape(2, n, d)
    work = {
        "fid": {
            "pytorch-fid": lambda: calculate_frechet_distance(*moments(x), *moments(y)),
            "torch-fidelity": lambda: fid_statistics_to_metric(
                fid_features_to_statistics(torch.from_numpy(x)), fid_features_to_statistics(torch.from_numpy(y)), False
            ),
        },
        "vendi": {"NumPy, smaller matrix": lambda: vendi(x)},
        "kid": {"torch-fidelity": lambda: kid(x, y)},
        "prd": {"scikit-learn, mini-batches": lambda: prd(x, y)},
    }
    found = {}
    for score in scores:
        for name, run in work.get(score, {}).items():
            start = time.process_time()
            run()
            found[f"{score}: {name}"] = (time.process_time() - start) * 1000
    print(json.dumps(found))


main()

"""What NumPy and SciPy need for the same work, in the same run: a JSON line on stdout.

python scores_numpy.py fid FILE D        FILE: float64 [2, D, D], two covariances
python scores_numpy.py prdc FILE N M D   FILE: float32 [N + M, D]; precision and recall, k = 3, in blocks
"""
import json
import resource
import sys
import time

import numpy as np


def timed(work):
    start, cpu = time.perf_counter(), time.process_time()
    value = work()
    return value, (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000


def fid(file, d):
    from scipy import linalg

    a, b = np.fromfile(file, np.float64).reshape(2, d, d)
    root, sqrtm, sqrtm_cpu = timed(lambda: linalg.sqrtm(a.dot(b)))
    values, eigh, eigh_cpu = timed(lambda: np.linalg.eigh(a)[0])
    return {
        "trace": float(np.trace(root).real),
        "sqrtm": sqrtm,
        "sqrtmCpu": sqrtm_cpu,
        "eigh": eigh,
        "eighCpu": eigh_cpu,
        "largest": float(values[-1]),
    }


def squares(x, y):
    """kynkaat/improved-precision-and-recall-metric: ‖x‖² − 2xy + ‖y‖², float32."""
    found = (x * x).sum(1)[:, None] - 2 * (x @ y.T) + (y * y).sum(1)[None]
    return np.maximum(found, 0)


def radii(x, k, block=1024):
    return np.concatenate(
        [np.partition(squares(x[i : i + block], x), k, axis=1)[:, k] for i in range(0, len(x), block)]
    )


def within(x, y, radius, block=1024):
    return np.mean(
        np.concatenate([(squares(x[i : i + block], y) <= radius[None]).any(1) for i in range(0, len(x), block)])
    )


def prdc(file, n, m, d):
    every = np.fromfile(file, np.float32).reshape(n + m, d)
    x, y = every[:n], every[n:]

    def work():
        return float(within(x, y, radii(y, 3))), float(within(y, x, radii(x, 3)))

    (precision, recall), wall, cpu = timed(work)
    return {"precision": precision, "recall": recall, "wall": wall, "cpu": cpu}


def main():
    what, file, *sizes = sys.argv[1:]
    found = {"fid": fid, "prdc": prdc}[what](file, *map(int, sizes))
    found["peakMB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


main()

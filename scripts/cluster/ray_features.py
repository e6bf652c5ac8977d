"""Ray: one task a part, then a merge. `python ray_features.py MODEL EXTRACTOR OUT [--parts 8] [--samples 50000]`.

OUT is a folder that all nodes see; `genscope` is on every node's PATH (or GENSCOPE names the command).
"""

import argparse
import os
import shlex
import subprocess
from pathlib import Path

import ray

GENSCOPE = shlex.split(os.environ.get("GENSCOPE", "genscope"))


@ray.remote(num_cpus=4, max_retries=3)
def make_part(model: str, extractor: str, out: str, samples: int, part: int, parts: int) -> str:
    """Features of one part. A task that is tried again goes on from the cache."""
    file = Path(out) / "parts" / f"part-{part}.npz"
    file.parent.mkdir(parents=True, exist_ok=True)
    command = ["features", model, "--extractor", extractor, "--samples", str(samples), "--seed", "1"]
    command += ["--shard", f"{part}/{parts}", "--threads", "4", "--cache", f"{out}/cache", "--out", str(file)]
    subprocess.run([*GENSCOPE, *command], check=True)
    return str(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("model", "extractor", "out"):
        parser.add_argument(name)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--samples", type=int, default=50_000)
    given = parser.parse_args()
    ray.init()
    tasks = [
        make_part.remote(given.model, given.extractor, given.out, given.samples, part, given.parts)
        for part in range(given.parts)
    ]
    files = ray.get(tasks)
    subprocess.run([*GENSCOPE, "merge", *files, "--out", f"{given.out}/features.npz"], check=True)


if __name__ == "__main__":
    main()

"""Writing ONNX files that match their PyTorch models, and running them."""

import hashlib
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

OPSET = 13
TOLERANCE = 1e-4  # largest difference between PyTorch and the exported file


def export(
    network: nn.Module, inputs: dict[str, Tensor], outputs: list[str], path: Path, batch_name: str = 'batch'
) -> None:
    """Writes `network` with a free first dimension, checks the file, and compares it with PyTorch.

    `inputs` are example inputs by name. The comparison uses another batch size than the trace, so that
    a batch size frozen by mistake is noticed. Raises RuntimeError when the outputs differ by more
    than TOLERANCE.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    network = network.eval()
    with warnings.catch_warnings():
        # The tracing exporter is deprecated, but its graphs have plain opset 13 nodes without functions.
        warnings.simplefilter('ignore', DeprecationWarning)
        torch.onnx.export(
            network,
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=outputs,
            opset_version=OPSET,
            dynamo=False,
            dynamic_axes={name: {0: batch_name} for name in [*inputs, *outputs]},
        )
    onnx.checker.check_model(onnx.load(path))
    probe = {name: torch.cat([value, value.flip(0), value]) for name, value in inputs.items()}
    with torch.no_grad():
        expected = network(*probe.values())
    expected = [expected] if isinstance(expected, Tensor) else expected
    found = run(session(path), {name: value.numpy() for name, value in probe.items()})
    worst = max(float(np.abs(a.numpy() - b).max()) for a, b in zip(expected, found))
    if not worst <= TOLERANCE:
        raise RuntimeError(f'{path}: differs from PyTorch by {worst:.2g}, more than {TOLERANCE}')
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    print(
        f'{path}  {path.stat().st_size:,} bytes  sha256 {digest}  max |onnx - torch| {worst:.1e}', flush=True
    )


def session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only
    return onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])


def run(model: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    return model.run(None, feeds)


def run_batches(
    model: onnxruntime.InferenceSession, feeds: dict[str, np.ndarray], batch: int = 100
) -> list[np.ndarray]:
    """Runs `model` on feeds of any length [N, ...] and joins its outputs."""
    total = len(next(iter(feeds.values())))
    parts = (
        run(model, {name: value[k : k + batch] for name, value in feeds.items()})
        for k in range(0, total, batch)
    )
    return [np.concatenate(output) for output in zip(*parts)]

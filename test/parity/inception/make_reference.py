"""What the originals (pytorch-fid, torch-fidelity, clean-fid) give with weights that both sides can make from a rule.

    python make_reference.py        writes reference.json, reference.bin.gz, zip.pth, legacy.pth, pil/

The metric packages are installed with --no-deps; the published weights are not needed.
"""

import gzip
import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

# torchvision's compiled operators are not needed, and are missing beside a CPU build of torch.
REGISTER = torch.library.register_fake
torch.library.register_fake = lambda *_, **__: lambda function: function

import pytorch_fid.inception as pytorch_fid  # noqa: E402
import torch_fidelity.feature_extractor_inceptionv3 as fidelity  # noqa: E402
from cleanfid.resize import build_resizer  # noqa: E402

torch.library.register_fake = REGISTER

HERE = Path(__file__).parent
SIZES = [(64, 64), (32, 48), (310, 400), (299, 299)]
#: Every so many values of a resized picture are kept.
STEP = 97


def name_seed(name: str) -> int:
    """FNV-1a."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    return seed


def uniforms(seed: int, count: int) -> np.ndarray:
    """float64 in [0, 1): murmur3's finaliser of a counter."""
    x = (np.arange(count, dtype=np.uint64) * 0x9E3779B1 + seed) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = ((x ^ (x >> np.uint64(shift))) * factor) & 0xFFFFFFFF
    x ^= x >> np.uint64(16)
    return x.astype(np.float64) / 2**32


def tensor(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    u = uniforms(name_seed(name), int(np.prod(shape)))
    if name.endswith("conv.weight"):
        values = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    elif name.endswith("bn.weight"):
        values = 0.75 + 0.5 * u
    elif name.endswith("running_var"):
        values = 0.5 + u
    elif name == "fc.weight":
        values = (2 * u - 1) / 16
    else:
        values = (u - 0.5) / 5
    return torch.from_numpy(values.astype(np.float32).reshape(shape))


def picture(index: int) -> np.ndarray:
    """uint8 [h, w, 3]: slanted stripes and noise, in whole numbers."""
    h, w = SIZES[index]
    y, x, c = np.mgrid[0:h, 0:w, 0:3]
    noise = (uniforms(1000 + index, h * w * 3).reshape(h, w, 3) * 256).astype(np.int64)
    return (((x * 5 + y * 3 + c * 60) % 256 * 3 + noise) // 4).astype(np.uint8)


def state_dict() -> OrderedDict:
    module = fidelity.FeatureExtractorInceptionV3.__new__(fidelity.FeatureExtractorInceptionV3)
    fidelity.load_state_dict_from_url = lambda *_, **__: None
    module.load_state_dict = lambda *_: None
    module.__init__("inception", ["2048"])
    names = torch.nn.Module.state_dict(module)
    skipped = ("num_batches_tracked",)
    return OrderedDict((k, tensor(k, tuple(v.shape))) for k, v in names.items() if not k.endswith(skipped))


def with_counters(state: OrderedDict) -> OrderedDict:
    norms = [k[: -len("running_var")] for k in state if k.endswith("running_var")]
    return OrderedDict([*state.items(), *((f"{k}num_batches_tracked", torch.tensor(1)) for k in norms)])


def main() -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    state = with_counters(state_dict())
    weights = HERE / "weights.tmp"
    torch.save(state, weights)
    original = fidelity.FeatureExtractorInceptionV3(
        "inception", ["64", "192", "768", "2048", "logits_unbiased"], feature_extractor_weights_path=str(weights)
    )
    weights.unlink()
    pytorch_fid.load_state_dict_from_url = lambda *_, **__: state
    torch_net = pytorch_fid.InceptionV3([3]).eval()
    clean = build_resizer("clean")

    arrays: dict[str, np.ndarray] = {}
    resized = fidelity.interpolate_bilinear_2d_like_tensorflow1x
    for index in range(len(SIZES)):
        image = picture(index)
        uint8 = torch.from_numpy(image.transpose(2, 0, 1)[None].copy())
        tf1 = resized(uint8.float(), size=(299, 299), align_corners=False)
        half = torch.nn.functional.interpolate(
            uint8.float() / 255, size=(299, 299), mode="bilinear", align_corners=False
        )
        cleaned = torch.from_numpy(clean(image).transpose(2, 0, 1)[None].copy())
        for name, values in (("tf1", tf1), ("torch", half * 255), ("clean", cleaned)):
            arrays[f"{name}.{index}.resized"] = values.numpy().ravel()[::STEP]
        low, middle, high, last, logits = original(uint8)
        arrays[f"tf1.{index}.64"] = low.numpy()[0]
        arrays[f"tf1.{index}.192"] = middle.numpy()[0]
        arrays[f"tf1.{index}.768"] = high.numpy()[0]
        arrays[f"tf1.{index}.features"] = last.numpy()[0]
        arrays[f"tf1.{index}.logits"] = logits.numpy()[0]
        arrays[f"torch.{index}.features"] = torch_net(uint8.float() / 255)[0].numpy().ravel()
        # clean-fid's network is not published apart from its weights: the same one, fed as clean-fid feeds it.
        fidelity.interpolate_bilinear_2d_like_tensorflow1x = lambda x, **_: cleaned
        arrays[f"clean.{index}.features"] = original(uint8)[3].numpy()[0]
        fidelity.interpolate_bilinear_2d_like_tensorflow1x = resized
    write(arrays)
    small_files()


def write(arrays: dict[str, np.ndarray]) -> None:
    places, at = {}, 0
    for name, values in arrays.items():
        places[name] = [at, len(values)]
        at += len(values)
    blob = b"".join(values.astype("<f4").tobytes() for values in arrays.values())
    (HERE / "reference.bin.gz").write_bytes(gzip.compress(blob, mtime=0))
    about = {"sizes": SIZES, "step": STEP, "torch": torch.__version__, "arrays": places}
    (HERE / "reference.json").write_text(json.dumps(about, indent=1) + "\n")


def small_files() -> None:
    """A state dict with everything that real ones have, in both formats of PyTorch."""
    state = OrderedDict(
        a=torch.arange(6, dtype=torch.float32).reshape(2, 3),
        half=torch.tensor([0.5, -2], dtype=torch.float16),
        double=torch.tensor([1e-3, 7], dtype=torch.float64),
        scalar=torch.tensor(3.5),
        counter=torch.tensor(7),
    )
    base = torch.arange(10, dtype=torch.float32)
    state["slice"] = base[4:8]
    state["parameter"] = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    state._metadata = OrderedDict(version=1)
    torch.save(state, HERE / "zip.pth")
    torch.save(state, HERE / "legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(torch.nn.Linear(2, 2), HERE / "module.pth")


if __name__ == "__main__":
    main()

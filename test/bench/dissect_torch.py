"""The yardstick of the bench: quantile dissection of one layer as one writes it in PyTorch, vectorised, without
interval and null. Reads a JSON request from stdin: {generator, layer, latent, classes, segmenter, samples, batch, threads};
prints {"seconds": …, "runSeconds": …}. Needs torch, numpy, onnx, onnxruntime."""

import json
import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
import torch
import torch.nn.functional as F

ask = json.load(sys.stdin)
torch.set_num_threads(ask["threads"])
N, B, TAIL = ask["samples"], ask["batch"], 0.01
spent = 0.0


def session(model):
    options = ort.SessionOptions()
    options.intra_op_num_threads = ask["threads"]
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(of, names, feeds):
    global spent
    began = time.perf_counter()
    found = of.run(names, feeds)
    spent += time.perf_counter() - began
    return [torch.from_numpy(value) for value in found]


model = onnx.load(ask["generator"])
model.graph.output.append(onnx.helper.make_empty_tensor_value_info(ask["layer"]))
generator = session(model.SerializeToString())
segmenter = session(ask["segmenter"])


def feeds(seed, begin, end):
    z = np.random.RandomState(seed).randn(N, ask["latent"]).astype(np.float32)[begin:end]
    classes = np.eye(ask["classes"], dtype=np.float32)[(seed + np.arange(begin, end)) % ask["classes"]]
    return {"z": z, "category": classes}


def batches(seed):
    for begin in range(0, N, B):
        yield feeds(seed, begin, min(N, begin + B))


def enlarge(maps, size):
    return F.interpolate(maps, size=size, mode="bilinear", align_corners=False).flatten(2)


@torch.no_grad()
def levels(size):
    keep = int(TAIL * N * size * size)
    best, waiting = None, []
    for at, feed in enumerate(batches(2)):
        (maps,) = run(generator, [ask["layer"]], feed)
        waiting.append(enlarge(maps, (size, size)).transpose(0, 1).flatten(1))
        # Merging now and then: each merge costs a selection over all that is kept.
        if len(waiting) == 8 or (at + 1) * B >= N:
            everything = torch.cat(waiting if best is None else [best, *waiting], 1)
            best, waiting = everything.topk(min(keep, everything.shape[1]), 1, sorted=False)[0], []
    return best.min(1)[0]


@torch.no_grad()
def agreement(threshold, size):
    both = mask = concept = 0
    for feed in batches(1):
        maps, image = run(generator, [ask["layer"], "image"], feed)
        byte = ((image + 1) * 127.5).round().clamp(0, 255)
        (logits,) = run(segmenter, None, {"pixel_values": (byte / 127.5 - 1).numpy()})
        seen = F.one_hot(logits.argmax(1).flatten(1), logits.shape[1]).float()
        above = (enlarge(maps, (size, size)) > threshold[None, :, None]).float()
        both = both + torch.bmm(above, seen).sum(0).double()
        mask = mask + above.sum((0, 2)).double()
        concept = concept + seen.sum((0, 1)).double()
    return both / (mask[:, None] + concept[None] - both)


run(generator, None, feeds(0, 0, 1))
spent = 0.0
began = time.perf_counter()
iou = agreement(levels(ask["size"]), ask["size"])
seconds = time.perf_counter() - began
best, label = iou.max(1)
print(json.dumps({"seconds": seconds, "runSeconds": spent, "best": best.tolist(), "label": label.tolist()}))

"""Writes models/*/ and reference.json: segmenters with seeded random weights, and what Python makes of a few pictures.

    python3 test/parity/segmenter/make_reference.py

Each model goes the way that a person's does: its image processor (the "slow" one: Pillow and NumPy), the PyTorch model,
`post_process_semantic_segmentation(target_sizes=…)`. Weights are random, but scaled so that classes differ clearly: with the
usual initialisation of .02 all logits of a model are nearly equal, and the rounding of the runtime would decide.
"""
import base64
import hashlib
import io
import json
import pathlib
import warnings
import zlib

import numpy as np
import onnx
import PIL
import torch
import transformers
from PIL import Image
from transformers import (
    BeitConfig,
    BeitForSemanticSegmentation,
    BeitImageProcessor,
    ConvNextConfig,
    DPTConfig,
    DPTForSemanticSegmentation,
    DPTImageProcessor,
    MobileNetV2Config,
    MobileNetV2ImageProcessor,
    MobileNetV2Model,
    MobileViTConfig,
    MobileViTForSemanticSegmentation,
    MobileViTImageProcessor,
    SegformerConfig,
    SegformerForSemanticSegmentation,
    SegformerImageProcessor,
    UperNetConfig,
    UperNetForSemanticSegmentation,
)
from transformers.modeling_outputs import SemanticSegmenterOutput

warnings.filterwarnings('ignore')
HERE = pathlib.Path(__file__).parent
PICTURES = sorted((HERE / 'pictures').glob('*.png'))
#: The middle of the first picture: an aspect ratio that is none of the models'.
WIDE = (0, 12, 64, 52)


def labels(count):
    return {str(i): f'concept {i}' for i in range(count)}


class DeepLab(torch.nn.Module):
    """MobileNetV2 under a one-branch DeepLab head; the library's own head has 256 channels and is 2 MB."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.backbone = MobileNetV2Model(config, add_pooling_layer=False)
        self.head = torch.nn.Conv2d(128, config.num_labels, 3, padding=2, dilation=2)

    def forward(self, pixel_values):
        return SemanticSegmenterOutput(logits=self.head(self.backbone(pixel_values).last_hidden_state))


def segformer():
    config = SegformerConfig(num_labels=150, hidden_sizes=[8, 8, 16, 16], depths=[1, 1, 1, 1], num_attention_heads=[1, 1, 2, 2], decoder_hidden_size=24, mlp_ratios=[2, 2, 2, 2])
    processor = SegformerImageProcessor(size={'height': 96, 'width': 96}, do_reduce_labels=True)
    return SegformerForSemanticSegmentation(config), processor, (96, 96), (128, 128)


def upernet():
    backbone = ConvNextConfig(hidden_sizes=[8, 8, 12, 12], depths=[1, 1, 1, 1], out_features=['stage1', 'stage2', 'stage3', 'stage4'])
    config = UperNetConfig(backbone_config=backbone, hidden_size=10, use_auxiliary_head=False, num_labels=60, pool_scales=[1])
    processor = SegformerImageProcessor(size={'height': 128, 'width': 160}, resample=1, image_mean=[0.1, 0.5, 0.9], image_std=[0.3, 0.2, 0.7])
    return UperNetForSemanticSegmentation(config), processor, (128, 160), (50, 70)


def mobilevit():
    config = MobileViTConfig(num_labels=21, hidden_sizes=[6, 6, 6], neck_hidden_sizes=[4, 4, 4, 4, 6, 6, 8], expand_ratio=2, mlp_ratio=1, num_attention_heads=2, aspp_out_channels=12, atrous_rates=[2, 4, 6], output_stride=16)
    processor = MobileViTImageProcessor(size={'shortest_edge': 128}, crop_size={'height': 96, 'width': 96})
    return MobileViTForSemanticSegmentation(config), processor, (96, 96), None


def deeplab():
    config = MobileNetV2Config(num_labels=21, depth_multiplier=0.1, min_depth=4, depth_divisible_by=4, output_stride=16, finegrained_output=False)
    processor = MobileNetV2ImageProcessor(size={'shortest_edge': 80}, do_center_crop=False, resample=5)
    return DeepLab(config), processor, None, (64, 96)


def beit():
    config = BeitConfig(image_size=64, patch_size=16, hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, out_indices=[1, 2, 3, 4], pool_scales=[1], use_auxiliary_head=False, num_labels=150)
    processor = BeitImageProcessor(size={'height': 64, 'width': 64}, do_center_crop=False, do_reduce_labels=True)
    return BeitForSemanticSegmentation(config), processor, (64, 64), (64, 64)


def dpt():
    config = DPTConfig(image_size=64, patch_size=16, hidden_size=16, num_hidden_layers=4, num_attention_heads=2, intermediate_size=32, backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[4, 6, 8, 10], fusion_hidden_size=8, use_auxiliary_head=False, num_labels=40)
    processor = DPTImageProcessor(size={'height': 60, 'width': 60}, keep_aspect_ratio=False, ensure_multiple_of=32, resample=3)
    return DPTForSemanticSegmentation(config), processor, (64, 64), (33, 41)


MODELS = {'segformer': segformer, 'upernet': upernet, 'mobilevit': mobilevit, 'deeplab': deeplab, 'beit': beit, 'dpt': dpt}


def spread(model, tensors):
    """Weights and statistics that keep variances through the layers, so that classes differ by whole units."""
    norms = [module for module in model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            torch.nn.init.kaiming_normal_(module.weight, nonlinearity='linear')
    for norm in norms:
        norm.momentum = None
        norm.train()
    with torch.no_grad():
        model(pixel_values=tensors)
    model.eval()


class Exported(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).logits


def export(name, model, size, free_batch):
    target = io.BytesIO()
    axes = {0: 'batch_size'} if free_batch else {}
    if size is None:
        axes |= {2: 'height', 3: 'width'}
    example = torch.randn(2 if free_batch else 1, 3, *(size or (80, 96)))
    torch.onnx.export(Exported(model).eval(), (example,), target, opset_version=17, dynamo=False, input_names=['pixel_values'], output_names=['logits'], dynamic_axes={'pixel_values': axes, 'logits': axes})
    return stripped(target.getvalue())


def stripped(data):
    """Without names of nodes and of scopes, which are half of a small file."""
    model = onnx.load_from_string(data)
    short = {}
    for node in model.graph.node:
        node.name = node.doc_string = ''
        for names in (node.input, node.output):
            for i, name in enumerate(names):
                if name.startswith('/'):
                    names[i] = short.setdefault(name, f't{len(short)}')
    del model.graph.value_info[:]
    return model.SerializeToString()


def label_maps(name, model, processor, pictures, size):
    tensors = processor(pictures, return_tensors='pt')['pixel_values']
    with torch.no_grad():
        outputs = model(pixel_values=tensors)
    if size is not None:
        maps = processor.post_process_semantic_segmentation(outputs, target_sizes=[size] * len(pictures))
        maps = np.stack([m.numpy() for m in maps])
        return tensors, outputs, maps, size
    # Cut about the centre: the map covers the resized picture, and what was cut off has no concept.
    height, width = pictures[0].size[::-1]
    short = processor.size['shortest_edge']
    resized = (int(short * height / width), short) if width <= height else (short, int(short * width / height))
    crop = (processor.crop_size['height'], processor.crop_size['width'])
    maps = np.full((len(pictures), *resized), 255)
    top, left = (resized[0] - crop[0]) // 2, (resized[1] - crop[1]) // 2
    cut = processor.post_process_semantic_segmentation(outputs, target_sizes=[crop] * len(pictures))
    maps[:, top : top + crop[0], left : left + crop[1]] = np.stack([m.numpy() for m in cut])
    return tensors, outputs, maps, resized


def packed(maps):
    return base64.b64encode(zlib.compress(maps.astype(np.uint8).tobytes(), 9)).decode()


def case(name, model, processor, pictures, size, which):
    tensors, outputs, maps, size = label_maps(name, model, processor, pictures, size)
    classes = len(np.unique(maps[maps < 255]))
    assert classes >= 3, (name, which, classes)
    top = outputs.logits.topk(2, dim=1).values
    print(f'{name:10s} {which:8s} input {tuple(tensors.shape)} logits {tuple(outputs.logits.shape)} map {size} classes {classes} median margin {float((top[:, 0] - top[:, 1]).median()):.3f}')
    return {
        'pictures': which,
        'input': list(tensors.shape),
        'pixelValues': hashlib.sha256(tensors.numpy().astype('<f4').tobytes()).hexdigest(),
        'size': list(size),
        'maps': packed(maps),
    }


reference = {'versions': {'transformers': transformers.__version__, 'torch': torch.__version__, 'pillow': PIL.__version__}, 'wide': list(WIDE), 'models': []}
pictures = [Image.open(file).convert('RGB') for file in PICTURES]
for name, make in MODELS.items():
    torch.manual_seed(1)
    model, processor, size, target = make()
    model = model.eval()
    spread(model, processor(pictures, return_tensors='pt')['pixel_values'])
    folder = HERE / 'models' / name
    folder.mkdir(parents=True, exist_ok=True)
    data = export(name, model, size, free_batch=name != 'beit')
    assert len(data) < 300_000, (name, len(data))
    (folder / 'model.onnx').write_bytes(data)
    (folder / 'config.json').write_text(json.dumps({'model_type': name, 'id2label': labels(model.config.num_labels)}, separators=(',', ':')) + '\n')
    (folder / 'preprocessor_config.json').write_text(json.dumps(json.loads(processor.to_json_string()), indent=1) + '\n')
    cases = [case(name, model, processor, pictures, target, 'all'), case(name, model, processor, [pictures[0].crop(WIDE)], target, 'wide')]
    reference['models'].append({'name': name, 'processor': type(processor).__name__, 'bytes': len(data), 'cases': cases})
path = HERE / 'reference.json'
path.write_text(json.dumps(reference, separators=(',', ':')) + '\n')
print(path.name, path.stat().st_size, 'bytes')

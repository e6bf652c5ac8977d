"""Writes small/*/: segmenters whose answer is plain to see, and ones that are wrong in one way each.

    python3 test/parity/segmenter/make_small.py

All but `wrong` ones tell red, green, blue and dark pixels apart: class = the largest channel, or "dark" below .2.
"""
import copy
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent / 'small'
COLOURS = ['red', 'green', 'blue', 'dark']
PLAIN = {'do_resize': False, 'do_rescale': True, 'rescale_factor': 1 / 255, 'do_normalize': False}


def weights(rows):
    return np.array(rows, np.float32).reshape(len(rows), 3, 1, 1)


BY_COLOUR = (weights([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]), np.array([0, 0, 0, 0.2], np.float32))
#: Warm (red) or cold (the rest).
BY_WARMTH = (weights([[1, 0, 0], [0, 0.5, 0.5]]), np.zeros(2, np.float32))


def conv(name, output, pair, dtype=np.float32):
    weight, bias = pair
    tensors = [numpy_helper.from_array(weight.astype(dtype), f'{name}.weight'), numpy_helper.from_array(bias.astype(dtype), f'{name}.bias')]
    return helper.make_node('Conv', ['pixel_values', f'{name}.weight', f'{name}.bias'], [output]), tensors


def model(nodes, tensors, outputs, shape=('batch_size', 3, 'height', 'width'), dtype=TensorProto.FLOAT, name='pixel_values'):
    graph = helper.make_graph(
        nodes,
        'segmenter',
        [helper.make_tensor_value_info(name, dtype, shape)],
        [helper.make_tensor_value_info(output, dtype, [shape[0], *tail]) for output, tail in outputs],
        tensors,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def write(name, made, concepts=COLOURS, config=None, file='model.onnx', preprocessor=PLAIN, **save):
    folder = HERE / name
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    if isinstance(concepts, list):
        concepts = {str(i): concept for i, concept in enumerate(concepts)}
    (folder / 'config.json').write_text(json.dumps({'model_type': 'test', 'id2label': concepts} if config is None else config) + '\n')
    (folder / 'preprocessor_config.json').write_text(json.dumps(preprocessor) + '\n')
    for old in (folder / file).parent.glob('*.onnx_data'):
        old.unlink()
    # Saving with external data empties the model that is saved.
    onnx.save(copy.deepcopy(made), folder / file, **save)


FREE = ['height', 'width']
node, tensors = conv('colour', 'logits', BY_COLOUR)
colours = model([node], tensors, [('logits', [4, *FREE])])
write('colours', colours)
write('external', colours, file='onnx/model.onnx', save_as_external_data=True, location='model.onnx_data', size_threshold=0)
write('cropped', colours, preprocessor={'image_processor_type': 'MobileNetV2ImageProcessor', 'size': {'shortest_edge': 8}, 'resample': 0, 'crop_size': {'height': 4, 'width': 4}, 'do_normalize': False})

warm, warm_tensors = conv('warmth', 'warmth_logits', BY_WARMTH)
node, tensors = conv('colour', 'colour_logits', BY_COLOUR)
write('two-labels', model([node, warm], tensors + warm_tensors, [('colour_logits', [4, *FREE]), ('warmth_logits', [2, *FREE])]), {'colour': dict(enumerate(COLOURS)), 'warmth': {'0': 'warm', '1': 'cold'}})

half, half_tensors = conv('colour', 'logits', BY_COLOUR, np.float16)
write('half', model([half], half_tensors, [('logits', [4, *FREE])], dtype=TensorProto.FLOAT16), file='onnx/model_fp16.onnx')

# The batch axis is called free, but every picture is told the colours of the first.
first = [
    helper.make_node('Slice', ['whole', 'zero', 'one', 'zero'], ['first']),
    helper.make_node('Sub', ['whole', 'whole'], ['nothing']),
    helper.make_node('Add', ['nothing', 'first'], ['logits']),
]
node, tensors = conv('colour', 'whole', BY_COLOUR)
numbers = [numpy_helper.from_array(np.array([i], np.int64), name) for i, name in enumerate(['zero', 'one'])]
write('false-batch', model([node, *first], tensors + numbers, [('logits', [4, *FREE])]))

node, tensors = conv('colour', 'logits', BY_COLOUR)
write('batch-of-three', model([node], tensors, [('logits', [4, *FREE])], shape=(3, 3, *FREE)))
write('fixed-size', model([node], tensors, [('logits', [4, 16, 16])], shape=('batch_size', 3, 16, 16)))

single, single_tensors = conv('one', 'logits', (weights([[1, -1, -1]]), np.zeros(1, np.float32)))
write('one-class', model([single], single_tensors, [('logits', [1, *FREE])]), ['red'])

nan = np.full(4, np.nan, np.float32)
node, tensors = conv('colour', 'logits', (BY_COLOUR[0], nan))
write('wrong-nan', model([node], tensors, [('logits', [4, *FREE])]))

pooled = [helper.make_node('GlobalAveragePool', ['maps'], ['pooled']), helper.make_node('Flatten', ['pooled'], ['logits'])]
node, tensors = conv('colour', 'maps', BY_COLOUR)
write('wrong-classifier', model([node, *pooled], tensors, [('logits', [4])]))

turned = helper.make_node('Transpose', ['nhwc'], ['pixel_values'], perm=[0, 3, 1, 2])
node, tensors = conv('colour', 'logits', BY_COLOUR)
write('wrong-nhwc', model([turned, node], tensors, [('logits', [4, *FREE])], shape=('batch_size', *FREE, 3), name='nhwc'))

same = helper.make_node('Identity', ['latent'], ['out'])
write('wrong-input', model([same], [], [('out', [4])], shape=('batch_size', 4), name='latent'))

/** Descriptions of models as the engine would give them. */
import type { ModelDescription } from '../../../src/shared/generator/model.ts';
import { CLASSES } from './scenes.ts';

type Layers = readonly (readonly [name: string, op: string, units: number, side: number])[];

const LAYERS: Layers = [
  ['dense', 'Reshape', 128, 4],
  ['block1.conv1', 'LeakyRelu', 128, 8],
  ['block1.conv2', 'LeakyRelu', 128, 8],
  ['block2.conv1', 'LeakyRelu', 96, 16],
  ['block2.conv2', 'LeakyRelu', 96, 16],
  ['block3.conv1', 'LeakyRelu', 64, 32],
  ['block3.conv2', 'LeakyRelu', 64, 32],
  ['block4.conv1', 'LeakyRelu', 32, 64],
];

/** Down, along, and up again. */
const TRANSLATOR_LAYERS: Layers = [
  ['stem', 'Relu', 32, 64],
  ['down1', 'Relu', 64, 32],
  ['down2', 'Relu', 128, 16],
  ...Array.from({ length: 6 }, (_, i) => [`res${i + 1}`, 'Add', 128, 16] as const),
  ['up1', 'Relu', 64, 32],
  ['up2', 'Relu', 32, 64],
];

function layersOf(layers: Layers): NonNullable<ModelDescription['layers']> {
  return layers.map(([name, op, units, side], i) => ({
    name,
    tensor: name,
    shape: [1, units, side, side],
    units,
    resolution: [side, side] as const,
    channelAxis: 1,
    op,
    suffixCost: 1 - (i + 0.5) / layers.length,
  }));
}

export function demoModel(): ModelDescription {
  const latent = { role: 'latent' } as const;
  const label = { role: 'class', encoding: 'onehot', classes: 7 } as const;
  const image = { role: 'image', layout: 'NCHW', range: [-1, 1] } as const;
  return {
    file: 'generator.onnx',
    stamp: 'first',
    sha256: '3fb1c2d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
    bytes: 4_234_120,
    opset: 17,
    producer: 'pytorch 2.4.0',
    parameters: 1_053_219,
    parametersExact: true,
    kind: 'generator',
    inputs: [
      {
        name: 'z',
        dtype: 'float32',
        shape: ['N', 96],
        guess: {
          role: latent,
          reason: 'Rank 2 and by far the widest float input.',
          certainty: 'sure',
          options: [latent],
        },
      },
      {
        name: 'label',
        dtype: 'float32',
        shape: ['N', 7],
        guess: {
          role: label,
          reason: 'A narrow float input beside the latent, named “label”.',
          certainty: 'likely',
          options: [label],
        },
      },
    ],
    outputs: [
      {
        name: 'image',
        dtype: 'float32',
        shape: ['N', 3, 64, 64],
        guess: {
          role: image,
          reason: 'Three channels, and the graph ends in Tanh.',
          certainty: 'sure',
          options: [image],
        },
      },
    ],
    batch: 'free',
    batchReason: 'Rows of a batch of 3 equal single runs to 1e-6.',
    noise: [],
    layers: layersOf(LAYERS),
    mapping: null,
    imageInput: null,
    latentSize: 96,
    classes: 7,
    classNames: [...CLASSES],
    image: { width: 64, height: 64, channels: 3 },
    provider: 'cpu',
    needsAnswers: false,
    refusal: null,
    warnings: [],
  };
}

/** One half of a CycleGAN. */
export function translatorModel(): ModelDescription {
  const model = demoModel();
  const image = { role: 'image', layout: 'NCHW', range: [-1, 1] } as const;
  const guess = { role: image, reason: 'Three channels in, three out.', certainty: 'sure', options: [image] };
  const tensor = { dtype: 'float32', shape: ['N', 3, 64, 64] };
  return {
    ...model,
    file: 'summer_to_winter.onnx',
    kind: 'imageToImage',
    inputs: [{ name: 'image', ...tensor, guess: { ...guess, certainty: 'sure' } }],
    outputs: [{ name: 'translated', ...tensor, guess: { ...guess, certainty: 'sure' } }],
    layers: layersOf(TRANSLATOR_LAYERS),
    imageInput: { name: 'image', channels: 3, size: { width: 64, height: 64 }, multiple: 1 },
    latentSize: 0,
    classes: 0,
    classNames: [],
  };
}

/** A generator with a mapping network. */
export function mappedModel(): ModelDescription {
  return { ...demoModel(), mapping: { tensor: 'w', size: 512, average: 'computed' } };
}

/** A graph with three inputs of which two could be the latent. */
export function unknownModel(): ModelDescription {
  const model = demoModel();
  const latent = { role: 'latent' } as const;
  const noise = { role: 'noise' } as const;
  const constant = { role: 'constant', value: 0 } as const;
  const classIndex = { role: 'class', encoding: 'index', classes: 10 } as const;
  const minusOne = { role: 'image', layout: 'NCHW', range: [-1, 1] } as const;
  const zeroOne = { role: 'image', layout: 'NCHW', range: [0, 1] } as const;
  return {
    ...model,
    file: 'mystery.onnx',
    needsAnswers: true,
    inputs: [
      {
        name: 'in_0',
        dtype: 'float32',
        shape: ['N', 128],
        guess: {
          role: latent,
          reason: 'As wide as in_1; the first of two is a guess.',
          certainty: 'ask',
          options: [latent, noise, constant],
        },
      },
      {
        name: 'in_1',
        dtype: 'float32',
        shape: ['N', 128],
        guess: {
          role: noise,
          reason: 'As wide as in_0.',
          certainty: 'ask',
          options: [noise, latent, constant],
        },
      },
      {
        name: 'in_2',
        dtype: 'int64',
        shape: ['N'],
        guess: {
          role: classIndex,
          reason: 'Whole numbers, one for each sample.',
          certainty: 'likely',
          options: [classIndex],
        },
      },
    ],
    outputs: [
      {
        name: 'out',
        dtype: 'float32',
        shape: ['N', 3, 64, 64],
        guess: {
          role: minusOne,
          reason: 'The last node is a Conv, so the range is not known.',
          certainty: 'ask',
          options: [minusOne, zeroOne],
        },
      },
    ],
  };
}

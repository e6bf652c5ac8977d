/** Descriptions of models as the engine would give them. */
import type { ModelDescription } from '../../../src/shared/model.ts';
import { CLASSES } from './scenes.ts';

const LAYERS = [
  ['dense', 128, 4],
  ['block1.conv1', 128, 8],
  ['block1.conv2', 128, 8],
  ['block2.conv1', 96, 16],
  ['block2.conv2', 96, 16],
  ['block3.conv1', 64, 32],
  ['block3.conv2', 64, 32],
  ['block4.conv1', 32, 64],
] as const;

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
    layers: LAYERS.map(([name, units, side]) => ({
      name,
      tensor: name,
      shape: [1, units, side, side],
      units,
      resolution: [side, side] as const,
    })),
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

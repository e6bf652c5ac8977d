/** Python for one draw of latents: `draw(seed, *shape)`, the same numbers as `draw.ts` makes. */
import type { LatentSource } from '../../shared/samples/latents.ts';

/** The import lines that the function needs beyond NumPy, and its body. */
export interface DrawCode {
  readonly imports: readonly string[];
  readonly lines: readonly string[];
}

export function drawCode(source: LatentSource): DrawCode {
  const isTorch = source.rng === 'torch';
  const { truncation } = source;
  const isTruncnorm = truncation.mode === 'truncnorm';
  return {
    imports: [
      ...(isTruncnorm ? ['from scipy.stats import truncnorm'] : []),
      ...(isTorch ? ['import torch'] : []),
    ],
    lines: [
      'def draw(seed, *shape):',
      `    ${isTorch ? 'torch.manual_seed(seed)' : 'rng = np.random.RandomState(seed)'}`,
      ...(isTruncnorm ? truncnormLines(isTorch, truncation.scale) : plainLines(source, isTorch)),
    ],
  };
}

function truncnormLines(isTorch: boolean, scale: number): string[] {
  const values = isTorch
    ? 'truncnorm.ppf(torch.rand(*shape).double().numpy(), -2, 2)'
    : 'truncnorm.rvs(-2, 2, size=shape, random_state=rng)';
  return [
    `    z = ${values}  # N(0, 1) cut at ±2, then scaled`,
    `    return (${scale} * z).astype(np.float32)`,
  ];
}

function plainLines({ rng, distribution, truncation }: LatentSource, isTorch: boolean): string[] {
  const { sample, star } = SAMPLERS[rng][distribution];
  const call = (shape: string): string => sample.replace('SHAPE', shape);
  const values = call(star ? '*shape' : 'shape');
  if (truncation.mode !== 'resample') {
    return [
      `    return ${isTorch ? `${values.includes(' ') ? `(${values})` : values}.numpy()` : `${values}.astype(np.float32)`}`,
    ];
  }
  const outside = `(${isTorch ? 'z.abs()' : 'np.abs(z)'} > ${truncation.threshold})`;
  return [
    `    z = ${isTorch ? values : `${values}.astype(np.float32)`}`,
    `    while (outside := ${outside}).any():  # truncation: draw these again`,
    `        z[outside] = ${call(isTorch ? 'int(outside.sum())' : 'outside.sum()')}`,
    `    return z${isTorch ? '.numpy()' : ''}`,
  ];
}

/** How each library draws a shape; `star` where it takes the sizes one by one. */
const SAMPLERS = {
  numpy: {
    normal: { sample: 'rng.randn(SHAPE)', star: true },
    uniform: { sample: 'rng.uniform(-1, 1, SHAPE)', star: false },
    uniform01: { sample: 'rng.random_sample(SHAPE)', star: false },
  },
  torch: {
    normal: { sample: 'torch.randn(SHAPE)', star: true },
    uniform: { sample: 'torch.rand(SHAPE) * 2 - 1', star: true },
    uniform01: { sample: 'torch.rand(SHAPE)', star: true },
  },
} as const;

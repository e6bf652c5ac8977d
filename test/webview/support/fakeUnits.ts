/** Units, concepts and dissections as pure functions, so that a test knows every number it should see. */

import type { LayerDescription, ModelDescription } from '../../../src/shared/generator/model.ts';
import { type LatentPlan, planCount } from '../../../src/shared/samples/latents.ts';
import type {
  DissectedLayer,
  DissectedUnit,
  Dissection,
  DissectSettings,
  Segmentation,
  UnitActivity,
} from '../../../src/shared/units/dissection.ts';

export const CONCEPTS = [
  'sky',
  'ground',
  'tree',
  'mountain',
  'water',
  'sun',
  'house',
  'door',
  'window',
  'snow',
];
/** Share of all pixels; no picture shows snow. */
export const SHARES = [0.42, 0.31, 0.08, 0.06, 0.05, 0.01, 0.04, 0.005, 0.01, 0];

/** A number in 0…1 from two. */
export function spread(a: number, b: number): number {
  let h = Math.imul(a + 1, 0x9e3779b1) ^ Math.imul(b + 7, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h ^= h >>> 13;
  return (h >>> 0) / 2 ** 32;
}

/** How high unit `unit` rises anywhere. */
export function peakOf(unit: number): number {
  return 0.5 + 5 * spread(unit, 1);
}

/** A bump whose place and height depend on unit and sample, [h, w]. */
export function mapOf(seed: number, unit: number, height: number, width: number): Float32Array {
  const strength = peakOf(unit) * (0.35 + 0.65 * spread(seed, unit));
  const [cx, cy] = [0.15 + 0.7 * spread(unit, seed + 3), 0.1 + 0.8 * spread(unit, 2)];
  const radius = 0.1 + 0.16 * spread(unit, 5);
  const map = new Float32Array(height * width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const distance = Math.hypot((x + 0.5) / width - cx, (y + 0.5) / height - cy) / radius;
      map[y * width + x] = strength * Math.exp(-distance * distance) - 0.05;
    }
  return map;
}

/** The seed of sample `i` of a plan; places of picks count from the plan's seed. */
export function seedOf(plan: LatentPlan, i: number): number {
  if (plan.kind === 'picks') return plan.seed + (plan.indices[i] ?? 0);
  return plan.kind === 'seeds' ? plan.seed + i : i;
}

export function activityOf(plan: LatentPlan, layer: LayerDescription, k: number): UnitActivity {
  const { units } = layer;
  const count = planCount(plan);
  const mean = new Float32Array(units);
  const peak = new Float32Array(units);
  const top = new Int32Array(units * k);
  const topValues = new Float32Array(units * k);
  for (let unit = 0; unit < units; unit++) {
    peak[unit] = peakOf(unit);
    mean[unit] = peakOf(unit) * (0.02 + 0.1 * spread(unit, 9));
    topOf(unit, count, k).forEach(({ index, value }, i) => {
      top[unit * k + i] = index;
      topValues[unit * k + i] = value;
    });
  }
  return {
    layer: layer.tensor,
    samples: count,
    mean,
    peak,
    active: new Float32Array(units),
    top,
    topValues,
    k,
  };
}

function topOf(unit: number, samples: number, k: number): { index: number; value: number }[] {
  return Array.from({ length: k }, (_, i) => ({
    index: Math.floor(spread(unit, 40 + i) * samples),
    value: peakOf(unit) * (1 - 0.04 * i),
  }));
}

export function unitOf(unit: number, settings: DissectSettings): DissectedUnit {
  const strength = spread(unit, 20) ** 3;
  const concept = Math.floor(spread(unit, 21) ** 1.6 * 9);
  const iou = 0.005 + 0.3 * strength;
  const bar = 0.012 + 0.03 * spread(unit, 22);
  const { leastIou } = settings;
  return {
    ...{ unit, concept, iou, bar },
    interval: [iou * 0.9, iou * 1.1],
    nullIou: bar * 0.9,
    level: peakOf(unit) * 0.45,
    maskShare: 0.01,
    quality: iou / 2,
    interpretable: iou > leastIou && iou > bar,
    mean: peakOf(unit) * (0.02 + 0.1 * spread(unit, 9)),
    peak: peakOf(unit),
    top: topOf(unit, settings.samples, 8),
  };
}

/** IoU of a unit with every concept: best with its own. */
function iousOf({ unit, concept, iou }: DissectedUnit): number[] {
  return CONCEPTS.map((_, c) => (c === concept ? iou : iou * 0.9 * spread(unit, 60 + c)));
}

export function layerOf(layer: LayerDescription, settings: DissectSettings, salt = 0): DissectedLayer {
  const units = Array.from({ length: layer.units }, (_, i) => ({
    ...unitOf(i + salt * 1000, settings),
    unit: i,
  }));
  return {
    layer: layer.name,
    tensor: layer.tensor,
    resolution: layer.resolution,
    units,
    null99: 0.031,
    interpretable: units.filter(({ interpretable }) => interpretable).length,
    iou: units.map(iousOf),
  };
}

export function dissectionOf(model: ModelDescription, settings: DissectSettings): Dissection {
  const layers = (model.layers ?? []).filter(({ tensor }) => settings.layers.includes(tensor));
  return {
    schema: 1,
    model: { file: model.file, sha256: model.sha256 ?? '' },
    segmenter: {
      ...{ name: 'Demo segmenter', folder: 'segmenter', sha256: '00' },
      concepts: CONCEPTS,
      categories: [],
      input: { width: 64, height: 64 },
    },
    settings,
    maps: [64, 64],
    conceptShare: SHARES,
    layers: layers.map((layer) => layerOf(layer, settings, (model.layers ?? []).indexOf(layer))),
    ...{ ms: 1234, runMs: 1000, warnings: [] },
    made: { genscope: '0.3.0', runtime: 'onnxruntime 1.30.0', date: '2026-11-22T10:00:00.000Z' },
  };
}

/** Sky above, ground below, and a tree between. */
export function segmentationOf(plan: LatentPlan, side = 64): Segmentation {
  const count = planCount(plan);
  const labels = new Uint16Array(count * side * side);
  for (let i = 0; i < count; i++) {
    const horizon = side * (0.45 + 0.2 * spread(seedOf(plan, i), 1));
    const tree = side * (0.2 + 0.6 * spread(seedOf(plan, i), 4));
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) {
        const inTree = Math.hypot(x - tree, y - horizon) < side * 0.12;
        labels[(i * side + y) * side + x] = inTree ? 2 : y < horizon ? 0 : 1;
      }
  }
  return { height: side, width: side, labels, concepts: CONCEPTS };
}

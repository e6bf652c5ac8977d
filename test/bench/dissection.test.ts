/**
 * What dissection adds to the networks' own time: the level pass and the agreement pass on made-up maps, without either
 * network. Nothing is asserted: timings are measured, not tested.
 */
import { it } from 'vitest';
import { AgreementCounts } from '../../src/algorithms/dissection/agreement.ts';
import { Bilinear } from '../../src/algorithms/dissection/bilinear.ts';
import { type LabelMap, labelMap } from '../../src/algorithms/dissection/labelMap.ts';
import { LevelSketches } from '../../src/algorithms/dissection/levelSketches.ts';
import { LevelCounts, TAILS } from '../../src/algorithms/dissection/levels.ts';
import { MaskSpans } from '../../src/algorithms/dissection/maskSpans.ts';
import { NullCounts, nullShifts, ShiftedLabels } from '../../src/algorithms/dissection/nullBaseline.ts';
import { NumpyRandom } from '../../src/algorithms/latent/numpyRandom.ts';
import { figure, print } from './support/report.ts';

interface Case {
  readonly name: string;
  readonly units: number;
  readonly side: number;
  readonly size: number;
  readonly concepts: number;
  readonly images: number;
  readonly goals?: { readonly levels: number; readonly agreement: number };
}

const CASES: readonly Case[] = [
  {
    name: '128 units 8² to 64², 13 concepts',
    units: 128,
    side: 8,
    size: 64,
    concepts: 13,
    images: 1000,
    goals: { levels: 0.5, agreement: 0.35 },
  },
  { name: '512 units 16² to 256², 150 concepts', units: 512, side: 16, size: 256, concepts: 150, images: 50 },
];
const ROUNDS = 3;
const DIFFERENT = 16;
const TAIL = 0.01;

it.each(CASES)('$name', { timeout: 300_000 }, (of) => {
  const maps = Array.from({ length: DIFFERENT }, (_, i) => madeUpMaps(of, i));
  const labels = Array.from({ length: DIFFERENT }, (_, i) => madeUpLabels(of, 100 + i));
  const bilinear = new Bilinear([of.side, of.side], [of.size, of.size]);
  const times: Record<'warm' | 'level' | 'agreement' | 'spread' | 'iqr', number[]> = {
    warm: [],
    level: [],
    agreement: [],
    spread: [],
    iqr: [],
  };
  for (let round = 0; round <= ROUNDS; round++) {
    const sketches = new LevelSketches({ units: of.units, bilinear, tail: TAIL });
    const warm = time(32, (i) => sketches.add(maps[i % DIFFERENT] as Float32Array));
    const level = time(of.images, (i) => sketches.add(maps[i % DIFFERENT] as Float32Array));
    const levels = sketches.levels([TAIL]);
    const agreement = agreementPass(of, bilinear, maps, labels, levels);
    const floorless = new LevelSketches({ units: of.units, bilinear, tail: null });
    const spread = time(4, (i) => floorless.add(maps[i] as Float32Array));
    const all = new LevelCounts(of.units, of.concepts, floorless.levels(TAILS));
    const indices = new Int32Array(bilinear.pixels);
    const values = new Float64Array(bilinear.pixels);
    const iqr = time(of.size === 64 ? DIFFERENT : 2, (i) => {
      all.addLabels(labels[i] as LabelMap);
      for (let unit = 0; unit < of.units; unit++) {
        const offset = unit * bilinear.cells;
        const n = bilinear.search(maps[i] as Float32Array, offset, all.leastLevel(unit), indices, values);
        all.addMap(unit, indices, values, n, labels[i] as LabelMap);
      }
    });
    // The first round only warms the compiler up.
    if (round === 0) continue;
    times.warm.push(warm);
    times.level.push(level);
    times.agreement.push(agreement);
    times.spread.push(spread);
    times.iqr.push(iqr);
  }
  const below = (ms: number | undefined) =>
    ms === undefined ? undefined : { text: `≤ ${ms} ms`, holds: (value: number) => value <= ms };
  print(`dissection, ${of.name}`, [
    figure('level pass, an image, before the floor', 'ms', times.warm),
    figure('level pass, an image, with the floor', 'ms', times.level, below(of.goals?.levels)),
    figure(
      'agreement pass with 5 draws of the null, an image',
      'ms',
      times.agreement,
      below(of.goals?.agreement),
    ),
    figure('iqr: level pass without floor, an image', 'ms', times.spread),
    figure('iqr: 99 levels by concept, an image', 'ms', times.iqr),
  ]);
});

function agreementPass(
  of: Case,
  bilinear: Bilinear,
  maps: readonly Float32Array[],
  labels: readonly LabelMap[],
  levels: Float64Array,
): number {
  const counts = new AgreementCounts({ units: of.units, concepts: of.concepts, blocks: 50 });
  const shifts = nullShifts(7, of.images);
  const chance = new NullCounts(shifts, of.units, of.concepts);
  const shifted = new ShiftedLabels(shifts);
  for (let i = 0; i < shifted.length; i++) shifted.push(labels[i % DIFFERENT] as LabelMap);
  const mask = new MaskSpans(bilinear);
  return time(of.images, (i) => {
    const block = Math.floor((i * 50) / of.images);
    const here = labels[i % DIFFERENT] as LabelMap;
    counts.addLabels(block, here);
    for (let unit = 0; unit < of.units; unit++) {
      const level = levels[unit] as number;
      const n = mask.find(maps[i % DIFFERENT] as Float32Array, unit * bilinear.cells, level);
      counts.addMask(block, unit, mask.bounds, n, here);
      chance.addMask(unit, mask.bounds, n, shifted);
    }
    shifted.push(here);
  });
}

/** Milliseconds of processor time for each of `n` calls: one thread's work, which a busy machine stretches but does not add to. */
function time(n: number, call: (i: number) => void): number {
  const before = process.cpuUsage();
  for (let i = 0; i < n; i++) call(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / n;
}

/** Smooth noise through a ReLU, each unit with a bias of its own: half dense, half sparse. */
function madeUpMaps({ units, side }: Case, seed: number): Float32Array {
  const noise = new NumpyRandom(seed).normals(units * side * side);
  return noise.map((value, i) => {
    const left = i % side > 0 ? (noise[i - 1] as number) : value;
    const bias = (Math.floor(i / (side * side)) % 8) / 4 - 1;
    return Math.max(0, value + left - bias);
  });
}

/** Patches of 8 × 8 pixels of one concept. */
function madeUpLabels({ size, concepts }: Case, seed: number): LabelMap {
  const patches = size / 8;
  const drawn = new NumpyRandom(seed).uniforms(patches * patches);
  const plane = Uint16Array.from({ length: size * size }, (_, i) => {
    const patch = Math.floor(Math.floor(i / size) / 8) * patches + Math.floor((i % size) / 8);
    return Math.floor((drawn[patch] as number) ** 2 * concepts);
  });
  return labelMap(size, size, [plane]);
}

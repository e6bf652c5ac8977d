/** Synthetic landscapes: what the fake host draws, as a pure function, so that a test knows every pixel it should see. */
import { classOf, type LatentKey, type LatentPlan } from '../../../src/shared/samples/latents.ts';

export const CLASSES = ['meadow', 'mountains', 'lake', 'forest', 'village', 'sunset', 'winter'] as const;

type Rgb = readonly [number, number, number];
const SKIES: readonly Rgb[] = [
  [86, 152, 224],
  [120, 160, 205],
  [70, 140, 220],
  [110, 165, 220],
  [96, 160, 230],
  [150, 60, 90],
  [190, 200, 212],
];
const GROUNDS: readonly Rgb[] = [
  [128, 150, 60],
  [110, 135, 70],
  [60, 115, 165],
  [70, 110, 50],
  [135, 155, 75],
  [70, 50, 30],
  [238, 240, 244],
];

/** A spread of numbers in 0…1 from a seed. */
function noise(seed: number, salt: number): number {
  let h = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(salt + 7, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h ^= h >>> 13;
  return (h >>> 0) / 2 ** 32;
}

/** One picture, [side, side, 4]. `cut` (truncation) draws everything toward the middle. @param count of trees, if not its own */
export function scene(
  seed: number,
  classIndex: number,
  cut: number,
  side = 64,
  count?: number,
): Uint8ClampedArray {
  const data = new Uint8ClampedArray(side * side * 4);
  const at = (salt: number) => 0.5 + (noise(seed, salt) - 0.5) * Math.min(1, cut / 3 + 0.2);
  const sky = SKIES[classIndex % 7] ?? [0, 0, 0];
  const ground = GROUNDS[classIndex % 7] ?? [0, 0, 0];
  const horizon = 0.45 + 0.2 * at(1);
  const sun = { x: at(2), y: 0.12 + 0.15 * at(3), r: 0.06 };
  const trees = Array.from({ length: count ?? 2 + Math.floor(at(4) * 4) }, (_, i) => ({
    x: at(10 + i),
    y: horizon + 0.02 + 0.22 * at(20 + i),
  }));
  for (let py = 0; py < side; py++) {
    for (let px = 0; px < side; px++) {
      const x = (px + 0.5) / side;
      const y = (py + 0.5) / side;
      let rgb: Rgb;
      const peak =
        horizon -
        (classIndex === 1 ? 0.2 : 0.05) * Math.abs(Math.sin(x * 9 + at(5) * 20) * Math.cos(x * 4 + seed));
      if (y < horizon) {
        const light = (y / horizon) * 70;
        rgb = [sky[0] + light, sky[1] + light * 0.8, sky[2] + light * 0.4];
        if (y > peak) rgb = [110 + 30 * noise(px, py), 112 + 25 * noise(px, py), 116];
        if (Math.hypot(x - sun.x, y - sun.y) < sun.r) rgb = [250, 226, 120];
      } else {
        const shade = (y - horizon) * 60 + noise(px * 64 + py, seed) * 14;
        rgb = [ground[0] - shade, ground[1] - shade, ground[2] - shade * 0.6];
      }
      for (const tree of trees) {
        const size = 0.05 + (tree.y - horizon) * 0.4;
        if (Math.abs(x - tree.x) < 0.012 && y < tree.y && y > tree.y - size) rgb = [84, 60, 38];
        if (Math.hypot(x - tree.x, y - (tree.y - size * 1.3)) < size * 0.6)
          rgb = [52, 92 + 30 * noise(px, py), 44];
      }
      data.set([...rgb, 255], (py * side + px) * 4);
    }
  }
  return data;
}

export function cutOf(plan: LatentPlan): number {
  const { truncation } = plan.source;
  if (truncation.mode === 'resample') return truncation.threshold;
  if (truncation.mode === 'truncnorm') return truncation.scale * 2;
  if (truncation.mode === 'psi') return truncation.psi * 3;
  return truncation.mode === 'input' ? truncation.value * 3 : 3;
}

/** Frame i of any plan. */
export function frameOf(plan: LatentPlan, i: number, classes = 7, side = 64): Uint8ClampedArray {
  const cut = cutOf(plan);
  if (plan.kind === 'seeds') {
    const seed = plan.seed + i;
    return scene(seed, classOf(seed, plan.classes, classes) ?? 0, cut, side);
  }
  if (plan.kind === 'picks') {
    const seed = plan.seed + (plan.indices[i] as number);
    return scene(seed, classOf(seed, plan.classes, classes) ?? 0, cut, side);
  }
  if (plan.kind === 'grid') {
    const v = Math.floor(i / plan.columns) / (plan.rows - 1);
    const u = (i % plan.columns) / (plan.columns - 1);
    const [a, b, c, d] = plan.corners.map((key) => ofKey(key, cut, side)) as [
      Uint8ClampedArray,
      Uint8ClampedArray,
      Uint8ClampedArray,
      Uint8ClampedArray,
    ];
    return mix(mix(a, b, u), mix(c, d, u), v);
  }
  const legs = plan.keys.length - (plan.loop ? 0 : 1);
  const t = (i / (plan.loop ? plan.steps : plan.steps - 1)) * legs;
  const leg = Math.min(legs - 1, Math.floor(t));
  const from = plan.keys[leg];
  const to = plan.keys[(leg + 1) % plan.keys.length];
  if (from === undefined || to === undefined) throw new Error('A path needs keys.');
  return mix(ofKey(from, cut, side), ofKey(to, cut, side), t - leg);
}

function ofKey(key: LatentKey, cut: number, side: number): Uint8ClampedArray {
  return scene(key.seed, key.classIndex ?? 0, cut, side);
}

function mix(a: Uint8ClampedArray, b: Uint8ClampedArray, t: number): Uint8ClampedArray {
  return a.map((value, i) => Math.round(value * (1 - t) + (b[i] ?? 0) * t));
}

/** What the fake translator makes of picture `place`: the input, its translation, what goes back, and what comes back. */
export function translationOf(
  place: number,
  way: 'forth' | 'back',
  column: 'input' | 'translation' | 'sentBack' | 'reconstruction',
  blur: number,
  side = 64,
): Uint8ClampedArray {
  const season = way === 'forth' ? 3 : 6;
  const input = scene(place, season, 3, side);
  if (column === 'input') return input;
  const translation = scene(place, season === 3 ? 6 : 3, 3, side);
  if (column === 'translation') return translation;
  const loss = Math.min(1, blur / 4);
  const grey = new Uint8ClampedArray(input.length).fill(128).map((value, i) => (i % 4 === 3 ? 255 : value));
  return mix(
    column === 'sentBack' ? translation : input,
    grey,
    column === 'sentBack' ? loss : loss * 0.7 + 0.05,
  );
}

/** Mean absolute difference of two pictures in units of [−1, 1]. */
export function differenceOf(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (i % 4 !== 3) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / (a.length * 0.75) / 127.5;
}

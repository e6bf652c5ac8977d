/** What is laid over a sample: a unit's map as heat or outline, or what a segmenter sees. Pure, but for the colours' table. */

/** A feature map of one unit, h × w cells. */
export interface UnitMap {
  readonly values: Float32Array;
  readonly width: number;
  readonly height: number;
}

export type Rgb = readonly [number, number, number];

/** The label of a pixel that shows no concept. */
export const NO_CONCEPT = 65535;
const DIMMED = 140;
const LINE: Rgb = [255, 255, 255];
const LINE_SHADE = 170;
const STEPS = 256;

/**
 * A map enlarged bilinearly, the outer edges of both grids on each other (PyTorch's align_corners=False, as the masks of a
 * dissection are enlarged).
 */
export function enlarged(
  { values, width, height }: UnitMap,
  toWidth: number,
  toHeight: number,
): Float32Array {
  const across = axis(width, toWidth);
  const down = axis(height, toHeight);
  const out = new Float32Array(toWidth * toHeight);
  for (let y = 0; y < toHeight; y++) {
    const { low, high, fraction } = down[y] as Place;
    for (let x = 0; x < toWidth; x++) {
      const at = across[x] as Place;
      const a = values[low * width + at.low] as number;
      const b = values[low * width + at.high] as number;
      const c = values[high * width + at.low] as number;
      const d = values[high * width + at.high] as number;
      const left = a + (c - a) * fraction;
      const right = b + (d - b) * fraction;
      out[y * toWidth + x] = left + (right - left) * at.fraction;
    }
  }
  return out;
}

interface Place {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

function axis(cells: number, pixels: number): Place[] {
  return Array.from({ length: pixels }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * cells) / pixels - 0.5);
    const low = Math.min(Math.floor(at), cells - 1);
    const high = Math.min(low + 1, cells - 1);
    return { low, high, fraction: high === low ? 0 : at - low };
  });
}

/** RGBA over a grey picture: nothing at 0 and below, the ramp's end at `peak`. NaN shows nothing. */
export function heat(map: Float32Array, peak: number): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(map.length * 4);
  if (!(peak > 0)) return data;
  map.forEach((value, i) => {
    if (!(value > 0)) return;
    const share = Math.min(1, value / peak);
    const [r, g, b] = heatColour(share);
    data.set([r, g, b, 220 * Math.sqrt(share)], i * 4);
  });
  return data;
}

/** RGBA that dims what is not above `level`, and draws a line, light upon dark, along its edge. */
export function outline(
  map: Float32Array,
  width: number,
  level: number,
  dim = DIMMED,
): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(map.length * 4);
  const height = map.length / width;
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && (map[y * width + x] as number) > level;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const beside = [inside(x - 1, y), inside(x + 1, y), inside(x, y - 1), inside(x, y + 1)];
      const at = (y * width + x) * 4;
      if (inside(x, y)) {
        // The picture's own edge counts as one, so that a mask that goes beyond is closed too.
        if (beside.includes(false)) data.set([...LINE, 255], at);
      } else data.set([0, 0, 0, beside.includes(true) ? Math.max(LINE_SHADE, dim) : dim], at);
    }
  }
  return data;
}

/** RGBA of a label map [height, width], enlarged to the nearest pixel. */
export function segments(
  labels: Uint16Array,
  from: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / height) * from.width;
    for (let x = 0; x < width; x++) {
      const label = labels[row + Math.floor(((x + 0.5) * from.width) / width)] ?? NO_CONCEPT;
      if (label !== NO_CONCEPT) data.set([...conceptColour(label), 145], (y * width + x) * 4);
    }
  }
  return data;
}

/** How much of all pixels each concept covers, the largest first; what is absent is left out. */
export function labelShares(labels: Uint16Array): { readonly concept: number; readonly share: number }[] {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  counts.delete(NO_CONCEPT);
  return [...counts]
    .map(([concept, count]) => ({ concept, share: count / labels.length }))
    .sort((a, b) => b.share - a.share || a.concept - b.concept);
}

/**
 * A colour that a concept always has, whatever else is on show: hues a golden angle apart, so that neighbours differ most,
 * in three lightnesses. These lie over pictures and stand for data, so they are the same in every theme.
 */
export function conceptColour(concept: number): Rgb {
  const known = conceptColours.get(concept);
  if (known !== undefined) return known;
  const colour = oklch([0.72, 0.58, 0.84][concept % 3] as number, 0.15, 25 + concept * 137.508);
  conceptColours.set(concept, colour);
  return colour;
}

export function css([r, g, b]: Rgb): string {
  return `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)})`;
}

/** From violet over red to yellow, in even steps of lightness. @param share 0…1 */
export function heatColour(share: number): Rgb {
  heatColours ??= Array.from({ length: STEPS }, (_, i) => {
    const t = i / (STEPS - 1);
    return oklch(0.35 + 0.57 * t, 0.14 + 0.06 * Math.sin(Math.PI * t), 300 + 170 * t);
  });
  return heatColours[Math.round(Math.min(1, Math.max(0, share)) * (STEPS - 1))] as Rgb;
}

const conceptColours = new Map<number, Rgb>();
let heatColours: Rgb[] | undefined;

/** OKLCH to sRGB bytes, cut at the gamut's edge (Ottosson 2020, bottosson.github.io/posts/oklab). */
function oklch(lightness: number, chroma: number, degrees: number): Rgb {
  const hue = (degrees * Math.PI) / 180;
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function gamma(linear: number): number {
  const value = Math.min(1, Math.max(0, linear));
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
}

/** (x − centre)ᵀ·A·(x − centre) of each row: what a row adds to the derivative of a function of the covariance. */
import { breathe } from './inputs.ts';
import type { Matrix, ScoreInputs } from './types.ts';

/** Rows and columns of one product. */
const ROWS = 1024;
const COLUMNS = 512;

/**
 * @param symmetric A [d, d]: the half of it on and right of the diagonal is multiplied, the rest counted twice
 * @returns [rows]; float32 products: a derivative is wanted to a few digits
 */
export async function quadraticForms(
  inputs: Pick<ScoreInputs, 'algebra' | 'signal'>,
  { rows, columns: d, values }: Matrix,
  centre: Float64Array,
  symmetric: Float64Array,
): Promise<Float64Array> {
  const panels = Array.from({ length: Math.ceil(d / COLUMNS) }, (_, panel) =>
    panelOf(symmetric, d, panel * COLUMNS, Math.min(d, (panel + 1) * COLUMNS)),
  );
  const forms = new Float64Array(rows);
  const turned = new Float32Array(Math.min(rows, ROWS) * d);
  for (let from = 0; from < rows; from += ROWS) {
    await breathe(inputs);
    const count = Math.min(rows, from + ROWS) - from;
    // Columns as rows: those from a panel on then lie together.
    for (let tile = 0; tile < count; tile += 16) {
      const end = Math.min(count, tile + 16);
      for (let j = 0; j < d; j++) {
        const middle = centre[j] as number;
        for (let i = tile; i < end; i++)
          turned[j * count + i] = (values[(from + i) * d + j] as number) - middle;
      }
    }
    for (const [p, panel] of panels.entries()) {
      const first = p * COLUMNS;
      const width = Math.min(d, first + COLUMNS) - first;
      const part = await inputs.algebra.productF32(panel, turned.subarray(0, (first + width) * count), {
        m: width,
        k: first + width,
        n: count,
        transposeA: true,
      });
      for (let j = 0; j < width; j++) {
        for (let i = 0, at = j * count, of = (first + j) * count; i < count; i++, at++, of++) {
          forms[from + i] = (forms[from + i] as number) + (part[at] as number) * (turned[of] as number);
        }
      }
    }
  }
  return forms;
}

/** Columns [first, last) of the upper triangle, what is right of the diagonal twice, float32 [last, last − first]. */
function panelOf(symmetric: Float64Array, d: number, first: number, last: number): Float32Array {
  const width = last - first;
  const out = new Float32Array(last * width);
  for (let i = 0; i < last; i++) {
    for (let j = Math.max(first, i); j < last; j++) {
      out[i * width + j - first] = (i === j ? 1 : 2) * (symmetric[i * d + j] as number);
    }
  }
  return out;
}

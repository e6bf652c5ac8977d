/** What IS needs of logits: sums over rows by cell, from which the score of any union of cells follows. */
import type { Matrix } from './types.ts';

/** Rows that belong together (a split without its groups, a subset's group). */
export interface Cell {
  n: number;
  /** Σ p(y|x), [classes] */
  readonly classes: Float64Array;
  /** Σ Σ_y p log p: minus the sum of the entropies. */
  negentropy: number;
}

export function makeCells(count: number, classes: number): Cell[] {
  return Array.from({ length: count }, () => ({ n: 0, classes: new Float64Array(classes), negentropy: 0 }));
}

/** Adds one row's softmax to a cell. @returns the largest probability */
export function addRow({ columns, values }: Matrix, row: number, cell: Cell, scratch: Float64Array): number {
  const at = row * columns;
  let top = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < columns; j++) top = Math.max(top, values[at + j] as number);
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const value = Math.exp((values[at + j] as number) - top);
    scratch[j] = value;
    sum += value;
  }
  const logSum = Math.log(sum);
  let negentropy = 0;
  for (let j = 0; j < columns; j++) {
    const p = (scratch[j] as number) / sum;
    cell.classes[j] = (cell.classes[j] as number) + p;
    if (p > 0) negentropy += p * ((values[at + j] as number) - top - logSum);
  }
  cell.n++;
  cell.negentropy += negentropy;
  return 1 / sum;
}

/** exp E KL(p(y|x) ‖ p(y)) = exp(H(y) − H(y|x)) over the rows of these cells. */
export function inceptionOf(cells: readonly Cell[]): number {
  const { marginal, conditional } = entropies(cells);
  return Math.exp(marginal - conditional);
}

export function entropies(cells: readonly Cell[]): {
  marginal: number;
  conditional: number;
  average: Float64Array;
} {
  const average = new Float64Array(cells[0]?.classes.length ?? 0);
  let n = 0;
  let negentropy = 0;
  for (const cell of cells) {
    n += cell.n;
    negentropy += cell.negentropy;
    for (let j = 0; j < average.length; j++) {
      average[j] = (average[j] as number) + (cell.classes[j] as number);
    }
  }
  let marginal = 0;
  for (let j = 0; j < average.length; j++) {
    const q = (average[j] as number) / n;
    average[j] = q;
    if (q > 0) marginal -= q * Math.log(q);
  }
  return { marginal, conditional: -negentropy / n, average };
}

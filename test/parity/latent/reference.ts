/** reference.json (made by make_reference.py) with its arrays decoded on demand. */
import reference from './reference.json' with { type: 'json' };

export { reference };

export function f4(base64: string): Float32Array {
  return new Float32Array(bytes(base64));
}

export function f8(base64: string): Float64Array {
  return new Float64Array(bytes(base64));
}

function bytes(base64: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(base64, 'base64')).buffer;
}

/** max |a − b|; NaN when the lengths differ, so that no comparison with it holds. */
export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

/** [seed, entry] of a table keyed by seed. */
export function bySeed<T>(table: Readonly<Record<string, T>>): [number, T][] {
  return Object.entries(table).map(([seed, entry]) => [Number(seed), entry]);
}

/** What the calls of a `consecutive` case draw from one generator. */
export function drawCalls(
  random: { normals(n: number): ArrayLike<number>; uniforms(n: number): ArrayLike<number> },
  calls: readonly (readonly (string | number)[])[],
): Float32Array {
  return Float32Array.from(
    calls.flatMap(([kind, n]) =>
      Array.from(kind === 'normals' ? random.normals(Number(n)) : random.uniforms(Number(n))),
    ),
  );
}

/** Set GENSCOPE_PARITY=1 to print the largest difference of each case. */
export function report(name: string, difference: number): void {
  if (process.env.GENSCOPE_PARITY) console.log(`${name}: max |diff| ${difference}`);
}

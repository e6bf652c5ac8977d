/** The weights and pictures that make_reference.py makes, from the same rule. */

/** FNV-1a. */
export function nameSeed(name: string): number {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 16777619) >>> 0;
  return seed;
}

/** Murmur3's finaliser of a counter, in [0, 1). */
export function uniforms(seed: number, count: number): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    out[i] = ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  }
  return out;
}

export function tensor(name: string, shape: readonly number[]): Float32Array {
  const u = uniforms(
    nameSeed(name),
    shape.reduce((a, b) => a * b, 1),
  );
  const spread = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
  return Float32Array.from(u, (value) => {
    if (name.endsWith('conv.weight')) return (2 * value - 1) * spread;
    if (name.endsWith('bn.weight')) return 0.75 + 0.5 * value;
    if (name.endsWith('running_var')) return 0.5 + value;
    return name === 'fc.weight' ? (2 * value - 1) / 16 : (value - 0.5) / 5;
  });
}

/** RGBA bytes [h, w, 4] of picture `index`: slanted stripes and noise. */
export function picture(index: number, [h, w]: readonly [number, number]): Uint8Array {
  const noise = uniforms(1000 + index, h * w * 3);
  const out = new Uint8Array(h * w * 4).fill(255);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++)
      for (let c = 0; c < 3; c++) {
        const stripes = (x * 5 + y * 3 + c * 60) % 256;
        const grain = Math.floor((noise[(y * w + x) * 3 + c] as number) * 256);
        out[(y * w + x) * 4 + c] = Math.floor((stripes * 3 + grain) / 4);
      }
  return out;
}

/**
 * PyTorch's CPU generator after `torch.manual_seed`: MT19937, float32 uniforms from 24 bits, Box–Muller normals.
 * Source: pytorch:aten/src/ATen/native/cpu/DistributionTemplates.h (normal_fill, uniform_kernel),
 * ATen/core/DistributionsHelper.h (normal_distribution), ATen/core/TransformationHelper.h (uniform_real).
 */
import { Mt19937 } from './mt19937.ts';
import type { RandomSource } from './randomSource.ts';
import { checkSeed } from './seeds.ts';

const BLOCK = 16;
const HALF = BLOCK / 2;
/** 2π as a float32, as the AVX2 kernel (every x86 machine of the last ten years) has it. */
const TWO_PI = Math.fround(2 * Math.PI);

/** `torch.manual_seed(seed)`, or `torch.Generator().manual_seed(seed)`: the same numbers. */
export class TorchRandom implements RandomSource {
  readonly #twister = new Mt19937();
  /** The second normal of the last scalar pair; only draws of fewer than 16 make or use one. */
  #spare: number | undefined;

  constructor(seed: number) {
    this.seed(seed);
  }

  seed(seed: number): void {
    checkSeed(seed);
    this.#twister.seed(seed);
    this.#spare = undefined;
  }

  /**
   * `torch.randn(n)`, float32, within 4e-6: torch's own kernels (AVX2 and plain) differ by 1.8e-6. The values
   * depend on n as torch's do: from 16 on, the last 16 are drawn anew when n is no multiple of 16.
   */
  normals(n: number): Float32Array {
    if (n < BLOCK) return Float32Array.from({ length: n }, () => this.#scalarNormal());
    const out = this.uniforms(n);
    for (let start = 0; start + BLOCK <= n; start += BLOCK) boxMuller16(out, start);
    if (n % BLOCK !== 0) {
      out.set(this.uniforms(BLOCK), n - BLOCK);
      boxMuller16(out, n - BLOCK);
    }
    return out;
  }

  /** `torch.rand(n)`: multiples of 2^-24 in [0, 1), bit-exact, float32 [n]. */
  uniforms(n: number): Float32Array {
    const out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = (this.#twister.next() & 0xffffff) / 16777216;
    return out;
  }

  /** A float64 in [0, 1) from the low 53 bits of two outputs, the first one high. */
  #uniform53(): number {
    const high = this.#twister.next() & 0x1fffff;
    const low = this.#twister.next();
    return (high * 4294967296 + low) / 9007199254740992;
  }

  #scalarNormal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/**
 * Turns 16 uniforms into 16 normals in place: 8 radii from the first half, 8 angles from the second. Rounded to
 * float32 where the kernel rounds; the rounding of the angle is what would be seen (up to 1.5e-6 without it).
 */
function boxMuller16(data: Float32Array, start: number): void {
  for (let i = start; i < start + HALF; i++) {
    const log = Math.fround(Math.log(1 - (data[i] as number)));
    const radius = Math.fround(Math.sqrt(-2 * log));
    const angle = Math.fround(TWO_PI * (data[i + HALF] as number));
    data[i] = radius * Math.fround(Math.cos(angle));
    data[i + HALF] = radius * Math.fround(Math.sin(angle));
  }
}

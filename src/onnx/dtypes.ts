/** Element types by their number in TensorProto.DataType: name as NumPy spells it, and bits per element. */
const TYPES: Readonly<Record<number, readonly [name: string, bits: number]>> = {
  1: ['float32', 32],
  2: ['uint8', 8],
  3: ['int8', 8],
  4: ['uint16', 16],
  5: ['int16', 16],
  6: ['int32', 32],
  7: ['int64', 64],
  8: ['string', 0],
  9: ['bool', 8],
  10: ['float16', 16],
  11: ['float64', 64],
  12: ['uint32', 32],
  13: ['uint64', 64],
  14: ['complex64', 64],
  15: ['complex128', 128],
  16: ['bfloat16', 16],
  17: ['float8e4m3fn', 8],
  18: ['float8e4m3fnuz', 8],
  19: ['float8e5m2', 8],
  20: ['float8e5m2fnuz', 8],
  21: ['uint4', 4],
  22: ['int4', 4],
  23: ['float4e2m1', 4],
};

export function dtypeName(type: number): string {
  return TYPES[type]?.[0] ?? (type === 0 ? 'unknown' : `type${type}`);
}

/** Bytes that `count` elements take; null where the type has no fixed size or is not known. */
export function byteLength(type: number, count: number): number | null {
  const bits = TYPES[type]?.[1];
  return bits === undefined || bits === 0 ? null : Math.ceil((count * bits) / 8);
}

export function isFloat(dtype: string): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'float64' || dtype === 'bfloat16';
}

export function isInteger(dtype: string): boolean {
  return /^u?int\d+$/.test(dtype);
}

/** A state dict as `torch.save` writes it (protocol 2 in a stored zip), so that 90 MB of weights need not be kept. */
import { writeZip } from '../../../src/engine/files/zipFile.ts';

export interface Saved {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export async function writeTorchZip(file: string, tensors: readonly Saved[]): Promise<void> {
  await writeZip(file, [
    { name: 'archive/data.pkl', bytes: pickleOf(tensors) },
    { name: 'archive/byteorder', bytes: new TextEncoder().encode('little') },
    ...tensors.map(({ values }, i) => ({
      name: `archive/data/${i}`,
      bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    })),
  ]);
}

function pickleOf(tensors: readonly Saved[]): Uint8Array {
  const out: number[] = [0x80, 2];
  const text = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    out.push(0x58, bytes.length, bytes.length >> 8, 0, 0, ...bytes);
  };
  const global = (module: string, name: string) =>
    out.push(0x63, ...new TextEncoder().encode(`${module}\n${name}\n`));
  const int = (value: number) => out.push(0x4a, value, value >> 8, value >> 16, value >> 24);
  const tuple = (values: readonly number[]) => {
    out.push(0x28);
    values.forEach(int);
    out.push(0x74);
  };
  global('collections', 'OrderedDict');
  out.push(0x29, 0x52, 0x28);
  for (const [i, { name, shape, values }] of tensors.entries()) {
    text(name);
    global('torch._utils', '_rebuild_tensor_v2');
    out.push(0x28, 0x28);
    text('storage');
    global('torch', 'FloatStorage');
    text(String(i));
    text('cpu');
    int(values.length);
    out.push(0x74, 0x51);
    int(0);
    tuple(shape);
    tuple(shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1)));
    out.push(0x89);
    global('collections', 'OrderedDict');
    out.push(0x29, 0x52, 0x74, 0x52);
  }
  out.push(0x75, 0x2e);
  return Uint8Array.from(out, (value) => value & 255);
}

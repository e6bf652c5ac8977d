import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { HEAD_BYTES, sniffFile } from '../../../src/onnx/sniff.ts';
import { GenscopeError } from '../../../src/shared/kernel/errors.ts';
import { fixtureBytes, fixtureNames } from './support.ts';

const text = (content: string) => new Uint8Array(Buffer.from(content, 'latin1'));
const sniff = (name: string, bytes: Uint8Array, size = bytes.length) =>
  sniffFile(name, bytes.subarray(0, HEAD_BYTES), size);

/** The head of a zip whose first entry is `entry`, as torch.save writes it. */
const zip = (entry: string) => text(`PK\x03\x04\x00\x00\x08\x08${'\x00'.repeat(22)}${entry}FB\x00\x00`);

function safetensors(): Uint8Array {
  const header = text('{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return new Uint8Array(Buffer.concat([length, header, new Uint8Array(4)]));
}

describe('what is no ONNX model', () => {
  const cases: readonly (readonly [string, string, Uint8Array, string, RegExp])[] = [
    ['an empty file', 'a.onnx', new Uint8Array(0), 'model.empty', /empty/],
    [
      'a Git-LFS pointer',
      'a.onnx',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
      'model.lfsPointer',
      /LFS/,
    ],
    ['a PyTorch checkpoint', 'g.pt', zip('archive/data.pkl'), 'model.checkpoint', /PyTorch checkpoint/],
    ['the same, renamed', 'g.onnx', zip('g/data.pkl'), 'model.checkpoint', /PyTorch checkpoint/],
    ['a TorchScript archive', 'g.pt', zip('g/constants.pkl'), 'model.checkpoint', /TorchScript/],
    [
      'a newer PyTorch checkpoint',
      'g.pth',
      zip('g/.format_version'),
      'model.checkpoint',
      /PyTorch checkpoint/,
    ],
    [
      'an old PyTorch checkpoint',
      'g.pth',
      Uint8Array.of(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46),
      'model.checkpoint',
      /pickle/,
    ],
    ['a StyleGAN pickle', 'g.pkl', Uint8Array.of(0x80, 4, 0x95, 1, 2), 'model.checkpoint', /pickle/],
    ['safetensors', 'g.safetensors', safetensors(), 'model.checkpoint', /safetensors/],
    ['safetensors, renamed', 'g.onnx', safetensors(), 'model.checkpoint', /safetensors/],
    ['Keras HDF5', 'g.h5', text('\x89HDF\r\n\x1a\n\x00'), 'model.checkpoint', /HDF5/],
    ['a .pt of something else', 'g.pt', text('hello\x00\x01'), 'model.checkpoint', /checkpoint/],
    [
      'an error page',
      'g.onnx',
      text('\n<!DOCTYPE html>\n<html><body>404</body></html>'),
      'model.notOnnx',
      /web page/,
    ],
    ['gzip', 'g.onnx', new Uint8Array(gzipSync('model')), 'model.notOnnx', /gzip/],
    ['a zip', 'g.onnx', zip('folder/g.onnx'), 'model.notOnnx', /ZIP/],
    ['text', 'g.onnx', text('{"error": "not found"}'), 'model.notOnnx', /a text file/],
    ['zeros', 'g.onnx', new Uint8Array(5000), 'model.notOnnx', /not an ONNX model/],
    ['ORT’s own format', 'g.onnx', text('\x1c\x00\x00\x00ORTM\x00\x00'), 'model.notOnnx', /ONNX Runtime/],
    ['TensorFlow Lite', 'g.onnx', text('\x1c\x00\x00\x00TFL3\x00\x00'), 'model.notOnnx', /TensorFlow Lite/],
  ];
  for (const [what, name, bytes, code, words] of cases) {
    it(what, () => {
      const error = sniff(name, bytes);
      expect(error?.code).toBe(code);
      expect(error?.message).toMatch(words);
      expect(error?.message).toMatch(/\.$/);
      expect(error?.advice).toMatch(/^[A-Z].*\.$/);
      if (code === 'model.checkpoint') expect(error?.next).toContain('copyExportCode');
      if (code === 'model.lfsPointer') expect(error?.advice).toContain('git lfs pull');
    });
  }

  it('random bytes', () => {
    let state = 1;
    let refused = 0;
    for (let file = 0; file < 200; file++) {
      const bytes = Uint8Array.from({ length: 600 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      });
      // A few in a thousand begin like a model; openModel refuses those.
      if (sniff('g.onnx', bytes) !== null) refused++;
      else expect(() => openModel(memorySource(bytes), 'g.onnx')).toThrow(GenscopeError);
    }
    expect(refused).toBeGreaterThanOrEqual(198);
  });
});

describe('what may be one', () => {
  for (const file of fixtureNames) it(file, () => expect(sniff(file, fixtureBytes(file))).toBeNull());

  it('a model under another name', () => expect(sniff('g.bin', fixtureBytes('dcgan.onnx'))).toBeNull());
  it('a truncated one, for openModel to tell', () =>
    expect(sniff('g.onnx', fixtureBytes('dcgan.onnx').subarray(0, 700))).toBeNull());
});

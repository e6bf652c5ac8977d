/** FID Inception from a published file of weights: read without Python, checked, written as an extractor's folder. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type InceptionWeight, inceptionModel, inceptionWeights } from '../../onnx/inception/graph.ts';
import { SIDE } from '../../onnx/inception/network.ts';
import { serialize } from '../../onnx/open.ts';
import { makeFolder, writeError, writeFileAtomic } from '../../shared/files/atomic.ts';
import { cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import { SETTINGS, type SettingsJson } from '../extractor/settings.ts';
import { throwIfCancelled } from '../kernel/queue.ts';
import { foldedBias, foldedWeight, type NormOf } from './fold.ts';
import { openTorchFile, type TorchFile } from './torchFile.ts';

export interface SetUpOptions {
  /** The .pth file. */
  readonly file: string;
  /** The folder to write; what is there is replaced once the new one is whole. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Tensors written. */
  readonly report: (progress: WorkProgress) => void;
}

export interface SetUpResult {
  readonly folder: string;
  /** Of the file of weights. */
  readonly sha256: string;
  readonly warnings: readonly string[];
}

const MODEL = 'model.onnx';
const DATA = 'model.onnx.data';

/**
 * @throws GenscopeError `extractor.missing`, `extractor.invalid` for another network, a damaged file or a wrong
 * checksum, `output.notWritable`, `request.cancelled`
 */
export async function setUpInception(options: SetUpOptions): Promise<SetUpResult> {
  const { file, folder, signal } = options;
  const torch = await openTorchFile(file);
  const part = `${folder}.${process.pid}.part`;
  try {
    const sha256 = await hashOf(file, signal);
    const warnings = checkHead(path.basename(file), sha256);
    requireInception(torch, file);
    makeFolder(part);
    await writeWeights(torch, path.join(part, DATA), options);
    writeFileAtomic(path.join(part, MODEL), serialize(inceptionModel(DATA)));
    writeFileAtomic(
      path.join(part, SETTINGS),
      `${JSON.stringify(settings(path.basename(file), sha256), null, 2)}\n`,
    );
    writeFileAtomic(path.join(part, 'README.md'), card(path.basename(file), sha256));
    replace(part, folder);
    return { folder, sha256, warnings };
  } finally {
    torch.close();
    fs.rmSync(part, { recursive: true, force: true });
  }
}

async function hashOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of fs.createReadStream(file, { highWaterMark: 4 << 20 })) {
    if (signal.aborted) throw cancelled();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/** PyTorch's own rule (torch.hub): eight hex digits before the ending are the head of the SHA-256. */
function checkHead(name: string, sha256: string): readonly string[] {
  const head = /-([0-9a-f]{8})\.\w+$/.exec(name)?.[1];
  if (head === undefined)
    return [
      `${name} has no checksum in its name; its SHA-256 is ${sha256}. Compare it with the published file’s.`,
    ];
  if (sha256.startsWith(head)) return [];
  throw new GenscopeError(
    'extractor.invalid',
    `${name} is not the file that its name says: its SHA-256 begins with ${sha256.slice(0, 8)}, not ${head}.`,
    'Delete it and download it again.',
  );
}

/** Every tensor of the network, with the shape that it has to have. */
function requireInception({ tensors }: TorchFile, file: string): void {
  for (const { layer, role, shape } of inceptionWeights()) {
    const wanted =
      role === 'weight'
        ? [[`${layer}.conv.weight`, shape] as const]
        : role === 'matrix'
          ? [[`${layer}.weight`, shape] as const]
          : NORM.map((name) => [`${layer}.bn.${name}`, shape] as const);
    for (const [name, is] of wanted) {
      const found = tensors.get(name);
      if (found?.shape.join() === is.join()) continue;
      const says = found
        ? `“${name}” is [${found.shape.join(', ')}], not [${is.join(', ')}]`
        : `it has no “${name}”`;
      throw new GenscopeError(
        'extractor.invalid',
        `${path.basename(file)} is not FID’s Inception: ${says}.`,
        'Use pt_inception-2015-12-05-6726825d.pth of pytorch-fid, or weights-inception-2015-12-05-6726825d.pth of torch-fidelity.',
      );
    }
  }
}

const NORM = ['weight', 'bias', 'running_mean', 'running_var'] as const;

async function writeWeights(torch: TorchFile, file: string, { signal, report }: SetUpOptions): Promise<void> {
  const weights = inceptionWeights();
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, 'w');
  } catch (thrown) {
    throw writeError(file, thrown);
  }
  try {
    for (const [i, weight] of weights.entries()) {
      throwIfCancelled(signal);
      const values = await valuesOf(torch, weight);
      if (!values.every(Number.isFinite)) throw notFinite(weight.name);
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      try {
        for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at);
      } catch (thrown) {
        throw writeError(file, thrown);
      }
      report({ done: i + 1, total: weights.length });
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

async function valuesOf({ tensors }: TorchFile, { layer, role }: InceptionWeight): Promise<Float32Array> {
  const read = (name: string) => tensors.get(name)?.read() ?? Promise.resolve(new Float32Array());
  if (role === 'matrix') return read(`${layer}.weight`);
  const [gamma, beta, mean, variance] = await Promise.all(NORM.map((name) => read(`${layer}.bn.${name}`)));
  const norm = { gamma, beta, mean, variance } as NormOf;
  return role === 'bias' ? foldedBias(norm) : foldedWeight(await read(`${layer}.conv.weight`), norm);
}

function settings(file: string, sha256: string): SettingsJson {
  // TensorFlow took 128 off and divided by 128; pytorch-fid brings [0, 1] to [−1, 1].
  const tensorflow = { scale: 1 / 128, offset: -1 };
  return {
    ...{ schema: 1, name: 'FID Inception', width: SIDE, height: SIDE, resize: 'tf1' },
    values: { tf1: tensorflow, clean: tensorflow, torch: { scale: 2 / 255, offset: -1 } },
    ...{ features: 'features', logits: 'logits', source: { file, sha256 } },
  };
}

function card(file: string, sha256: string): string {
  return `# FID Inception

Inception v3 as FID, KID and the Inception score use it, written by Genscope from \`${file}\`
(SHA-256 \`${sha256}\`). Batch norms are folded into the convolutions; otherwise the network is the original's.

| | |
|---|---|
| input \`image\` | float32 [N, 3, 299, 299] |
| output \`features\` | float32 [N, 2048], the last pool |
| output \`logits\` | float32 [N, 1008], without the bias, as the Inception score takes them |
| resizing | \`tf1\` as torch-fidelity (default), \`torch\` as pytorch-fid, \`clean\` as clean-fid |
| licence | Apache 2.0 (TensorFlow's published weights) |
`;
}

function replace(part: string, folder: string): void {
  try {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(part, folder);
  } catch (thrown) {
    throw writeError(folder, thrown);
  }
}

function notFinite(name: string): GenscopeError {
  return new GenscopeError(
    'extractor.invalid',
    `“${name}” of the file of weights holds numbers that are not finite.`,
    'Download it again.',
  );
}

/** One file of the zoo as a whole: against the framework, against itself, in rows. Every number is a largest difference. */
import path from 'node:path';
import { Models } from '../../../src/engine/models/models.ts';
import { asNumbers } from '../../../src/engine/pictures/pixels.ts';
import type { Session, TensorValue } from '../../../src/engine/runtime/session.ts';
import { samplePictures } from '../../../src/engine/samples/sampling.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { asGenscopeError } from '../../../src/shared/kernel/errors.ts';
import { seeds } from '../support/engine.ts';
import { reference, subsample, ZOO } from './manifest.ts';
import { feedsOf, paired, runOnce, runWith, type Subject, sessionOf } from './subject.ts';

export type Outputs = Record<string, TensorValue>;

/** Largest |a − b| over the whole of `expected`; in units of its largest value where that is above 1. */
export function difference(actual: TensorValue | undefined, expected: TensorValue | undefined): number {
  if (actual === undefined || actual.shape.join() !== expected?.shape.join())
    throw new Error(`shapes differ: ${actual?.shape} and ${expected?.shape}`);
  const a = asNumbers(actual.data, actual.dtype);
  const b = asNumbers(expected.data, expected.dtype);
  let most = 0;
  let largest = 1;
  for (let i = 0; i < b.length; i++) {
    const gap = Math.abs((a[i] as number) - (b[i] as number));
    most = Math.max(most, Number.isNaN(gap) ? Infinity : gap);
    largest = Math.max(largest, Math.abs(b[i] as number));
  }
  return most / largest;
}

export function differences(actual: Outputs, expected: Outputs): number {
  return Math.max(...Object.entries(actual).map(([name, value]) => difference(value, expected[name])));
}

/** Against what PyTorch computed for the same feeds and weights, noise off: absolute, over what is kept of it. */
export async function fromFramework(subject: Subject, whole: Session): Promise<number> {
  const { variant } = subject;
  let most = 0;
  for (const run of [0, 1] as const) {
    const outputs = await runWith(whole, feedsOf(subject, run, 'off'));
    for (const kept of variant.reference.outputs.filter((one) => one.run === run)) {
      const value = outputs[kept.output];
      if (value?.shape.join() !== kept.shape.join())
        throw new Error(`${kept.output} is [${value?.shape}], PyTorch gave [${kept.shape}]`);
      const got = subsample(asNumbers(value.data, value.dtype), kept);
      const wanted = reference(variant, kept);
      for (const [i, number] of wanted.entries()) {
        const gap = Math.abs((got[i] as number) - number);
        most = Math.max(most, Number.isNaN(gap) ? Infinity : gap);
      }
    }
  }
  return most;
}

export type Batch =
  | { readonly verdict: 'declared' | 'freed'; readonly difference: number }
  | { readonly verdict: 'loop'; readonly reason: string };

/** Whether two rows in one run are the two alone: as the file is, else after freeing its batch. */
export async function batchOf(subject: Subject, whole: Session, tolerance: number): Promise<Batch> {
  const first = feedsOf(subject, 0, 'on');
  const second = feedsOf(subject, 1, 'on', 0);
  const alone = [await runWith(whole, first), await runWith(whole, second)] as const;
  const both = paired(subject, first, second);
  const together = async (session: Session) =>
    Math.max(
      ...Object.entries(await runWith(session, both)).map(([name, pair]) =>
        Math.max(...alone.map((outputs, row) => difference(rowOf(pair, row), outputs[name]))),
      ),
    );
  const declared = await together(whole).catch(() => Infinity);
  if (declared <= tolerance) return { verdict: 'declared', difference: declared };
  const freed = freeBatch(subject.model);
  if ('refused' in freed) return { verdict: 'loop', reason: freed.refused };
  const session = await sessionOf(freed.model, subject.folder);
  try {
    const difference = await together(session);
    if (difference <= tolerance) return { verdict: 'freed', difference };
    return { verdict: 'loop', reason: `freed, its rows differ by ${difference.toExponential(0)}` };
  } catch (thrown) {
    return { verdict: 'loop', reason: `freed, it does not run (${asGenscopeError(thrown).message})` };
  } finally {
    await session.release();
  }
}

function rowOf({ dtype, shape, data }: TensorValue, row: number): TensorValue {
  if (shape[0] !== 2) throw new Error(`two samples came back as [${shape}]`);
  const size = data.length / 2;
  return { dtype, shape: [1, ...shape.slice(1)], data: data.slice(row * size, (row + 1) * size) };
}

/** The same seed after loading the file twice, byte for byte: as pictures of the engine, or what the graph gives. */
export async function sameTwice(subject: Subject): Promise<boolean> {
  const once = subject.variant.kind === 'generator' ? pictures : outputs;
  const [first, second] = [await once(subject), await once(subject)];
  return first.equals(second);
}

async function pictures({ file }: Subject): Promise<Buffer> {
  const models = new Models({ threads: 1 });
  try {
    const generator = await models.generator({ path: path.join(ZOO, file.file) });
    const parts: Uint8Array[] = [];
    for await (const { pictures } of samplePictures(generator, seeds(2), {
      signal: new AbortController().signal,
    }))
      parts.push(pictures.data);
    const all = Buffer.concat(parts);
    if (new Set(all).size <= 4) throw new Error('the pictures are blank');
    return all;
  } finally {
    await models.releaseAll();
  }
}

async function outputs(subject: Subject): Promise<Buffer> {
  const results = await runOnce(await sessionOf(subject.model, subject.folder), feedsOf(subject, 0, 'on'));
  return Buffer.concat(
    Object.values(results).map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
}

/** Edits folded back into a plain ONNX file, written as it is made: weights are never all in memory. */
import path from 'node:path';
import { isIdentity } from '../../algorithms/edits/fold.ts';
import { type LayerEdit, planBake } from '../../onnx/surgery/bake/bake.ts';
import { type BakedFile, bakedFiles } from '../../onnx/surgery/bakeWriter.ts';
import { activeEdits, type Edit } from '../../shared/edits/edits.ts';
import { AtomicFile } from '../../shared/files/atomic.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import { type FileSource, openFileSource } from '../files/fileSource.ts';
import type { ModelFile } from '../open/modelFile.ts';
import { editedLayers } from './stack.ts';

export interface Baked {
  /** The model, and its `.data` file where the weights do not fit into it. */
  readonly files: readonly string[];
  /** Layers whose edit went into weights, and those that got two constant nodes instead. */
  readonly folded: readonly string[];
  readonly inserted: readonly string[];
}

/**
 * @throws GenscopeError `input.invalid` for edits of single samples, which a file for all cannot hold, and for a target
 *         that is the model itself; `output.notWritable`; `request.cancelled`
 */
export async function bakeToFile(
  file: ModelFile,
  edits: readonly Edit[],
  layers: readonly LayerDescription[],
  target: string,
  signal: AbortSignal,
): Promise<Baked> {
  if (activeEdits(edits).some(({ samples }) => samples !== null)) throw ofSomeSamples();
  const out = path.resolve(target);
  const dataName = `${path.basename(out)}.data`;
  const sources = [file.path, ...file.opened.externalFiles.map((name) => path.join(file.folder, name))];
  if ([out, path.join(path.dirname(out), dataName)].some((name) => sources.includes(name)))
    throw onItself(out);
  const plan = planBake(file.opened.model, layerEdits(edits, layers));
  const open = new Map<string, FileSource>();
  const weights = (location: string): FileSource => {
    const source = open.get(location) ?? openFileSource(path.join(file.folder, location));
    open.set(location, source);
    return source;
  };
  try {
    const parts = bakedFiles(plan, weights, { dataName });
    const names = parts.map(({ kind }) => (kind === 'model' ? out : path.join(path.dirname(out), dataName)));
    for (const [i, part] of parts.entries()) await writePart(part, names[i] as string, signal);
    return { files: names, folded: plan.folded, inserted: plan.inserted };
  } finally {
    for (const source of open.values()) source.close();
  }
}

function layerEdits(edits: readonly Edit[], layers: readonly LayerDescription[]): LayerEdit[] {
  const changed = editedLayers(edits, layers, []).filter(({ affine }) => !isIdentity(affine));
  return changed.map(({ tensor, channelAxis, affine: { shape, scale, shift } }) => {
    const [, , h, w] = shape;
    return { tensor, channelAxis, scale, shift, ...(h * w > 1 && { size: [h, w] as const }) };
  });
}

/** Under another name until it is whole. */
async function writePart({ chunks }: BakedFile, name: string, signal: AbortSignal): Promise<void> {
  const part = new AtomicFile(name);
  try {
    for await (const chunk of chunks) {
      if (signal.aborted) throw cancelled();
      part.write(chunk);
    }
    part.commit();
  } finally {
    part.abandon();
  }
}

function ofSomeSamples(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    'An edit of chosen samples cannot be put into a model that makes all of them.',
    'Let it hold for all samples, or mute it.',
  );
}

function onItself(target: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${target} is the model itself, whose weights are still needed.`,
    'Choose another name.',
  );
}

/** A generator made ready for edits: its layers are known, and it can be cut at them. */
import type { ModelRef } from '../../shared/protocol.ts';
import type { Generator } from '../generator/generator.ts';
import type { Models } from '../models/models.ts';
import { layersIn } from '../open/layers.ts';
import { EditedGenerator } from './editedGenerator.ts';
import type { EditedSource } from './editedSampling.ts';

const ready = new WeakMap<Generator, Promise<EditedSource>>();

/** Once for each generator that is open; it goes with it. */
export async function editable(models: Models, ref: ModelRef): Promise<EditedSource> {
  const generator = await models.generator(ref);
  const known = ready.get(generator) ?? prepare(generator);
  ready.set(generator, known);
  known.catch(() => ready.delete(generator));
  return known;
}

async function prepare(generator: Generator): Promise<EditedSource> {
  const found = await layersIn(generator);
  return { generator, found, layers: found.all, edited: new EditedGenerator(generator, found.shapes) };
}

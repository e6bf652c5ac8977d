/** Cutting and editing one file of the zoo at its layers. */
import fs from 'node:fs';
import path from 'node:path';
import { asNumbers } from '../../../src/engine/pictures/pixels.ts';
import { Session } from '../../../src/engine/runtime/session.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { type LayerEdit, planBake } from '../../../src/onnx/surgery/bake/bake.ts';
import { bakedFiles } from '../../../src/onnx/surgery/bakeWriter.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import type { LayerDescription } from '../../../src/shared/generator/model.ts';
import { faults } from '../../unit/surgery/support.ts';
import { type Feeds, f32 } from '../surgery/support.ts';
import { differences, type Outputs } from './checks.ts';
import { runOnce, runWith, type Subject, sessionOf } from './subject.ts';

/** Both halves of the graph against the whole, at each layer; the worst. */
export async function splits(
  { model, folder }: Subject,
  { layers, shapes }: { layers: readonly LayerDescription[]; shapes: ReadonlyMap<string, readonly number[]> },
  feeds: Feeds,
  whole: Outputs,
): Promise<number> {
  let most = 0;
  for (const { tensor } of layers) {
    const { prefix, suffix } = split(model, tensor, { shapes });
    const between = await runOnce(await sessionOf(prefix, folder), feeds);
    const after = await runOnce(await sessionOf(suffix, folder), { ...feeds, ...between });
    if (Object.keys(after).length === 0) throw new Error(`no output depends on ${tensor}`);
    most = Math.max(most, differences(after, whole));
  }
  return most;
}

const ONE = f32([1], [1]);
const ZERO = f32([1], [0]);

export interface Edited {
  /** A = 1 and B = 0 at every layer at once. */
  readonly identity: number;
  /** Every third unit of the first, the middle and the last layer switched off: baked against intervened. */
  readonly baked: number;
  /** False where that gives NaN, in the file's own arithmetic; then they were turned down to a quarter. */
  readonly switchesOff: boolean;
}

/** The graph with A and B at every layer, and what it gives: untouched, and for each bake beside the baked file. */
export async function edits(
  subject: Subject,
  layers: readonly LayerDescription[],
  feeds: Feeds,
  whole: Outputs,
  scratch: string,
): Promise<Edited> {
  const { model, interventions } = intervene(
    subject.model,
    layers.map(({ tensor }) => tensor),
  );
  const untouched: Feeds = Object.fromEntries(
    interventions.flatMap(({ scale, shift }) => [
      [scale, ONE],
      [shift, ZERO],
    ]),
  );
  const session = await sessionOf(model, subject.folder);
  try {
    const identity = differences(await runWith(session, { ...feeds, ...untouched }), whole);
    let baked = 0;
    let switchesOff = true;
    for (const at of new Set([0, Math.floor(layers.length / 2), layers.length - 1])) {
      const layer = layers[at];
      const scale = interventions[at]?.scale;
      if (layer === undefined || scale === undefined) throw new Error('no layer to edit');
      const edited = (edit: LayerEdit) => {
        const values = f32([1, edit.scale.length, 1, 1], edit.scale);
        return runWith(session, { ...feeds, ...untouched, [scale]: values });
      };
      let edit = everyThird(layer, 0);
      let expected = await edited(edit);
      if (!allFinite(expected)) {
        switchesOff = false;
        edit = everyThird(layer, 0.25);
        expected = await edited(edit);
      }
      if (differences(expected, whole) === 0)
        throw new Error(`switching off units of ${layer.name} changes nothing`);
      baked = Math.max(baked, differences(await runBaked(subject, edit, feeds, scratch), expected));
    }
    return { identity, baked, switchesOff };
  } finally {
    await session.release();
  }
}

function everyThird({ tensor, units }: LayerDescription, to: number): LayerEdit {
  const scale = new Float32Array(units).map((_, i) => (i % 3 === 0 ? to : 1));
  return { tensor, scale, shift: new Float32Array(units) };
}

function allFinite(outputs: Outputs): boolean {
  return Object.values(outputs).every(({ data, dtype }) =>
    Array.from(asNumbers(data, dtype)).every(Number.isFinite),
  );
}

/** Writes the edited model, opens it as any other file, and runs it; files with noise inside are pinned for that. */
async function runBaked({ opened, file, folder }: Subject, edit: LayerEdit, feeds: Feeds, scratch: string) {
  const plan = planBake(opened.model, [edit]);
  const wrong = faults(plan.model);
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  const weights = (location: string) =>
    memorySource(new Uint8Array(fs.readFileSync(path.join(folder, location))));
  const target = path.join(scratch, 'edited.onnx');
  const [only, ...others] = bakedFiles(plan, weights, { dataName: 'edited.onnx.data' });
  if (only === undefined || others.length > 0) throw new Error('a small model takes one file');
  const parts: Uint8Array[] = [];
  for await (const chunk of only.chunks) parts.push(chunk);
  fs.writeFileSync(target, Buffer.concat(parts));
  // Half-precision noise runs nowhere as it is, before and after.
  if (file.opens === true) {
    const plain = await Session.fromFile(target, { threads: 1, optimize: 'all' });
    const names = [...plain.inputs, ...plain.outputs].map(({ name }) => name);
    const wanted = [...(opened.model.graph?.input ?? []), ...(opened.model.graph?.output ?? [])];
    const weightNames = new Set(opened.model.graph?.initializer.map(({ name }) => name));
    const expected = wanted.map(({ name }) => name).filter((name) => !weightNames.has(name));
    if (names.join() !== expected.join()) throw new Error(`the baked file has ${names}, not ${expected}`);
    if (file.random.length === 0) return runOnce(plain, feeds);
    await plain.release();
  }
  const again = openModel(memorySource(new Uint8Array(fs.readFileSync(target))), 'edited.onnx');
  return runOnce(await sessionOf(pinNoise(again.model).model, scratch), feeds);
}

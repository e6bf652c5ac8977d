/** Several surgeries one after another, in any order that is allowed: the graph still says the same. */
import fc from 'fast-check';
import type { ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { expose } from '../../../src/onnx/surgery/expose.ts';
import { freeBatch } from '../../../src/onnx/surgery/freeBatch/freeBatch.ts';
import { intervene } from '../../../src/onnx/surgery/intervene.ts';
import { pinNoise } from '../../../src/onnx/surgery/pinNoise/pinNoise.ts';
import { split } from '../../../src/onnx/surgery/split/split.ts';
import { faults } from '../../unit/surgery/support.ts';
import { type Built, build, pick, steps } from './randomGraphs.ts';
import { distance, type Feeds, f32, noise, numbers, run, shapesOf } from './support.ts';

const ROWS = 2;

const operation = fc.record({
  op: fc.constantFrom('pin', 'free', 'intervene', 'intervene', 'expose', 'split', 'split'),
  at: fc.nat(),
  scale: fc.constantFrom(1, 0, 0.5, -2),
  shift: fc.constantFrom(0, 0.25, -1),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** A graph in one piece or several, each fed with what those before it gave, and the edits that were put in. */
class Patient {
  readonly stages: ModelProto[];
  readonly interventions: { tensor: string; scale: number; shift: number }[] = [];
  readonly exposed = new Set<string>();
  readonly #built: Built;
  /** A and B of each stage; their names are unique only there. */
  readonly #values: Feeds[] = [{}];
  #isPinned = false;
  #isFree = false;
  /** Where the last cut was: an input of the last stage all of whose readers are there. */
  #cut = '';

  constructor(built: Built) {
    this.#built = built;
    this.stages = [built.model];
  }

  get last(): ModelProto {
    return this.stages.at(-1) as ModelProto;
  }

  /** @returns whether there was anything to do; what has to come before is done before */
  async operate({ op, at, scale, shift }: Operation, feeds: Feeds): Promise<boolean> {
    const made = new Set(this.last.graph?.node.flatMap(({ output }) => output));
    const here = this.#built.maps.map(({ name }) => name).filter((name) => made.has(name));
    const tensor = pick(op === 'intervene' && this.#cut !== '' ? [...here, this.#cut] : here, at);
    switch (op) {
      case 'pin':
        return this.#pin();
      case 'free':
        return this.#free();
      case 'intervene': {
        if (tensor === undefined) return false;
        this.interventions.push({ tensor, scale, shift });
        // What is cheap the second half makes once more, so that an edit belongs into every stage that makes the tensor,
        // but not into the one that hands it over to be edited.
        for (const [stage, model] of this.stages.entries()) {
          const handsOver = tensor === this.#cut && stage === this.stages.length - 2;
          if (model === this.last || (madeIn(model).has(tensor) && !handsOver))
            this.#intervene(stage, tensor, scale, shift);
        }
        // An input keeps its name, so a second edit of it would come before the first, and not after it.
        if (tensor === this.#cut) this.#cut = '';
        return true;
      }
      case 'expose':
        if (tensor === undefined) return false;
        this.#replace(expose(this.last, [tensor]));
        this.exposed.add(tensor);
        return true;
      case 'split': {
        if (tensor === undefined) return false;
        this.#free();
        // Every other time with the sizes of tensors known.
        const known = at % 2 === 0 ? await this.#shapes(feeds) : new Map<string, number[]>();
        const { prefix, suffix } = split(this.last, tensor, { shapes: known });
        expect(faults(prefix)).toEqual([]);
        this.stages.pop();
        this.stages.push(prefix, suffix);
        // Either half needs A and B of edits made before the cut.
        this.#values.push({ ...this.#values.at(-1) });
        this.#cut = tensor;
        // What was exposed above the cut is as it was there, whatever is done to it below.
        for (const name of this.exposed)
          if (!suffix.graph?.output.some((output) => output.name === name)) this.exposed.delete(name);
        return true;
      }
    }
  }

  /** Everything that the stages give, those before the last included. */
  async run(feeds: Feeds): Promise<Feeds> {
    let all: Feeds = {};
    for (const [i, stage] of this.stages.entries())
      all = { ...all, ...(await run(stage, '.', { ...feeds, ...all, ...this.#values[i] })) };
    return all;
  }

  async #shapes(feeds: Feeds) {
    const before = await this.run(feeds);
    return shapesOf(
      { model: this.last, folder: '.', name: '' },
      { ...feeds, ...before, ...this.#values.at(-1) },
    );
  }

  #intervene(stage: number, tensor: string, scale: number, shift: number): void {
    const { model, interventions } = intervene(this.stages[stage] as ModelProto, [tensor]);
    this.#replace(model, stage);
    for (const one of interventions)
      Object.assign(this.#values[stage] as Feeds, {
        [one.scale]: f32([1], [scale]),
        [one.shift]: f32([], [shift]),
      });
  }

  #pin(): boolean {
    if (this.#isPinned) return false;
    this.#isPinned = true;
    this.#replace(pinNoise(this.last).model);
    return true;
  }

  /** Random numbers inside would be drawn once for all rows. */
  #free(): boolean {
    if (this.#isFree) return false;
    this.#pin();
    const freed = freeBatch(this.last);
    if ('refused' in freed) throw new Error(freed.refused);
    this.#isFree = true;
    this.#replace(freed.model);
    return true;
  }

  #replace(model: ModelProto, stage = this.stages.length - 1): void {
    expect(faults(model)).toEqual([]);
    this.stages[stage] = model;
  }
}

function madeIn(model: ModelProto): ReadonlySet<string> {
  return new Set(model.graph?.node.flatMap(({ output }) => output));
}

/** Latents and noise of two samples, and of each of them alone. */
async function samples({ model }: Built): Promise<{ both: Feeds; alone: Feeds[] }> {
  const z = noise(12 * ROWS, 'z');
  const one = (row: number): Feeds => ({ z: f32([1, 12], z.slice(12 * row, 12 * row + 12)) });
  const { noise: inputs, probe } = pinNoise(model);
  const probed = await run(probe, '.', one(0));
  const both: Feeds = { z: f32([ROWS, 12], z) };
  const alone = Array.from({ length: ROWS }, (_, row) => one(row));
  for (const { input, shapeFrom } of inputs) {
    const [, ...rest] = probed[shapeFrom]?.shape ?? [];
    const size = rest.reduce((product, length) => product * length, 1);
    const values = noise(size * ROWS, input);
    both[input] = f32([ROWS, ...rest], values);
    for (const [row, feeds] of alone.entries())
      feeds[input] = f32([1, ...rest], values.slice(size * row, size * (row + 1)));
  }
  return { both, alone };
}

/** The graph with nothing but its noise pinned and the same edits, as an independent witness. */
async function witness(built: Built, patient: Patient, feeds: Feeds): Promise<Feeds> {
  let { model } = pinNoise(built.model);
  const values: Feeds = {};
  for (const { tensor, scale, shift } of patient.interventions) {
    const edited = intervene(model, [tensor]);
    model = edited.model;
    for (const one of edited.interventions)
      Object.assign(values, { [one.scale]: f32([1], [scale]), [one.shift]: f32([], [shift]) });
  }
  return run(expose(model, [...patient.exposed]), '.', { ...feeds, ...values });
}

describe('random graphs through several surgeries', () => {
  it('give for two samples what the original gives for each', { timeout: 120_000 }, async () => {
    const done: Record<Operation['op'], number> = { pin: 0, free: 0, intervene: 0, expose: 0, split: 0 };
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(operation, { minLength: 4, maxLength: 9 }),
        async (plan, operations) => {
          const built = build(plan, true);
          const { both, alone } = await samples(built);
          const patient = new Patient(built);
          for (const one of operations) if (await patient.operate(one, both)) done[one.op]++;
          // Whatever the order was, at the end two samples go through at once.
          for (const op of ['pin', 'free'] as const)
            await patient.operate({ op, at: 0, scale: 1, shift: 0 }, both);
          const results = await patient.run(both);
          for (const [row, feeds] of alone.entries()) {
            const expected = await witness(built, patient, feeds);
            for (const [name, value] of Object.entries(expected)) {
              const got = results[name];
              const all = numbers(got);
              const size = all.length / ROWS;
              const largest = Math.max(1, ...numbers(value).map(Math.abs));
              const mine = f32(value.shape, all.slice(size * row, size * (row + 1)));
              expect(distance(mine, value) / largest).toBeLessThanOrEqual(1e-5);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
    // Every surgery had its turn.
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(10);
  });
});

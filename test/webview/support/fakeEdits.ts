/** Edited pictures and the values of units as pure functions, and the host's answers about edits. */
import type { Edit, EditFile } from '../../../src/shared/edits/edits.ts';
import type { UnitValues } from '../../../src/shared/edits/interventions.ts';
import type { LayerDescription } from '../../../src/shared/generator/model.ts';
import type { RequestContext } from '../../../src/shared/kernel/rpc.ts';
import type { PageMethod, PageParams, PageProgress, PageResult } from '../../../src/shared/pageProtocol.ts';
import { classOf, type LatentKey, type LatentPlan, planCount } from '../../../src/shared/samples/latents.ts';
import { peakOf, seedOf, spread } from './fakeUnits.ts';
import { countInFlight } from './record.ts';
import { frameOf, scene } from './scenes.ts';

/** What a test can set, and what the host has written. */
export interface FakeEdits {
  kept: EditFile[];
  /** What *Open* finds; null: the person closes the dialog. */
  openedEdit: EditFile | null;
  /** Milliseconds that edited pictures take, and a step of measuring values. */
  editDelay: number;
  valueStep: number;
  /** No sample shows any concept. */
  neverSeen: boolean;
  /** The path that saving answers, and whether it goes on as this job. */
  editJob: string | null;
}

export const FAKE_EDITS: FakeEdits = {
  ...{ kept: [], openedEdit: null, editDelay: 0, valueStep: 5, neverSeen: false, editJob: null },
};

type Context<M extends PageMethod> = RequestContext<PageProgress<M>>;
type Answer = <M extends PageMethod>(
  method: M,
  work: (params: PageParams<M>, context: Context<M>) => Promise<PageResult<M>>,
) => void;

export interface EditBackground extends FakeEdits {
  readonly model: { readonly classes: number };
  readonly side: number;
  readonly layerAt: (tensor: string) => LayerDescription;
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** @param host read anew at each answer, since tests change it */
export function answerEdits(answer: Answer, host: () => EditBackground): void {
  answer('editedSample', async ({ plan, edits, maxSide }, { signal, report }) => {
    const state = host();
    const { model, side: native, editDelay, wait } = state;
    await countInFlight(() => wait(editDelay, signal));
    const side = Math.min(native, maxSide);
    const count = planCount(plan);
    const data = new Uint8Array(count * side * side * 4);
    for (let i = 0; i < count; i++)
      data.set(editedFrameOf(plan, i, edits, model.classes, side), i * side * side * 4);
    report({ offset: 0, count, width: side, height: side, encoding: 'rgba', data });
    return { count, ms: editDelay, runMs: editDelay, warnings: [] };
  });
  answer('unitValues', async ({ tensor, concepts, samples, seed }, { signal, report }) => {
    for (let done = 50; done <= samples; done += 50) {
      await host().wait(host().valueStep, signal);
      report({ done, total: samples });
    }
    return valuesOf(host().layerAt(tensor).units, concepts, { samples, seed }, host().neverSeen);
  });
  answer('editLibrary', async () => ({ files: host().kept }));
  answer('keepEdit', async ({ file }) => {
    const now = host();
    const others = now.kept.filter(({ name }) => name !== file.name);
    now.kept.splice(0, now.kept.length, ...others, ...(file.edits.length > 0 ? [file] : []));
    return { files: now.kept };
  });
  answer('openEdit', async () => ({ file: host().openedEdit }));
  answer('saveEdit', async ({ target }) => {
    const { editJob } = host();
    const place =
      target.what === 'json' ? `/tmp/${target.file.name}.genscope-edit.json` : `/tmp/${target.name}`;
    return editJob === null ? { place } : { place, job: editJob };
  });
}

/** Each value tells which it is: tests compare them. */
export function valuesOf(
  units: number,
  concepts: readonly number[],
  { samples, seed }: { readonly samples: number; readonly seed: number },
  neverSeen = false,
): UnitValues {
  const each = (of: (unit: number) => number) => Float32Array.from({ length: units }, (_, unit) => of(unit));
  const seen = concepts.length > 0 && !neverSeen;
  const salt = concepts.reduce((sum, concept) => sum + concept, 0);
  return {
    ...{ samples, seed },
    minimum: each((unit) => -0.1 - spread(unit, 31)),
    mean: each((unit) => 0.1 * peakOf(unit)),
    quantile: each((unit) => 0.8 * peakOf(unit)),
    conceptMean: seen ? each((unit) => peakOf(unit) * (0.4 + 0.1 * spread(unit, salt))) : null,
    topMean: seen ? each((unit) => peakOf(unit) * (0.7 + 0.1 * spread(unit, salt))) : null,
    present: seen ? 0.6 : 0,
  };
}

/** Units switched off take the trees away, inserted ones grow a forest, by strength and where the edit holds. */
export function editedFrameOf(
  plan: LatentPlan,
  i: number,
  edits: readonly Edit[],
  classes = 7,
  side = 64,
): Uint8ClampedArray {
  const out = new Uint8ClampedArray(frameOf(plan, i, classes, side));
  const seed = seedOf(plan, i);
  const key = { seed, classIndex: plan.kind === 'seeds' ? classOf(seed, plan.classes, classes) : null };
  for (const edit of edits) {
    if (edit.muted || edit.units.length === 0 || !holds(edit, key)) continue;
    const push = pushOf(edit);
    const target = scene(seed, key.classIndex ?? 0, 3, side, push < 0 ? 0 : 16);
    for (let p = 0; p < side * side; p++) {
      const share =
        Math.min(1, Math.abs(push)) * weightAt(edit, (p % side) / side, Math.floor(p / side) / side);
      for (let c = 0; c < 3; c++) {
        const at = p * 4 + c;
        out[at] = Math.round((out[at] ?? 0) * (1 - share) + (target[at] ?? 0) * share);
      }
    }
  }
  return out;
}

/** −1: all gone; 1: as much as can be. */
function pushOf({ units, strength }: Edit): number {
  const change = units.reduce(
    (sum, { scale, shift }) => sum + scale - 1 + (scale === 0 && shift > 0 ? 2 : 0),
    0,
  );
  return (strength * change) / units.length;
}

function holds({ samples }: Edit, key: LatentKey): boolean {
  return (
    samples === null || samples.some((one) => one.seed === key.seed && one.classIndex === key.classIndex)
  );
}

function weightAt({ region }: Edit, x: number, y: number): number {
  if (region === null) return 1;
  const cell = Math.floor(y * region.height) * region.width + Math.floor(x * region.width);
  return region.weights[cell] ?? 0;
}

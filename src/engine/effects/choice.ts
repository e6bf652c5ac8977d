/** The units that a person means: those given, or the first of an order. */
import type { EffectParams, EffectProgress } from '../../shared/effects/effects.ts';
import type { TaskContext } from '../models/context.ts';
import { byAgreement } from './byAgreement.ts';
import { byEffect, type Chooser, chooserOf, greedily, mostTrials } from './chooseUnits.ts';
import { checkedUnits, Study, valuesOff } from './study.ts';

/** @throws GenscopeError as `checkedUnits`, `byAgreement` and `byEffect` */
export async function chosenUnits(
  study: Study,
  chooser: Chooser,
  { settings: { choice }, cache }: Pick<EffectParams, 'settings' | 'cache'>,
): Promise<readonly number[]> {
  if (choice.kind === 'given') return checkedUnits(choice.units, chooser.units);
  const count = Math.min(choice.count, chooser.units);
  if (choice.rank === 'iou') return (await byAgreement(study, cache)).slice(0, count);
  study.progress.begin('choosing', mostTrials(chooser, choice.rank === 'greedy' ? count : 0));
  const single = await byEffect(chooser);
  return choice.rank === 'greedy' ? greedily(chooser, single, count) : single.units.slice(0, count);
}

/** The same for a question that takes units as they are. */
export async function unitsFor(
  params: EffectParams,
  context: TaskContext<EffectProgress>,
): Promise<readonly number[]> {
  const { choice } = params.settings;
  if (choice.kind === 'given') return choice.units;
  const study = await Study.open(params, context);
  try {
    const off = valuesOff(params.settings, await study.means());
    return await chosenUnits(study, chooserOf(study, off), params);
  } finally {
    await study.release();
  }
}

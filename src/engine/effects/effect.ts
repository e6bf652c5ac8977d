/** `effect`: what a set of units does to a concept, and to all others, against sets drawn at random. */
import type { Effect, EffectParams, EffectProgress } from '../../shared/effects/effects.ts';
import type { TaskContext } from '../models/context.ts';
import { chosenUnits } from './choice.ts';
import { chooserOf } from './chooseUnits.ts';
import { conditionCount, measure } from './measure.ts';
import { Study, valuesOff } from './study.ts';

/** @throws GenscopeError `input.invalid` for a layer, unit or concept that is not there; `request.cancelled` between batches */
export async function effect(params: EffectParams, context: TaskContext<EffectProgress>): Promise<Effect> {
  const started = performance.now();
  const { settings } = params;
  const study = await Study.open(params, context);
  try {
    const means = await study.means();
    const off = valuesOff(settings, means);
    const units = await chosenUnits(study, chooserOf(study, off), params);
    const { random, curve, seed, samples } = settings;
    study.progress.begin('measuring', samples * conditionCount({ units, random, curve }));
    const { runner, chosen, names, layer } = study;
    const measured = await measure({
      ...{ runner, chosen, names, off, units, random, curve, seed, samples, width: layer.units },
      ...{ plan: study.plan(seed, samples), on: means.inside() },
    });
    return {
      ...{ schema: 1, ...(await study.about()), settings, layer: layer.name, units, ...measured },
      ...{ ms: performance.now() - started, warnings: study.warnings(means) },
    };
  } finally {
    await study.release();
  }
}

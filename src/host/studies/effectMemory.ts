/** The last answers about a model's effects. */
import { isEffect, isPlacement, isSelections } from '../../shared/effects/effectGuards.ts';
import type { Effect, Placement, Selections } from '../../shared/effects/effects.ts';
import { AnswerMemory, type AnswerPlace } from './answerMemory.ts';

export interface EffectAnswers {
  readonly effect: Effect;
  readonly selections: Selections;
  readonly placement: Placement;
}

export type EffectMemory = AnswerMemory<EffectAnswers>;

export function effectMemory(place: AnswerPlace): EffectMemory {
  return new AnswerMemory<EffectAnswers>(
    {
      name: 'effects',
      guards: { effect: isEffect, selections: isSelections, placement: isPlacement },
      questionOf: ({ model, segmenter, settings }) => [model.sha256, segmenter.sha256, settings],
      command: 'genscope effect',
    },
    place,
  );
}

/** The last answers of looks behind a model's numbers. */
import { LOOK_ANSWERS } from '../../shared/checks/lookGuards.ts';
import type { LookAnswers } from '../../shared/checks/lookRequests.ts';
import { AnswerMemory, type AnswerPlace } from './answerMemory.ts';

export type LookMemory = AnswerMemory<LookAnswers>;

export function lookMemory(place: AnswerPlace): LookMemory {
  return new AnswerMemory<LookAnswers>(
    {
      name: 'looks',
      guards: LOOK_ANSWERS,
      questionOf: ({ model, extractor, settings }) => [model.sha256, extractor.sha256, settings],
      command: 'genscope neighbours, duplicates, modes or artifacts',
    },
    place,
  );
}

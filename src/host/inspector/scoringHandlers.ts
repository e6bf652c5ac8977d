/** What the Scores tab asks for. */
import * as vscode from 'vscode';
import type { Handlers } from './handlers.ts';
import type { ModelScoring } from './modelScoring.ts';

type ScoringMethod =
  | 'scoringSetup'
  | 'chooseScoring'
  | 'scoring'
  | 'trialScores'
  | 'startScores'
  | 'forgetScores'
  | 'copyScores';

export function scoringHandlers(scoring: ModelScoring): Pick<Handlers, ScoringMethod> {
  return {
    scoringSetup: (_params, { signal }) => scoring.setup(signal),
    chooseScoring: ({ choice }, { signal }) => scoring.choose(choice, signal),
    scoring: () => scoring.state(),
    trialScores: ({ question }, { signal }) => scoring.trial(question, signal),
    startScores: ({ question }, { signal }) => scoring.start(question, signal),
    forgetScores: ({ ids }) => scoring.forget(ids),
    copyScores: async ({ ids, format }) => {
      const text = await scoring.text(ids, format);
      await vscode.env.clipboard.writeText(text);
      return { text };
    },
  };
}

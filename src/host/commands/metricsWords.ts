/** Words about scores that the palette says. */
import * as vscode from 'vscode';
import type { ScoreDescription } from '../../shared/scores/scores.ts';
import type { ScoringSetup } from '../../shared/scores/scoring.ts';

/** What a score needs and is not there, in a word; null when nothing is. What needs classes is found out by the run. */
export function lacks({ needs }: ScoreDescription, { reference, extractor }: ScoringSetup): string | null {
  const about = reference?.description ?? null;
  if (needs.reference !== 'none' && about === null) return vscode.l10n.t('needs a reference');
  if (needs.reference === 'features' && about?.kind === 'statistics')
    return vscode.l10n.t('needs images or features as reference, not statistics');
  if (needs.logits && (extractor?.description?.classes ?? 0) === 0)
    return vscode.l10n.t('needs an extractor with classes');
  return null;
}

export function sampleSizes(): readonly { readonly samples: number; readonly detail: string }[] {
  return [
    {
      samples: 2000,
      detail: vscode.l10n.t('Quick; FID is biased upward at this N, so compare only with the same N'),
    },
    { samples: 10_000, detail: vscode.l10n.t('Steadier; enough for KID, precision and recall') },
    { samples: 50_000, detail: vscode.l10n.t('What papers report FID and IS on') },
  ];
}

/** A span of time as a person says it. */
export function sayTime(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return vscode.l10n.t('{0} min', Math.max(1, minutes));
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? vscode.l10n.t('{0} h', hours) : vscode.l10n.t('{0} h {1} min', hours, rest);
}

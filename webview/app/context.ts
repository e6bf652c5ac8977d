import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { PictureWork } from '../stores/courier.ts';
import type { EditsStore } from '../stores/edits.ts';
import type { LooksStore } from '../stores/looks.ts';
import type { SamplesStore } from '../stores/samples.ts';
import type { ScoresStore } from '../stores/scores.ts';
import type { Session } from '../stores/session.ts';
import type { TranslationStore } from '../stores/translation.ts';
import type { UnitsStore } from '../stores/units.ts';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('No session around this component.');
  return session;
}

export function useSamples(): SamplesStore {
  return useSession().samples;
}

export function useTranslation(): TranslationStore {
  return useSession().translation;
}

export function useUnits(): UnitsStore {
  return useSession().units;
}

export function useEdits(): EditsStore {
  return useSession().edits;
}

export function useScores(): ScoresStore {
  return useSession().scores;
}

export function useLooks(): LooksStore {
  return useSession().looks;
}

/** What the Samples tab is full of. */
export function useWork(): PictureWork {
  const session = useSession();
  // Read, so that whoever asks is drawn again when another model comes.
  return session.model.value?.imageInput ? session.translation : session.samples;
}

/** The model of a view that is shown only once there is one. */
export function useModel(): ModelDescription {
  const model = useSession().model.value;
  if (model === null) throw new Error('No model yet.');
  return model;
}

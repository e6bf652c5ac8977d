/** What the tab asks for that looks behind the numbers. */
import type * as vscode from 'vscode';
import type { Services } from '../services.ts';
import type { Handlers } from './handlers.ts';
import { ModelLooks } from './modelLooks.ts';
import type { ModelScoring } from './modelScoring.ts';

export function lookHandlers(
  services: Services,
  uri: vscode.Uri,
  scoring: ModelScoring,
): Pick<Handlers, 'looks' | 'startLook' | 'referencePictures'> {
  const looks = new ModelLooks(services, uri, scoring);
  return {
    looks: (_params, { signal }) => looks.state(signal),
    startLook: (params, { signal }) => looks.start(params, signal),
    referencePictures: (params, context) => looks.pictures(params, context),
  };
}

/** What the Units tab asks for while a person edits, and measures what edits do. */
import type * as vscode from 'vscode';
import { EditLibrary } from '../files/editLibrary.ts';
import { Newest } from '../process/newest.ts';
import type { Services } from '../services.ts';
import { frameEncoding } from '../settings.ts';
import type { Handlers } from './handlers.ts';
import { ModelEffects } from './modelEffects.ts';
import { openEdit } from './openEdit.ts';
import { saveEdit } from './saveEdit.ts';
import type { Segmenters } from './segmenters.ts';

type EditMethod =
  | 'editedSample'
  | 'unitValues'
  | 'effects'
  | 'startEffect'
  | 'editLibrary'
  | 'keepEdit'
  | 'openEdit'
  | 'saveEdit';

export function editHandlers(
  services: Services,
  uri: vscode.Uri,
  segmenters: Segmenters,
): Pick<Handlers, EditMethod> {
  const effects = new ModelEffects(services, uri, segmenters);
  const library = new EditLibrary(services.state);
  const newest = new Newest();
  const { engines } = services;
  const model = () => services.sidecars.modelRef(uri);
  return {
    // What a slider has passed by is of no more interest: it must not keep the engine from where the slider is now.
    editedSample: (params, { signal, report }) =>
      newest.run(signal, (still) =>
        engines.interactive.request(
          'editedSample',
          { ...params, model: model(), encoding: frameEncoding() },
          { signal: still, onProgress: report },
        ),
      ),
    unitValues: (params, { signal, report }) => {
      const segmenter = params.concepts.length > 0 ? segmenters.folderOf(segmenters.required()) : null;
      return engines.interactive.request(
        'unitValues',
        { ...params, model: model(), segmenter },
        { signal, onProgress: report },
      );
    },
    effects: (_params, { signal }) => effects.state(signal),
    startEffect: ({ question }, { signal }) => effects.start(question, signal),
    editLibrary: async () => library.read(),
    keepEdit: ({ file }) => library.keep(file),
    openEdit: () => openEdit(services, uri),
    saveEdit: ({ target }) => saveEdit(services, uri, target),
  };
}

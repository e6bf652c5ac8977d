/** What the Units tab asks for. Questions about units alone go to the engine as they are, with the model added. */
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { RequestContext } from '../../shared/kernel/rpc.ts';
import type { EngineMethod, EngineParams, EngineProgress, EngineResult } from '../../shared/protocol.ts';
import type { DissectProgress } from '../../shared/units/dissection.ts';
import type { Services } from '../services.ts';
import type { DissectionMemory } from '../studies/dissectionMemory.ts';
import type { Handlers } from './handlers.ts';
import { ModelDissections } from './modelDissections.ts';
import { exportReport } from './report.ts';
import type { Segmenters } from './segmenters.ts';

type UnitMethod =
  | 'dissectionSetup'
  | 'chooseSegmenter'
  | 'dissection'
  | 'startDissection'
  | 'exportReport'
  | 'activity'
  | 'unitPictures'
  | 'segmentation'
  | 'unitsAt';

/** @param tell gives a page that was hidden what it has missed of a dissection under way */
export function unitHandlers(
  services: Services,
  uri: vscode.Uri,
  { memory, segmenters }: { readonly memory: DissectionMemory; readonly segmenters: Segmenters },
  tell: (progress: DissectProgress) => void,
): Pick<Handlers, UnitMethod> {
  const dissections = new ModelDissections(services, uri, memory, segmenters);
  const model = () => services.sidecars.modelRef(uri);
  const relay = <M extends EngineMethod>(
    method: M,
    params: EngineParams<M>,
    { signal, report }: RequestContext<EngineProgress<M>>,
  ): Promise<EngineResult<M>> =>
    services.engines.interactive.request(method, params, { signal, onProgress: report });
  return {
    dissectionSetup: (_params, { signal }) => dissections.setup(signal),
    chooseSegmenter: async (params, { signal }) => {
      await segmenters.choose(params, signal);
      return dissections.setup(signal);
    },
    dissection: async (_params, { signal }) => {
      const state = await dissections.state(signal);
      const progress = services.dissections.progressOf(uri.toString());
      if (progress) tell(progress);
      return state;
    },
    startDissection: ({ settings }, { signal }) => dissections.start(settings, signal),
    exportReport: async (_params, { signal }) => {
      const finished = await dissections.file(signal);
      if (!finished) throw nothingToReport();
      const { file, segmenter } = finished;
      return exportReport(services, uri, { dissection: file, segmenter: segmenters.folderOf(segmenter) });
    },
    activity: (params, context) => relay('activity', { ...params, model: model() }, context),
    unitPictures: (params, context) => relay('unitPictures', { ...params, model: model() }, context),
    unitsAt: (params, context) => relay('unitsAt', { ...params, model: model() }, context),
    segmentation: async (params, context) => {
      const segmenter = segmenters.folderOf(segmenters.required());
      return relay('segmentation', { ...params, model: model(), segmenter }, context);
    },
  };
}

function nothingToReport(): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    vscode.l10n.t('There is no finished dissection of this generator.'),
    vscode.l10n.t('Dissect it first.'),
  );
}

/** Every request of the protocol and the task that answers it. */
import type { EngineMethod, EngineParams, EngineProgress, EngineResult } from '../../shared/protocol.ts';
import { artifacts } from '../looks/artifacts.ts';
import { duplicates } from '../looks/duplicates.ts';
import { modes } from '../looks/modes.ts';
import { neighbours } from '../looks/neighbours.ts';
import { referencePictures } from '../looks/referencePictures.ts';
import { bake } from './bake.ts';
import type { TaskContext } from './context.ts';
import { describe } from './describe.ts';
import { describeExtractor, describeReference, describeScores } from './describeScoring.ts';
import { dissect } from './dissect.ts';
import { downloadSegmenter } from './downloadSegmenter.ts';
import { editCode } from './editCode.ts';
import { editedSample } from './editedSample.ts';
import { effect } from './effect.ts';
import { encodeAnimation, encodeStill } from './encode.ts';
import { encodeSweep } from './encodeSweep.ts';
import { exportPairs } from './exportPairs.ts';
import { exportReport } from './exportReport.ts';
import { exportSamples } from './exportSamples.ts';
import { features, stats } from './features.ts';
import { latentCode } from './latentCode.ts';
import { placement } from './placement.ts';
import { sample } from './sample.ts';
import { score } from './score.ts';
import { scoreTrial } from './scoreTrial.ts';
import { describeSegmenter, segmentation } from './segmentation.ts';
import { selections } from './selections.ts';
import { setUpExtractor } from './setUpExtractor.ts';
import { setUpInception } from './setUpInception.ts';
import { translate } from './translate.ts';
import { activity, unitPictures, unitsAt } from './units.ts';
import { unitValues } from './unitValues.ts';

export const TASKS: {
  readonly [M in EngineMethod]: (
    params: EngineParams<M>,
    context: TaskContext<EngineProgress<M>>,
  ) => Promise<EngineResult<M>>;
} = {
  describe,
  sample,
  translate,
  describeSegmenter,
  downloadSegmenter,
  dissect,
  effect,
  selections,
  placement,
  editedSample,
  unitValues,
  bake,
  exportPairs,
  encodeSweep,
  editCode,
  exportReport,
  activity,
  unitPictures,
  segmentation,
  unitsAt,
  latentCode,
  encodeStill,
  encodeAnimation,
  exportSamples,
  describeExtractor,
  describeReference,
  describeScores,
  scoreTrial,
  score,
  features,
  stats,
  neighbours: async (params, context) => (await neighbours(params, context)).found,
  duplicates,
  modes,
  artifacts,
  referencePictures,
  setUpExtractor,
  setUpInception,
};

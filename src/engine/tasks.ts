/** Every request of the protocol and the task that answers it. */
import type { EngineMethod, EngineParams, EngineProgress, EngineResult } from '../shared/protocol.ts';
import { artifacts } from './checks/artifacts.ts';
import { duplicates } from './checks/duplicates.ts';
import { modes } from './checks/modes.ts';
import { neighbours } from './checks/neighbours.ts';
import { referencePictures } from './checks/referencePictures.ts';
import { dissect } from './dissect/dissect.ts';
import { describeSegmenter, segmentation } from './dissect/segmentation.ts';
import { activity, unitPictures, unitsAt } from './dissect/units.ts';
import { bake } from './edits/bake.ts';
import { editCode } from './edits/editCode.ts';
import { editedSample } from './edits/editedSample.ts';
import { encodeSweep } from './edits/encodeSweep.ts';
import { exportPairs } from './edits/exportPairs.ts';
import { effect } from './effects/effect.ts';
import { placement } from './effects/placement.ts';
import { selections } from './effects/selections.ts';
import { unitValues } from './effects/unitValues.ts';
import { features, stats } from './features/features.ts';
import { setUpInception } from './inception/setUpInception.ts';
import type { TaskContext } from './models/context.ts';
import { describe } from './models/describe.ts';
import { downloadSegmenter } from './models/downloadSegmenter.ts';
import { setUpExtractor } from './models/setUpExtractor.ts';
import { exportReport } from './report/exportReport.ts';
import { encodeAnimation, encodeStill } from './samples/encode.ts';
import { exportSamples } from './samples/exportSamples.ts';
import { latentCode } from './samples/latentCode.ts';
import { sample } from './samples/sample.ts';
import { describeExtractor, describeReference, describeScores } from './scores/describeScoring.ts';
import { score } from './scores/score.ts';
import { scoreTrial } from './scores/scoreTrial.ts';
import { translate } from './translate/translate.ts';

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

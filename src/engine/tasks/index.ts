/** Every request of the protocol and the task that answers it. */
import type { EngineMethod, EngineParams, EngineProgress, EngineResult } from '../../shared/protocol.ts';
import type { TaskContext } from './context.ts';
import { describe } from './describe.ts';
import { dissect } from './dissect.ts';
import { downloadSegmenter } from './downloadSegmenter.ts';
import { effect } from './effect.ts';
import { encodeAnimation, encodeStill } from './encode.ts';
import { exportReport } from './exportReport.ts';
import { exportSamples } from './exportSamples.ts';
import { latentCode } from './latentCode.ts';
import { sample } from './sample.ts';
import { describeSegmenter, segmentation } from './segmentation.ts';
import { translate } from './translate.ts';
import { activity, unitPictures, unitsAt } from './units.ts';

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
  exportReport,
  activity,
  unitPictures,
  segmentation,
  unitsAt,
  latentCode,
  encodeStill,
  encodeAnimation,
  exportSamples,
};

/** `setUpInception`: FID's network, from a file that is there or downloaded after the person has agreed. */
import path from 'node:path';
import type { WorkProgress } from '../../shared/protocol.ts';
import { INCEPTION_WEIGHTS } from '../../shared/scores/inception.ts';
import type { SetUpInceptionParams, SetUpInceptionResult } from '../../shared/scores/scores.ts';
import type { TaskContext } from '../models/context.ts';
import { downloadWeights } from './download.ts';
import { inceptionFolder } from './place.ts';
import { setUpInception as setUp } from './setUp.ts';

/** Progress in bytes while it downloads, then in tensors. Nobody asks for a download before the person has agreed. */
export async function setUpInception(
  { file, cache, url = INCEPTION_WEIGHTS.url }: SetUpInceptionParams,
  { models, signal, report }: TaskContext<WorkProgress>,
): Promise<SetUpInceptionResult> {
  const downloads = path.join(cache, 'downloads');
  const weights = file ?? (await downloadWeights({ url, folder: downloads, signal, report }));
  const folder = inceptionFolder(cache);
  const { sha256, warnings } = await setUp({ file: weights, folder, signal, report });
  // It is run once here: better said now than in the middle of a score.
  const { description } = await models.extractor({ path: folder });
  return { folder, sha256, extractor: description, warnings };
}

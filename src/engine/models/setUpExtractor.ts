/** `setUpExtractor`: a network that published scores are made with, from the hub after a yes, or from a folder. */
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { WorkProgress } from '../../shared/protocol.ts';
import { PUBLISHED_EXTRACTORS } from '../../shared/scores/extractors.ts';
import type { SetUpExtractorParams, SetUpExtractorResult } from '../../shared/scores/scores.ts';
import type { TaskContext } from './context.ts';
import { setUpPublished } from './published.ts';

/** Progress in bytes while it downloads. Nobody asks for a download before the person has agreed. */
export async function setUpExtractor(
  { id, folder, endpoint, hubCache, cache }: SetUpExtractorParams,
  context: TaskContext<WorkProgress>,
): Promise<SetUpExtractorResult> {
  const extractor = PUBLISHED_EXTRACTORS.find((one) => one.id === id);
  if (extractor === undefined)
    throw new GenscopeError(
      'input.invalid',
      `There is no extractor “${id}” to set up.`,
      `Choose ${PUBLISHED_EXTRACTORS.map((one) => one.id).join(' or ')}.`,
    );
  const { repo, revision } = extractor;
  const result = await setUpPublished(
    { extractor, folder, repo, revision, endpoint, hubCache, cache },
    context,
  );
  return { folder: result.folder, commit: result.commit, extractor: result.description };
}

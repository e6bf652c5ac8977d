/** Names that are offered when something is saved. Pure. */
import type { Edit } from '../../src/shared/edits/edits.ts';
import type { ModelDescription } from '../../src/shared/generator/model.ts';
import type { LatentKey } from '../../src/shared/samples/latents.ts';
import { className } from './format.ts';
import type { Samples } from './samplesModel.ts';

export function sampleName(model: ModelDescription, key: LatentKey): string {
  const parts = [stem(model), `seed${key.seed}`];
  if (key.classIndex !== null) parts.push(className(model, key.classIndex));
  return tidy(parts.join('-'));
}

export function gridName(model: ModelDescription, { seed, count }: Samples): string {
  return tidy(`${stem(model)}-seeds${seed}-${seed + count - 1}`);
}

export function walkName(model: ModelDescription, { selection }: Samples): string {
  return tidy(
    `${stem(model)}-walk-${selection
      .slice(0, 6)
      .map(({ seed }) => seed)
      .join('-')}`,
  );
}

/** The first edit says what the stack is about. */
export function editName(model: ModelDescription, edits: readonly Edit[]): string {
  return tidy([stem(model), ...edits.slice(0, 1).map(({ name }) => name)].join('-'));
}

export function folderName(model: ModelDescription): string {
  return tidy(`${stem(model)}-samples`);
}

function stem({ file }: ModelDescription): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).replace(/\.onnx$/i, '');
}

/** Without the characters that some file system refuses. */
function tidy(name: string): string {
  return name.replace(/[^\p{L}\p{N}._-]+/gu, '_').slice(0, 120);
}

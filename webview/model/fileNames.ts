/** Names that are offered when something is saved. Pure. */
import type { LatentKey } from '../../src/shared/latents.ts';
import type { ModelDescription } from '../../src/shared/model.ts';
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

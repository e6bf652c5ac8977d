/** The .npy files that a sidecar gives to inputs which another network would feed. */
import path from 'node:path';
import type { InputRole, Sidecar } from '../../shared/generator/roles.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { EmbeddingRows, Embeddings } from '../feeds/embeddings.ts';
import { readNpyFloats } from '../files/npyReader.ts';

/** Names of the files, relative to the model's folder. */
export function embeddingFiles(sidecar: Sidecar | null): string[] {
  return Object.values(sidecar?.inputs ?? {}).flatMap((role) =>
    role.role === 'embedding' && 'file' in role && role.file !== undefined ? [role.file] : [],
  );
}

/**
 * The rows of every embedding that has a file.
 * @throws GenscopeError `input.invalid` for a file that is missing, damaged, empty or not finite
 */
export function readEmbeddings(folder: string, roles: Readonly<Record<string, InputRole>>): Embeddings {
  const found = new Map<string, EmbeddingRows>();
  for (const [name, role] of Object.entries(roles)) {
    if (role.role !== 'embedding' || role.file === undefined) continue;
    found.set(name, readRows(path.join(folder, role.file), role.file));
  }
  return found;
}

function readRows(place: string, file: string): EmbeddingRows {
  const { shape, values } = readNpyFloats(place);
  const problem =
    shape.length < 2
      ? `its array is [${shape.join(', ')}], not rows [K, …]`
      : values.length === 0
        ? 'it holds no rows'
        : values.every(Number.isFinite)
          ? null
          : 'some of its numbers are not finite';
  if (problem === null) return { file, shape, values };
  const says = `“${file}” cannot be used: ${problem}.`;
  const advice = 'Save one row for each embedding, [K, d] or [K, L, d], with numpy.save.';
  throw new GenscopeError('input.invalid', says, advice, { next: ['answerRoles'] });
}

/** What a person should know about inputs that stand in for another network. */
export function inputWarnings(roles: Readonly<Record<string, InputRole>>, embeddings: Embeddings): string[] {
  return Object.entries(roles).flatMap(([name, role]) => {
    if (role.role === 'latent' && (role.space === 'w' || role.space === 'w+'))
      return [
        `“${name}” takes ${role.space}, which a mapping network makes of z, and is fed with numbers drawn from N(0, 1) instead: pictures may be off. Save ${role.space} of real samples as a .npy file beside the model and choose it as the embedding of “${name}”.`,
      ];
    if (role.role === 'embedding' && !embeddings.has(name))
      return [
        `“${name}” takes an embedding that another network makes, and is fed with zeros. Save rows of it, [K, …] in float32, as a .npy file beside the model and choose it for “${name}”.`,
      ];
    return [];
  });
}

/** The concepts a segmenter knows, from its `config.json`. */
import { GenscopeError } from '../../shared/kernel/errors.ts';

/** The classes of one output, in its order. */
export interface LabelGroup {
  /** What the output is called in a file with several (object, part …); empty with one. */
  readonly category: string;
  readonly names: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * One group from `id2label` (numbers as strings, or a list), or from `label2id` where that is all there is. Where the
 * values are themselves such objects, one group each: a segmenter that names an object and its part.
 * @throws GenscopeError `segmenter.invalid`
 */
export function readLabels(config: Json): readonly LabelGroup[] {
  const { id2label, label2id } = config;
  if (isJson(id2label) && Object.keys(id2label).length > 0 && Object.values(id2label).every(isNested))
    return Object.entries(id2label).map(([category, names]) => ({ category, names: namesOf(names) }));
  if (id2label !== undefined && id2label !== null) return [{ category: '', names: namesOf(id2label) }];
  if (isJson(label2id)) return [{ category: '', names: namesOf(inverted(label2id)) }];
  throw invalid('config.json does not name the concepts of the segmenter: it has no “id2label”.');
}

const isNested = (value: unknown): boolean => isJson(value) || Array.isArray(value);

function inverted(label2id: Json): Json {
  return Object.fromEntries(Object.entries(label2id).map(([name, id]) => [String(id), name]));
}

/** Names in the order of their numbers, which have to be 0, 1, 2 … without a gap. */
function namesOf(value: unknown): readonly string[] {
  const byId = Array.isArray(value) ? Object.fromEntries(value.entries()) : value;
  if (!isJson(byId) || Object.keys(byId).length === 0) throw invalid('“id2label” in config.json is empty.');
  const names = Array.from({ length: Object.keys(byId).length }, (_, id) => byId[String(id)]);
  const missing = names.findIndex((name) => typeof name !== 'string');
  if (missing >= 0) throw invalid(`“id2label” in config.json has no name for class ${missing}.`);
  return names as string[];
}

function invalid(says: string): GenscopeError {
  return new GenscopeError(
    'segmenter.invalid',
    says,
    'Copy config.json from the model that was exported: it lists the classes as {"0": "wall", "1": "building", …}.',
  );
}

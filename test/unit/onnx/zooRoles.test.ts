/** Roles and kinds of every file of the zoo, from the graph alone; then again with every input's name taken away. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelProto } from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { GraphIndex } from '../../../src/onnx/graph.ts';
import { classifyModel } from '../../../src/onnx/kind.ts';
import { memorySource, openModel } from '../../../src/onnx/open.ts';
import { inferRoles, type RoleGuesses } from '../../../src/onnx/roles/roles.ts';
import type { InputRole } from '../../../src/shared/generator/roles.ts';

const ZOO = new URL('../../fixtures/zoo/', import.meta.url);

interface ZooInput {
  readonly name: string;
  readonly role: string;
  readonly encoding?: 'onehot' | 'index' | 'embedded';
  readonly classes?: number;
  readonly count?: number;
}
interface Variant {
  readonly id: string;
  readonly kind: string;
  readonly inputs: readonly ZooInput[];
  readonly outputs: readonly { name: string; role: string; layout: string | null; range: string | null }[];
}
interface Zoo {
  readonly variants: readonly Variant[];
  readonly files: readonly { file: string; variant: string; droppedInputs?: readonly string[] }[];
}

const zoo = JSON.parse(readFileSync(new URL('zoo.json', ZOO), 'utf8')) as Zoo;
const variants = new Map(zoo.variants.map((variant) => [variant.id, variant]));

/** Variants in which something is asked before the first run, and what: the truth is then among the options. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  // An embedded class may as well be a one-hot class.
  biggan: ['y'],
};

/** What a role of the zoo is called here. A class that comes embedded is an embedding, as far as the graph can tell. */
function truth(input: ZooInput): InputRole | 'image' {
  switch (input.role) {
    case 'class':
      return input.encoding === 'embedded'
        ? { role: 'embedding' }
        : { role: 'class', encoding: input.encoding ?? 'index', classes: input.classes ?? 0 };
    case 'styles':
      return { role: 'latent', space: 'w+' };
    case 'codes':
      return { role: 'codes', entries: input.count ?? 0 };
    case 'timestep':
      return { role: 'other' };
    case 'image':
      return 'image';
    default:
      return { role: input.role } as InputRole;
  }
}

const opened = new Map<string, GraphIndex>();
function graphOf(file: string): GraphIndex {
  const own = opened.get(file) ?? new GraphIndex(modelOf(file));
  opened.set(file, own);
  return own;
}

function modelOf(file: string): ModelProto {
  const bytes = new Uint8Array(readFileSync(fileURLToPath(new URL(file, ZOO))));
  return openModel(memorySource(bytes), file.replace(/^.*\//, '')).model;
}

const unbounded = (text: string | null) => text !== null && !text.startsWith('[');

function checkInput(guess: RoleGuesses['inputs'][string] | undefined, input: ZooInput, mayAsk: boolean) {
  const wanted = truth(input);
  if (guess?.certainty === 'ask' && mayAsk && wanted !== 'image') {
    expect(guess.options).toContainEqual(wanted);
    return;
  }
  if (wanted === 'image') expect(guess?.role).toMatchObject({ role: 'image', layout: 'NCHW' });
  else expect({ [input.name]: guess?.role }).toEqual({ [input.name]: wanted });
}

describe('the zoo, by its graphs alone', () => {
  it.each(zoo.files.map((entry) => [entry.file, entry] as const))(
    '%s',
    (file, { variant: id, droppedInputs = [] }) => {
      const variant = variants.get(id) as Variant;
      const graph = graphOf(file);
      const guesses = inferRoles(graph);
      expect(classifyModel(graph, guesses).kind).toBe(variant.kind);
      const inputs = variant.inputs.filter(({ name }) => !droppedInputs.includes(name));
      expect(Object.keys(guesses.inputs).sort()).toEqual(inputs.map(({ name }) => name).sort());
      for (const input of inputs)
        checkInput(guesses.inputs[input.name], input, ASKED[id]?.includes(input.name) ?? false);
      const asked = Object.entries(guesses.inputs).filter(
        ([, { certainty, role }]) => certainty === 'ask' && role.role !== 'image',
      );
      expect(asked.map(([name]) => name)).toEqual(ASKED[id] ?? []);
      const [picture, ...others] = variant.outputs.filter(({ role }) => role === 'image');
      if (picture === undefined) {
        expect(Object.values(guesses.outputs).every(({ role }) => role.role === 'other')).toBe(true);
        return;
      }
      const guess = guesses.outputs[picture.name];
      expect(guess?.role).toMatchObject({ role: 'image', layout: 'NCHW' });
      if (guess?.certainty !== 'ask' && !unbounded(picture.range))
        expect(guess?.role).toMatchObject({ range: JSON.parse(picture.range ?? '[]') });
      for (const { name } of others) {
        expect(guesses.outputs[name]?.role).toEqual({ role: 'other' });
        expect(guesses.outputs[name]?.options.some(({ role }) => role === 'image')).toBe(true);
      }
    },
  );
});

describe('without names', () => {
  it.each(zoo.files.map((entry) => [entry.file, entry] as const))(
    '%s',
    (file, { variant: id, droppedInputs = [] }) => {
      const variant = variants.get(id) as Variant;
      const { model, names } = renamed(file);
      const graph = new GraphIndex(model);
      const guesses = inferRoles(graph);
      expect(classifyModel(graph, guesses).kind).toBe(variant.kind);
      for (const input of variant.inputs) {
        if (droppedInputs.includes(input.name)) continue;
        checkInput(guesses.inputs[names.get(input.name) ?? ''], input, true);
      }
    },
  );
});

/** The model with its inputs called `52`, `onnx::Reshape_1`, `54` …: what exporters make of names they do not know. */
function renamed(file: string): { model: ModelProto; names: Map<string, string> } {
  const model = modelOf(file);
  const graph = model.graph;
  if (graph === undefined) throw new Error(`no graph in ${file}`);
  const names = new Map(
    graph.input.map(({ name }, i) => [name, i % 2 === 0 ? `${52 + i}` : `onnx::Reshape_${i}`]),
  );
  for (const input of graph.input) input.name = names.get(input.name) ?? input.name;
  for (const node of graph.node) node.input = node.input.map((name) => names.get(name) ?? name);
  return { model, names };
}

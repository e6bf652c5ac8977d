/** `describe`: what a model is, what it takes and gives, and why we think so. */
import { cannotOpen, classifyModel } from '../../onnx/kind.ts';
import { randomNodes } from '../../onnx/noise.ts';
import { needsAnswers, type RoleGuesses } from '../../onnx/roles/roles.ts';
import type { ModelDescription } from '../../shared/generator/model.ts';
import { asGenscopeError } from '../../shared/kernel/errors.ts';
import type { DescribeParams } from '../../shared/protocol.ts';
import { classCount } from '../feeds/feeds.ts';
import { Generator } from '../generator/generator.ts';
import { guessRoles } from '../generator/loadGenerator.ts';
import { layersIn } from '../open/layers.ts';
import { hashModel, type ModelFile, openModelFile } from '../open/modelFile.ts';
import { Translator } from '../translator/translator.ts';
import type { TaskContext } from './context.ts';

export async function describe(
  params: DescribeParams,
  context: TaskContext<never>,
): Promise<ModelDescription> {
  let file = openModelFile(params.model);
  const graphOnly = guessRoles(file);
  const verdict = classifyModel(file.graph, graphOnly.guesses);
  let refusal = file.sidecarProblem ?? cannotOpen(verdict);
  let loaded: Generator | Translator | null = null;
  if (refusal === null) {
    try {
      loaded =
        verdict.kind === 'imageToImage'
          ? await context.models.translator(params.model)
          : await context.models.generator(params.model);
    } catch (thrown) {
      // What the graph says is worth showing all the same: a wrong role can be mended only by who sees the roles.
      refusal = asGenscopeError(thrown);
    }
  }
  // What is described is what was opened, which may have been opened before.
  file = loaded?.file ?? file;
  const guesses = loaded?.guesses ?? graphOnly.guesses;
  const full = params.depth === 'full';
  if (full && params.once) await loaded?.release();
  const layers = full && loaded ? await layersIn(loaded) : null;
  return {
    file: file.path,
    stamp: file.stamp,
    sha256: full ? await hashModel(file, context.signal) : null,
    bytes: file.bytes,
    opset: file.graph.opset,
    producer: producerOf(file),
    parameters: file.opened.parameters,
    parametersExact: file.opened.parametersExact,
    kind: verdict.kind,
    inputs: inputsOf(file, guesses),
    outputs: outputsOf(file, guesses),
    batch: loaded?.batch ?? 'loop',
    batchReason: loaded?.batchReason ?? 'the model was not run',
    noise: randomNodes(file.graph),
    layers: layers?.all ?? null,
    mapping: loaded instanceof Generator ? loaded.mapping : null,
    imageInput: loaded instanceof Translator ? loaded.imageInput : null,
    latentSize: loaded instanceof Generator ? loaded.latentSize : 0,
    classes: loaded instanceof Generator ? loaded.classes : classCount(rolesOf(guesses)),
    classNames: file.sidecar?.classNames ?? [],
    image: loaded?.image ?? { width: 0, height: 0, channels: 0 },
    provider: loaded?.session.provider ?? 'CPU',
    needsAnswers: needsAnswers(guesses),
    refusal: refusal?.toData() ?? null,
    warnings: [...(loaded?.warnings ?? graphOnly.warnings), ...(layers?.warnings ?? [])],
  };
}

function rolesOf(guesses: RoleGuesses) {
  return Object.fromEntries(Object.entries(guesses.inputs).map(([name, { role }]) => [name, role]));
}

function producerOf(file: ModelFile): string {
  const { producerName, producerVersion } = file.opened.model;
  return [producerName, producerVersion].filter((part) => part !== '').join(' ');
}

function inputsOf(file: ModelFile, guesses: RoleGuesses): ModelDescription['inputs'] {
  return file.graph.inputs.flatMap(({ name, dtype, shape }) => {
    const guess = guesses.inputs[name];
    return guess ? [{ name, dtype, shape: shape ?? [], guess }] : [];
  });
}

function outputsOf(file: ModelFile, guesses: RoleGuesses): ModelDescription['outputs'] {
  return file.graph.outputs.flatMap(({ name, dtype, shape }) => {
    const guess = guesses.outputs[name];
    return guess ? [{ name, dtype, shape: shape ?? [], guess }] : [];
  });
}

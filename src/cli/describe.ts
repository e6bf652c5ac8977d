/** `genscope describe MODEL`. */

import { describe } from '../engine/models/describe.ts';
import { Models } from '../engine/models/models.ts';
import type { MappingDescription, ModelDescription } from '../shared/generator/model.ts';
import { GenscopeError } from '../shared/kernel/errors.ts';
import { layerStrip } from './layerStrip.ts';
import { modelArgument, parse } from './options.ts';
import { print, printJson } from './terminal.ts';

export async function describeCommand(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const { values, positionals } = parse(argv, { json: { type: 'boolean' } } as const);
  const path = modelArgument(positionals, 'describe');
  const models = new Models({ threads: 0 });
  const description = await describe(
    { model: { path }, depth: 'full', once: true },
    { models, signal, report: () => undefined },
  );
  if (values.json) printJson(asJson(description));
  else print(asText(description));
  // Said on stdout in full; a script learns it from the exit code as well.
  if (description.refusal) throw GenscopeError.fromData(description.refusal);
}

/** The flat form scripts rely on: `role` and `reason` beside name, dtype and shape. */
function asJson(description: ModelDescription) {
  const { inputs, outputs, ...rest } = description;
  const flat = (port: ModelDescription['inputs'][number] | ModelDescription['outputs'][number]) => {
    const { role, ...details } = port.guess.role;
    return {
      name: port.name,
      dtype: port.dtype,
      shape: port.shape,
      role,
      ...details,
      certainty: port.guess.certainty,
      reason: port.guess.reason,
    };
  };
  return { ...rest, inputs: inputs.map(flat), outputs: outputs.map(flat) };
}

/** What a picture is made of. */
function takes({ imageInput, latentSize, classes }: ModelDescription): string {
  if (!imageInput) return `latent ${latentSize} · ${classes || 'no'} classes`;
  const { size, multiple, channels } = imageInput;
  const sizes = size
    ? `${size.width}×${size.height}`
    : multiple > 1
      ? `multiples of ${multiple}`
      : 'any size';
  return `takes pictures of ${sizes}, ${channels} ${channels === 1 ? 'channel' : 'channels'}`;
}

function mappingLine({ tensor, size, average }: MappingDescription): string {
  const from =
    average === 'file' ? 'a weight of the file' : 'the mean of mapped latents, computed when first used';
  return `mapping: w is ${tensor}, ${size} components; w̄ is ${from} (--truncation ψ)`;
}

/** A file does not say which of its constants were trained: “at most”, where that cannot be told. */
function parametersOf({ parameters, parametersExact }: ModelDescription): string {
  return `${parametersExact ? '' : 'at most '}${parameters.toLocaleString('en')} parameters`;
}

function asText(description: ModelDescription): string {
  const { image, layers } = description;
  const lines = [
    `${description.file}`,
    `  ${description.kind} · opset ${description.opset} · ${description.producer} · ${parametersOf(description)}`,
    `  sha256 ${description.sha256}`,
  ];
  if (description.refusal) lines.push(`  ${description.refusal.message} ${description.refusal.advice}`);
  else lines.push(`  ${takes(description)} · image ${image.width}×${image.height}×${image.channels}`);
  lines.push('inputs');
  for (const input of description.inputs)
    lines.push(
      `  ${input.name}: ${input.guess.role.role} (${input.guess.certainty}) — ${input.guess.reason}`,
    );
  lines.push('outputs');
  for (const output of description.outputs)
    lines.push(
      `  ${output.name}: ${output.guess.role.role} (${output.guess.certainty}) — ${output.guess.reason}`,
    );
  lines.push(`batch: ${description.batch} — ${description.batchReason}`);
  if (description.noise.length > 0)
    lines.push(`noise: ${description.noise.map(({ node, op }) => `${node} (${op})`).join(', ')}`);
  if (description.mapping) lines.push(mappingLine(description.mapping));
  if (layers && layers.length > 0) {
    lines.push('layers: units, and the share of the model that an edit there runs again');
    lines.push(...layerStrip(layers).map((line) => `  ${line}`));
  }
  for (const warning of description.warnings) lines.push(`warning: ${warning}`);
  return `${lines.join('\n')}\n`;
}

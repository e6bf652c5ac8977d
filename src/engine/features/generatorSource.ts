/** The samples of a generator as pictures to extract features of, as it is or under edits. */
import { type PlannedLatents, planLatents } from '../../algorithms/latent/plan.ts';
import { activeEdits, type Edit } from '../../shared/edits/edits.ts';
import type { ModelRef } from '../../shared/protocol.ts';
import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Quantisation } from '../../shared/scores/scores.ts';
import { editedBatch } from '../edits/editedSampling.ts';
import { editable } from '../edits/open.ts';
import type { Models } from '../models/models.ts';
import { hashModel } from '../open/modelFile.ts';
import { sampleBatch } from '../samples/sampling.ts';
import { NO_LABEL, type PictureSource } from './pictureSource.ts';

type SeedsPlan = Extract<LatentPlan, { kind: 'seeds' }>;

export interface GeneratorSourceOptions {
  readonly models: Models;
  readonly model: ModelRef;
  readonly plan: SeedsPlan;
  readonly quantisation: Quantisation;
  readonly edits: readonly Edit[];
  readonly signal: AbortSignal;
}

export interface GeneratorSource extends PictureSource {
  readonly file: string;
  readonly sha256: string;
}

/** @throws GenscopeError as opening the generator does; `input.invalid` for a plan or edits that do not fit it */
export async function openGeneratorSource(options: GeneratorSourceOptions): Promise<GeneratorSource> {
  const { models, model, plan, quantisation, signal } = options;
  const generator = await models.generator(model);
  const edits = activeEdits(options.edits);
  const editing = edits.length > 0 ? await editable(models, model) : null;
  const planned = planLatents(plan, generator.latentSize, generator.classes);
  const { truncation } = plan.source;
  if (truncation.mode === 'psi' && truncation.psi !== 1) await generator.preparePsi(truncation.psi, signal);
  const { file } = generator;
  const sha256 = await hashModel(file, signal);
  const { inputRoles, imageRole } = generator;
  const hasRows = Object.values(inputRoles).some(({ role }) => role === 'embedding');
  const sampling = { quantisation };
  return {
    file: file.name,
    sha256,
    key: {
      ...{ kind: 'generator', sha256, inputRoles, imageRole, quantisation, plan: planKey(plan) },
      edits: edits.map(({ tensor, units, strength, region, samples }) => ({
        ...{ tensor, units, strength, region, samples },
      })),
      rows: hasRows ? file.stamp : '',
    },
    count: planned.count,
    rowsPerRun: generator.rowsPerRun,
    warnings: generator.warnings,
    leftOut: [],
    nameOf: (row) => `sample ${row}`,
    async read(offset, count) {
      const range = { offset, count };
      const { pictures } = editing
        ? await editedBatch(editing, planned, plan, edits, range, sampling)
        : await sampleBatch(generator, planned, plan, range, sampling);
      return { stacks: [pictures], labels: labelsOf(planned, offset, count) };
    },
    reasonOf: async () => '',
    size: async () => generator.image,
    // The generator stays warm for the next request.
    close() {},
  };
}

function labelsOf(planned: PlannedLatents, first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => planned.describe(first + i).classIndex ?? NO_LABEL);
}

/** Without the count where sample i is the same however many there are: more samples then only add to those kept. */
function planKey(plan: SeedsPlan): unknown {
  const { rng, layout, truncation } = plan.source;
  const grows =
    (layout === 'each' || rng === 'numpy') &&
    (truncation.mode === 'none' || truncation.mode === 'psi' || truncation.mode === 'input');
  return grows ? { ...plan, count: 'any' } : plan;
}

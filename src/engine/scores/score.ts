/** `score`: how good a generator is, by features of its samples and of real pictures, with intervals and warnings. */
import { scoreDifferences } from '../../algorithms/scores/difference.ts';
import type { Side } from '../../algorithms/scores/types.ts';
import { activeEdits, type Edit } from '../../shared/edits/edits.ts';
import { GENSCOPE_VERSION } from '../../shared/kernel/version.ts';
import type {
  ExtractorDescription,
  ResizeMode,
  ScoreParams,
  ScoreProgress,
  ScoreRun,
  ScoreSettings,
} from '../../shared/scores/scores.ts';
import type { Extractor } from '../extractor/extractor.ts';
import { compareSides } from '../features/provenance.ts';
import { type OpenedSide, openSide, type SideInput } from '../features/side.ts';
import type { TaskContext } from '../models/context.ts';
import { requireUnchanged } from '../open/modelFile.ts';
import { RuntimeAlgebra } from '../runtime/matmul.ts';
import { runtimeVersion } from '../runtime/session.ts';
import { availableFrom, chooseScores } from './choose.ts';
import { computeScores } from './compute.ts';
import { generatedInput, referenceInput } from './inputs.ts';
import { sizeWarnings } from './sizes.ts';

export async function score(params: ScoreParams, context: TaskContext<ScoreProgress>): Promise<ScoreRun> {
  const started = performance.now();
  const { settings, model } = params;
  if ('path' in model) requireUnchanged(model, params.stamp);
  const opening = new Sides(params, context);
  const algebra = new RuntimeAlgebra(context.models.threads);
  try {
    await opening.check();
    const reference = await opening.reference();
    const edits = activeEdits(params.edits ?? []);
    const generated = await opening.generated(edits.length > 0);
    const compared = edits.length > 0 && params.compare === true ? await opening.generated(false) : null;
    const scores = chooseScores(settings.scores, availableFrom(generated.side, reference?.side ?? null));
    const total = scores.length * (compared === null ? 1 : 2);
    const sharedReference = new Map<string, unknown>();
    const compute = (side: Side, before: number, label: string) =>
      computeScores({
        ...{
          scores,
          generated: side,
          reference: reference?.side ?? null,
          settings,
          algebra,
          sharedReference,
        },
        ...{ signal: context.signal, report: context.report, steps: { before, total, label } },
      });
    const values = await compute(generated.side, 0, compared === null ? '' : ', edited');
    const before = compared === null ? [] : await compute(compared.side, scores.length, ', as it was');
    const sides = [reference, generated, compared].filter((side) => side !== null);
    return {
      schema: 1,
      model: { file: generated.description.name, sha256: generated.description.sha256 },
      extractor: await opening.describe(sides),
      reference: reference?.description ?? null,
      settings: { ...settings, scores: scores.map(({ id }) => id) },
      scores: values,
      edited: edits.length === 0 ? null : { edits, before, difference: scoreDifferences(before, values) },
      warnings: [
        ...new Set([
          ...(await opening.warnings()),
          ...placedEdits(edits, settings),
          ...sides.flatMap((side) => side.warnings),
          ...comparedSides(generated, reference),
          ...sizeWarnings(generated.size, reference?.size ?? null),
        ]),
      ],
      ms: performance.now() - started,
      made: {
        genscope: GENSCOPE_VERSION,
        runtime: await runtimeVersion(),
        date: new Date().toISOString(),
      },
      forwardPasses: sides.reduce((sum, { made }) => sum + made, 0),
    };
  } finally {
    await algebra.release();
  }
}

/** Each side has been held against the extractor; here they are held against each other. */
function comparedSides(generated: OpenedSide, reference: OpenedSide | null): readonly string[] {
  if (reference === null) return [];
  return compareSides(
    { name: generated.description.name, made: generated.provenance },
    { name: reference.description.name, made: reference.provenance },
  );
}

/** Samples of one stream have no seeds of their own, by which an edit of chosen samples would know them. */
function placedEdits(edits: readonly Edit[], { source }: ScoreSettings): string[] {
  const placed = edits.filter(({ samples }) => samples !== null);
  if (placed.length === 0 || source.layout === 'each') return [];
  const names = placed.map(({ name }) => `“${name}”`).join(', ');
  return [`${names}: kept to samples on show, so it does nothing here. Scores draw samples of their own.`];
}

/** The sides of one request, with the extractor opened only where there are pictures to look at. */
class Sides {
  readonly #params: ScoreParams;
  readonly #context: TaskContext<ScoreProgress>;
  #opened: Promise<Extractor> | null = null;

  constructor(params: ScoreParams, context: TaskContext<ScoreProgress>) {
    this.#params = params;
    this.#context = context;
  }

  /** What can never be computed is refused before hours are spent. @throws GenscopeError `input.invalid` */
  async check(): Promise<void> {
    const { reference, scores } = this.#params.settings;
    const isKnown = this.#needed() && 'path' in this.#params.model;
    const classes = isKnown ? (await this.#extractor()).description.classes : 1;
    const from = reference === null ? 'none' : 'features';
    chooseScores(scores, { reference: from, labels: true, logits: classes > 0 });
  }

  async reference(): Promise<OpenedSide | null> {
    const input = referenceInput(this.#params.settings);
    return input === null ? null : this.#open(input, 'reference');
  }

  generated(edited: boolean): Promise<OpenedSide> {
    return this.#open(generatedInput(this.#params, edited), 'samples');
  }

  /** What the features of the sides were made with, as they say it; of files that say nothing it is not known. */
  async describe(sides: readonly OpenedSide[]): Promise<ExtractorDescription> {
    const said = sides.map(({ provenance }) => provenance);
    const [first = null] = said;
    const all = (what: 'resize' | 'values') => new Set(said.map((made) => made?.[what] ?? ''));
    const [resizes, values] = [all('resize'), all('values')];
    const [resize = ''] = resizes;
    const how = resizes.has('') ? 'unknown' : resizes.size > 1 ? 'mixed' : (resize as ResizeMode);
    const [value = ''] = values;
    const common = values.size === 1 && value !== '' ? { values: value } : {};
    if (this.#needed()) {
      const { values: own, valuesSource, ...rest } = (await this.#extractor()).description;
      const source = common.values === own && valuesSource ? { valuesSource } : {};
      return { ...rest, resize: how, ...common, ...source };
    }
    const unknown = { input: { width: 0, height: 0 }, features: 0, classes: 0, classNames: [] };
    const name = first?.extractor ?? 'as the files were made';
    return { ...unknown, name, sha256: first?.sha256 ?? '', resize: how, ...common };
  }

  async warnings(): Promise<readonly string[]> {
    return this.#needed() ? (await this.#extractor()).warnings : [];
  }

  #needed(): boolean {
    return this.#params.settings.extractor.path !== '';
  }

  #extractor(): Promise<Extractor> {
    this.#opened ??= this.#context.models.extractor(this.#params.settings.extractor);
    return this.#opened;
  }

  async #open(input: SideInput, phase: 'reference' | 'samples'): Promise<OpenedSide> {
    const { models, signal, report } = this.#context;
    const wanted = this.#needed() ? (await this.#extractor()).description : null;
    const context = { models, signal, report, phase, cache: this.#params.cache };
    return openSide(input, () => this.#extractor(), wanted, context);
  }
}

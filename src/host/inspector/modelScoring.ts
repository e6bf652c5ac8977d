/** One generator's scores as its panel sees them: what is chosen, what is asked, and the history. */
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { GenscopeError } from '../../shared/kernel/errors.ts';
import type { PageResult } from '../../shared/pageProtocol.ts';
import {
  type ExtractorDescription,
  type ReferenceDescription,
  SCORE_DEFAULTS,
  type ScoreDescription,
  type ScoreParams,
} from '../../shared/scores/scores.ts';
import { asRows } from '../../shared/scores/scoreTable.ts';
import type {
  ScoreFormat,
  ScoreQuestion,
  ScoreRecord,
  ScoreWish,
  ScoringChoice,
  ScoringSetup,
  ScoringState,
} from '../../shared/scores/scoring.ts';
import { inceptionPlace } from '../networks/setUpInception.ts';
import type { Services } from '../services.ts';
import { sampleSettings } from '../settings.ts';
import { ScoringMemory } from '../studies/memory.ts';
import { ModelIdentity } from './modelIdentity.ts';
import { ScoringParts } from './scoringParts.ts';

export class ModelScoring {
  readonly #key: string;
  readonly #memory: ScoringMemory;
  readonly #parts: ScoringParts;
  readonly #identity: ModelIdentity;
  readonly #isDemo: boolean;
  #registry: readonly ScoreDescription[] | null = null;

  constructor(
    private readonly services: Services,
    private readonly model: vscode.Uri,
  ) {
    this.#key = model.toString();
    this.#isDemo = fitsDemo(services, model);
    // The generator that we bring has its extractor and reference with it.
    const initial = this.#isDemo ? ({ kind: 'demo' } as const) : null;
    this.#memory = new ScoringMemory(services.state, this.#key, { extractor: initial, reference: initial });
    this.#parts = new ScoringParts(services, model, this.#memory);
    this.#identity = new ModelIdentity(services, model);
  }

  async setup(signal: AbortSignal): Promise<ScoringSetup> {
    const [extractor, reference] = [await this.#parts.extractor(signal), await this.#parts.reference(signal)];
    this.#registry ??= await this.services.engines.interactive.request('describeScores', {}, { signal });
    const parts = { extractor: extractor.part?.description, reference: reference.part?.description };
    return {
      ...{ extractor: extractor.part, reference: reference.part, recent: this.#parts.recent() },
      inceptionReady: fs.existsSync(inceptionPlace(this.services)),
      isDemo: this.#isDemo,
      wish: this.#memory.read().wish ?? this.#defaults(this.#registry, parts),
      registry: this.#registry,
      warnings: [...extractor.warnings, ...reference.warnings],
    };
  }

  async choose(choice: ScoringChoice, signal: AbortSignal): Promise<ScoringSetup> {
    await this.#parts.choose(choice, signal);
    return this.setup(signal);
  }

  async state(): Promise<ScoringState> {
    const { records, unreadable } = await this.services.history.read();
    return {
      history: records.map((record) => ({ ...record, own: record.model === this.#key })),
      unreadable,
      running: this.services.scorings.runningOf(this.#key),
      interrupted: this.#memory.read().interrupted,
    };
  }

  async trial(question: ScoreQuestion, signal: AbortSignal): Promise<PageResult<'trialScores'>> {
    const params = await this.#params(question, signal);
    return this.services.engines.jobs.request('scoreTrial', params, { signal });
  }

  async start(question: ScoreQuestion, signal: AbortSignal): Promise<{ job: string }> {
    const { stamp, settings, model } = await this.#params(question, signal);
    await this.#memory.update({ wish: question.wish });
    const { scorings, history } = this.services;
    const job = scorings.start({
      ...{ key: this.#key, model, stamp, settings, history, ...question },
      title: vscode.l10n.t('Score {0}', path.posix.basename(this.model.path)),
      cache: this.#folder,
      memory: this.#memory,
    });
    return { job };
  }

  /** What the palette was answered, or a look asked with: the next question, and the page's. */
  async keepWish(wish: ScoreWish): Promise<void> {
    await this.#memory.update({ wish });
  }

  async forget(ids: readonly string[]): Promise<{ history: readonly ScoreRecord[] }> {
    await this.services.history.forget(ids);
    return { history: (await this.state()).history };
  }

  /** In the order asked for. @throws GenscopeError `input.invalid` when none of them is in the history any more */
  async text(ids: readonly string[], format: ScoreFormat): Promise<string> {
    const { records } = await this.services.history.read();
    const runs = ids.flatMap((id) => records.filter((record) => record.id === id).map(({ run }) => run));
    if (runs.length > 0) return asRows(runs, format);
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t('These runs are not in the history any more.'),
      vscode.l10n.t('Choose others, or compute them again.'),
    );
  }

  /** On the engine's machine. @throws GenscopeError `extractor.missing` */
  extractorPath(): string {
    const { extractor } = this.#memory.read();
    if (extractor === null) throw noExtractor();
    return this.#parts.extractorPath(extractor);
  }

  /** The folder or archive of real images. @throws GenscopeError `reference.missing`; `input.invalid` for a generator */
  realImages(): string {
    const { reference } = this.#memory.read();
    if (reference === null) throw noReference();
    const named = this.#parts.referenceOf(reference, 1);
    if (named.kind === 'path') return named.path;
    throw new GenscopeError(
      'input.invalid',
      vscode.l10n.t('The reference is another generator: there are no real images to look at.'),
      vscode.l10n.t('Choose the folder or .zip of the images that this generator was trained on.'),
    );
  }

  async #params({ wish: { resize, range, ...wish }, edits }: ScoreQuestion, signal: AbortSignal) {
    const { reference } = this.#memory.read();
    const settings = {
      ...wish,
      extractor: { path: this.extractorPath(), ...(resize && { resize }), ...(range && { range }) },
      reference: reference === null ? null : this.#parts.referenceOf(reference, wish.seed),
    };
    const asked = edits.length > 0 ? { edits, compare: true } : {};
    const model = this.services.sidecars.modelRef(this.model);
    const stamp = await this.#identity.stamp(signal);
    return { model, stamp, settings, cache: this.#folder, ...asked } satisfies ScoreParams;
  }

  /** The usual scores, as far as extractor and reference can give them. */
  #defaults(
    registry: readonly ScoreDescription[],
    parts: {
      extractor?: ExtractorDescription | null | undefined;
      reference?: ReferenceDescription | null | undefined;
    },
  ): ScoreWish {
    const { reference, extractor } = parts;
    const can = ({ needs }: ScoreDescription) =>
      (needs.reference === 'none' ||
        (reference != null && (needs.reference === 'statistics' || reference.kind !== 'statistics'))) &&
      (!needs.logits || (extractor?.classes ?? 0) > 0) &&
      !needs.labels;
    const usual = new Set([...SCORE_DEFAULTS.scores, 'is']);
    const source = { ...SCORE_DEFAULTS.source, rng: sampleSettings(this.model).rng };
    const scores = registry.filter((score) => usual.has(score.id) && can(score)).map(({ id }) => id);
    return { ...SCORE_DEFAULTS, source, scores };
  }

  get #folder(): string | null {
    const { storage } = this.services;
    return storage.scheme === 'file' ? storage.fsPath : null;
  }
}

/**
 * The generator that we bring, a copy of it or a checkpoint of its training: all have as many bytes, and extractor and
 * reference of the demo fit them all. Another file of that length would only be offered what does not fit it.
 */
function fitsDemo({ extensionUri }: Services, model: vscode.Uri): boolean {
  if (model.scheme !== 'file') return false;
  const ours = vscode.Uri.joinPath(extensionUri, 'media', 'demo', 'generator.onnx').fsPath;
  const [size, wanted] = [model.fsPath, ours].map(
    (file) => fs.statSync(file, { throwIfNoEntry: false })?.size,
  );
  return size !== undefined && size === wanted;
}

function noReference(): GenscopeError {
  return new GenscopeError(
    'reference.missing',
    vscode.l10n.t('No reference has been chosen.'),
    vscode.l10n.t('Choose the folder or .zip of the images that this generator was trained on.'),
  );
}

function noExtractor(): GenscopeError {
  return new GenscopeError(
    'extractor.missing',
    vscode.l10n.t('No extractor has been chosen.'),
    vscode.l10n.t('Choose one: scores are computed from its features of the pictures.'),
  );
}

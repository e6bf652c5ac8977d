/** *Run Metrics…*: what with, what, on how many samples; how long it will take; then the Scores tab. */
import * as vscode from 'vscode';
import { asGenscopeError, isCancelled } from '../../shared/kernel/errors.ts';
import type { ScoreDescription } from '../../shared/scores/scores.ts';
import type { RecentPart, ScoringChoice, ScoringSetup } from '../../shared/scores/scoring.ts';
import type { InspectorPanel } from '../inspector/inspectorPanel.ts';
import type { ModelScoring } from '../inspector/modelScoring.ts';
import { isRemote } from '../settings.ts';
import { lacks, sampleSizes, sayTime } from './metricsWords.ts';
import { ask, BACK } from './steps.ts';

/** Shorter than this nobody needs to agree to. */
const ASK_ABOVE_MS = 60_000;
/** From here on another machine is worth naming. */
const LONG_MS = 30 * 60_000;
const MANY = 10_000_000;

type Outcome = 'next' | 'back' | 'stop';

interface Choice extends vscode.QuickPickItem {
  readonly choice?: ScoringChoice;
}

/** @param inspector whose generator is scored; its tab shows how far it is */
export async function runMetrics(inspector: InspectorPanel): Promise<void> {
  const { scoring } = inspector;
  const never = new AbortController().signal;
  let setup = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Genscope: reading what there is') },
    () => scoring.setup(never),
  );
  const renew = async (change: () => Promise<unknown>) => {
    await change();
    setup = await scoring.setup(never);
    inspector.scoringChanged();
  };
  const steps: readonly (() => Promise<Outcome>)[] = [
    () => askPart(setup, 'reference', (choice) => renew(() => scoring.choose(choice, never))),
    () => askPart(setup, 'extractor', (choice) => renew(() => scoring.choose(choice, never))),
    () => askScores(setup, (scores) => renew(() => scoring.keepWish({ ...setup.wish, scores }))),
    () => askSamples(setup, (samples) => renew(() => scoring.keepWish({ ...setup.wish, samples }))),
  ];
  for (let at = 0; at < steps.length; ) {
    const outcome = await (steps[at] as () => Promise<Outcome>)();
    if (outcome === 'stop') return;
    at += outcome === 'next' ? 1 : -1;
  }
  if (!(await mayStart(scoring, setup))) return;
  inspector.showTab('scores');
  await scoring.start({ wish: setup.wish, edits: [] }, never);
}

async function askPart(
  setup: ScoringSetup,
  part: 'reference' | 'extractor',
  choose: (choice: ScoringChoice) => Promise<void>,
): Promise<Outcome> {
  const items = part === 'reference' ? referenceItems(setup) : extractorItems(setup);
  const answer = await ask<Choice>({
    title: vscode.l10n.t('Run Metrics'),
    ...{ step: part === 'reference' ? 1 : 2, total: 4, items, active: items[0] },
    placeholder:
      part === 'reference'
        ? vscode.l10n.t('Compared with what?')
        : vscode.l10n.t('By the features of which network?'),
  });
  if (answer === undefined) return 'stop';
  if (answer === BACK) return 'back';
  const [picked] = answer;
  if (picked?.choice === undefined) return 'next';
  try {
    await choose(picked.choice);
  } catch (thrown) {
    const error = asGenscopeError(thrown);
    if (isCancelled(error)) return 'stop';
    // The same question again: what was chosen cannot be used.
    await vscode.window.showErrorMessage(`${error.message} ${error.advice}`);
    return askPart(setup, part, choose);
  }
  return 'next';
}

function referenceItems({ reference, recent, isDemo }: ScoringSetup): Choice[] {
  const of = (
    from: Exclude<Extract<ScoringChoice, { part: 'reference' }>['from'], 'recent'>,
  ): ScoringChoice => ({
    part: 'reference',
    from,
  });
  return [
    ...kept(
      reference,
      reference?.description
        ? vscode.l10n.t('{0} images', reference.description.count.toLocaleString('en'))
        : '',
    ),
    ...(isDemo && reference?.label !== vscode.l10n.t('Demo reference')
      ? [{ label: vscode.l10n.t('$(star) Demo reference'), choice: of('demo') }]
      : []),
    { label: vscode.l10n.t('$(folder) Folder of images…'), choice: of('folder') },
    {
      label: vscode.l10n.t('$(file-zip) Archive, statistics or features…'),
      detail: vscode.l10n.t('.zip of images, .npz of pytorch-fid or clean-fid, .npy'),
      choice: of('file'),
    },
    {
      label: vscode.l10n.t('$(file-binary) Another generator or checkpoint…'),
      detail: vscode.l10n.t('How far apart are the two?'),
      choice: of('model'),
    },
    {
      label: vscode.l10n.t('$(circle-slash) None'),
      detail: vscode.l10n.t('A few scores need none, such as the Inception Score'),
      choice: of('none'),
    },
    ...recentItems(recent.references, reference?.place, (id) => ({
      part: 'reference',
      from: 'recent',
      recent: id,
    })),
  ];
}

function extractorItems({ extractor, recent, isDemo, inceptionReady }: ScoringSetup): Choice[] {
  const of = (
    from: Exclude<Extract<ScoringChoice, { part: 'extractor' }>['from'], 'recent'>,
  ): ScoringChoice => ({
    part: 'extractor',
    from,
  });
  const about = extractor?.description;
  return [
    ...kept(
      extractor,
      about
        ? vscode.l10n.t('{0} features, {1} classes, resize {2}', about.features, about.classes, about.resize)
        : '',
    ),
    {
      label: vscode.l10n.t('$(beaker) FID Inception'),
      detail: inceptionReady
        ? vscode.l10n.t('The network that published values are made with')
        : vscode.l10n.t('The network that published values are made with; set up once'),
      choice: of('inception'),
    },
    ...(isDemo && extractor?.label !== vscode.l10n.t('Demo extractor')
      ? [{ label: vscode.l10n.t('$(star) Demo extractor'), choice: of('demo') }]
      : []),
    {
      label: vscode.l10n.t('$(file-binary) An .onnx file…'),
      detail: vscode.l10n.t('Its declared feature output'),
      choice: of('file'),
    },
    {
      label: vscode.l10n.t('$(folder) Image encoder as on the Hugging Face hub…'),
      detail: vscode.l10n.t('A folder with preprocessor_config.json and onnx/model.onnx'),
      choice: of('folder'),
    },
    ...recentItems(recent.extractors, extractor?.place, (id) => ({
      part: 'extractor',
      from: 'recent',
      recent: id,
    })),
  ];
}

/** What is chosen now comes first, and Enter keeps it. */
function kept(part: ScoringSetup['reference'] | ScoringSetup['extractor'], detail: string): Choice[] {
  if (part === null) return [];
  if (part.problem !== null) return [];
  return [{ label: `$(check) ${part.label}`, detail }];
}

function recentItems(
  parts: readonly RecentPart[],
  current: string | undefined,
  choice: (id: string) => ScoringChoice,
): Choice[] {
  const others = parts.filter(({ place }) => place !== current);
  if (others.length === 0) return [];
  return [
    { label: vscode.l10n.t('recently used'), kind: vscode.QuickPickItemKind.Separator },
    ...others.map(({ id, label, place }) => ({ label, description: place, choice: choice(id) })),
  ];
}

async function askScores(
  setup: ScoringSetup,
  keep: (scores: readonly string[]) => Promise<void>,
): Promise<Outcome> {
  type Item = vscode.QuickPickItem & { score: ScoreDescription; missing: string | null };
  const items = setup.registry.map((score): Item => {
    const missing = lacks(score, setup);
    return {
      ...{ score, missing, label: score.name, detail: score.measures },
      ...(missing !== null && { description: `$(warning) ${missing}` }),
    };
  });
  const many = items.filter(({ score, missing }) => missing === null && setup.wish.scores.includes(score.id));
  const answer = await ask<Item>({
    ...{ title: vscode.l10n.t('Run Metrics'), step: 3, total: 4, items, many },
    placeholder: vscode.l10n.t('Which scores? One pass over the samples serves them all'),
  });
  if (answer === undefined) return 'stop';
  if (answer === BACK) return 'back';
  const impossible = answer.filter(({ missing }) => missing !== null);
  if (impossible.length > 0) {
    const names = impossible.map(({ label, missing }) => `${label}: ${missing}`).join('; ');
    await vscode.window.showWarningMessage(vscode.l10n.t('Left out. {0}', names));
  }
  const possible = answer.filter(({ missing }) => missing === null).map(({ score }) => score.id);
  if (possible.length === 0) return askScores(setup, keep);
  await keep(possible);
  return 'next';
}

async function askSamples(setup: ScoringSetup, keep: (samples: number) => Promise<void>): Promise<Outcome> {
  const other = { label: vscode.l10n.t('$(edit) Another number…'), samples: 0 };
  const known = sampleSizes().map(({ samples, detail }) => ({
    label: samples.toLocaleString('en'),
    detail,
    samples,
  }));
  const own = setup.wish.samples;
  const items = [
    ...(known.some(({ samples }) => samples === own)
      ? []
      : [{ label: own.toLocaleString('en'), detail: vscode.l10n.t('As last time'), samples: own }]),
    ...known,
    other,
  ];
  const answer = await ask({
    ...{ title: vscode.l10n.t('Run Metrics'), step: 4, total: 4, items },
    placeholder: vscode.l10n.t('On how many samples?'),
    active: items.find(({ samples }) => samples === own),
  });
  if (answer === undefined) return 'stop';
  if (answer === BACK) return 'back';
  const samples = answer[0] === other ? await askNumber(own) : answer[0]?.samples;
  if (samples === undefined) return 'stop';
  await keep(samples);
  return 'next';
}

async function askNumber(own: number): Promise<number | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Run Metrics: How Many Samples?'),
    value: String(own),
    validateInput: (value) =>
      /^\d+$/.test(value.trim()) && Number(value) >= 2 && Number(value) <= MANY
        ? undefined
        : vscode.l10n.t('A whole number from 2 to {0}', MANY.toLocaleString('en')),
  });
  return text === undefined ? undefined : Number(text);
}

/** 32 images say how long it takes; what takes long is agreed to first. */
async function mayStart(scoring: ModelScoring, setup: ScoringSetup): Promise<boolean> {
  const trial = await vscode.window.withProgress(
    {
      ...{ location: vscode.ProgressLocation.Notification, cancellable: true },
      title: vscode.l10n.t('Genscope: trying 32 images to say how long it will take'),
    },
    async (_, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      try {
        return await scoring.trial({ wish: setup.wish, edits: [] }, controller.signal);
      } catch (thrown) {
        const error = asGenscopeError(thrown);
        if (isCancelled(error)) return null;
        throw error;
      }
    },
  );
  if (trial === null) return false;
  if (trial.eta < ASK_ABOVE_MS) return true;
  const start = vscode.l10n.t('Start');
  const detail = [
    vscode.l10n.t(
      '{0} samples and {1} images of the reference have to go through the extractor, at {2} images a second here. The scores themselves come on top.',
      trial.missing.toLocaleString('en'),
      trial.missingReference.toLocaleString('en'),
      trial.rate.toFixed(trial.rate < 10 ? 1 : 0),
    ),
    vscode.l10n.t(
      'It can be cancelled at any time; what is done is kept, and the next run goes on from there.',
    ),
    ...(trial.eta > LONG_MS && !isRemote()
      ? [
          vscode.l10n.t(
            'A remote window on a larger machine, or genscope features --shard on several, is faster.',
          ),
        ]
      : []),
    ...trial.warnings,
  ].join('\n\n');
  const question = vscode.l10n.t('This takes about {0}.', sayTime(trial.eta));
  return (await vscode.window.showInformationMessage(question, { modal: true, detail }, start)) === start;
}

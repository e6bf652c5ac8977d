/** `dissect`: which unit stands for which concept. Kept by content, so that the same question is answered at once. */
import fs from 'node:fs';
import path from 'node:path';
import { makeFolder, removeStaleParts } from '../../shared/files/atomic.ts';
import { readKept, writeSealed } from '../../shared/files/sealed.ts';
import type { LayerDescription } from '../../shared/generator/model.ts';
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';
import { GENSCOPE_VERSION } from '../../shared/kernel/version.ts';
import type {
  Dissection,
  DissectParams,
  DissectProgress,
  DissectResult,
  DissectSettings,
} from '../../shared/units/dissection.ts';
import { contentKey } from '../kernel/contentKey.ts';
import type { TaskContext } from '../models/context.ts';
import { hashModel } from '../open/modelFile.ts';
import { findImages } from '../pictures/imageFolder.ts';
import { runtimeVersion } from '../runtime/session.ts';
import type { Segmenter } from '../segmenter/segmenter.ts';
import { noPictures } from '../translate/translate.ts';
import { withoutMasks } from '../translator/masks.ts';
import { Dissector } from './dissector.ts';
import { conceptShares, layerResult } from './result.ts';
import { checkSettings } from './settings.ts';
import { type DissectSubject, generatorSubject } from './subject.ts';
import { translatedSubject } from './translatedSubject.ts';

/** Changes when the same settings would give other numbers. */
const VERSION = 2;
/** Images per run where the generator takes several: large enough to be quick, small enough to cancel. */
const BATCH = 16;
const PARTIAL_EVERY_MS = 1500;
/** Of the time, at most, goes into telling what has been found so far: wide layers take a while to judge. */
const MOST_PARTIAL = 0.05;

export async function dissect(
  params: DissectParams,
  context: TaskContext<DissectProgress>,
): Promise<DissectResult> {
  const started = performance.now();
  const subject = await subjectOf(params, context);
  const { file } = subject;
  const segmenter = await context.models.segmenter(params.segmenter);
  const asked = checkSettings(params.settings, subject.classes);
  const layers = await chosenLayers(subject, asked);
  const settings = { ...asked, layers: layers.map(({ name }) => name) };
  const sha256 = await hashModel(file, context.signal);
  const runtime = await runtimeVersion();
  const key = keyOf({ subject, sha256, segmenter, settings, runtime });
  const folder = params.cache === null ? null : path.join(params.cache, 'dissections', key);
  const mended: string[] = [];
  if (folder !== null) {
    makeFolder(folder);
    removeStaleParts(folder);
    const kept = readKept(resultFile(folder));
    // The key names the version of the form, and the checksum says that it is what was written.
    if (kept.state === 'whole')
      return { dissection: kept.value as Dissection, file: resultFile(folder), cached: true };
    if (kept.state === 'damaged')
      mended.push(
        `The dissection kept from before was damaged, and it was made anew (the damaged file is ${kept.setAside}).`,
      );
  }

  const segmentedBefore = segmenter.runMs;
  const dissector: Dissector = new Dissector({
    ...{ subject, layers, settings, labeller: segmenter },
    concepts: segmenter.description.concepts.length,
    store: folder ? { folder, key } : null,
    batch: params.batch ?? Math.min(BATCH, subject.rowsPerRun),
    signal: context.signal,
    report: reporter(context, settings, () => foundSoFar(dissector, settings)),
  });
  await dissector.run();
  // Before anything is written under its hash.
  file.requireSame();
  const dissection: Dissection = {
    schema: 1,
    model: { file: file.name, sha256 },
    segmenter: segmenter.description,
    settings,
    ...(subject.pictures && { pictures: subject.pictures }),
    maps: dissector.maps,
    conceptShare: sharesOf(dissector),
    layers: dissector.works.map((work) => layerResult(work, settings, settings.samples)),
    ms: performance.now() - started,
    runMs: dissector.runMs + segmenter.runMs - segmentedBefore,
    warnings: [...subject.warnings, ...segmenter.warnings],
    made: { genscope: GENSCOPE_VERSION, runtime, date: new Date().toISOString() },
  };
  // What took hours is not thrown away because the disk is full.
  const failure = folder && writeResult(folder, dissection);
  const unkept = failure === null ? [] : [`This dissection is not kept for another time. ${failure}`];
  // Of this run alone: in the file they would be said again each time.
  const ofThisRun = [...mended, ...dissector.warnings, ...unkept];
  return {
    dissection: { ...dissection, warnings: [...ofThisRun, ...dissection.warnings] },
    file: folder !== null && failure === null ? resultFile(folder) : null,
    cached: false,
  };
}

/** The generator, or the image-to-image model with the pictures that were given for it. */
async function subjectOf(
  { model, inputs, settings }: DissectParams,
  { models, signal }: TaskContext<DissectProgress>,
): Promise<DissectSubject> {
  if (inputs === undefined) return generatorSubject(await models.generator(model));
  const translator = await models.translator(model);
  const { files: all, warnings } = await findImages(inputs, signal);
  const files = translator.imageInput.mask === undefined ? all : withoutMasks(all);
  if (files.length === 0) throw noPictures(inputs);
  const subject = await translatedSubject(translator, files, checkSettings(settings, 0), signal);
  return { ...subject, warnings: [...warnings, ...subject.warnings] };
}

async function chosenLayers(
  subject: DissectSubject,
  { layers }: DissectSettings,
): Promise<LayerDescription[]> {
  const { file } = subject;
  const found = await subject.layers();
  const all = found.all.map(({ name }) => name).join(', ');
  const chosen = layers.map((name) => {
    const layer = found.find(name);
    if (layer !== null) return layer;
    if (all === '') throw noLayers(file.name);
    throw new GenscopeError(
      'input.invalid',
      `${file.name} has no layer “${name}” that can be dissected.`,
      `Its layers are ${all}.`,
    );
  });
  return [...new Set(chosen)];
}

export function noLayers(file: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${file} has no layer that can be dissected: none has maps of 2×2 cells or more.`,
    'Choose a model made of convolutions.',
  );
}

interface Ingredients {
  readonly subject: DissectSubject;
  readonly sha256: string;
  readonly segmenter: Segmenter;
  readonly settings: DissectSettings;
  readonly runtime: string;
}

/** Everything that decides the numbers, and nothing else: not where the files lie. */
function keyOf({ subject, sha256, segmenter, settings, runtime }: Ingredients): string {
  const parts = {
    ...{ version: VERSION, model: sha256, segmenter: segmenter.description.sha256, settings, runtime },
    ...subject.identity,
  };
  return contentKey(parts);
}

/** Progress of each pass, and now and then what has been found so far. */
function reporter(
  { report }: TaskContext<DissectProgress>,
  settings: DissectSettings,
  soFar: () => Pick<DissectProgress, 'partial' | 'conceptShare'>,
): (phase: DissectProgress['phase'], done: number) => void {
  let began = performance.now();
  let first = 0;
  let last = Infinity;
  let phaseNow: DissectProgress['phase'] | null = null;
  let partialAfter = performance.now() + PARTIAL_EVERY_MS;
  return (phase, done) => {
    const now = performance.now();
    // Layers that take turns make several passes of one phase.
    if (phase !== phaseNow || done <= last) {
      phaseNow = phase;
      began = now;
      first = done;
    }
    last = done;
    const total = settings.samples;
    const eta = done > first ? ((now - began) / (done - first)) * (total - done) : undefined;
    const due = phase === 'agreement' && now > partialAfter && done > first && done < total;
    const found = due ? soFar() : {};
    if (due) partialAfter = now + Math.max(PARTIAL_EVERY_MS, (performance.now() - now) / MOST_PARTIAL);
    report({ ...{ phase, done, total }, ...(eta !== undefined && { eta }), ...found });
  };
}

function foundSoFar(dissector: Dissector, settings: DissectSettings) {
  const partial = dissector.works.map((work) => layerResult(work, settings, dissector.done));
  return { partial, conceptShare: sharesOf(dissector) };
}

/** The segmenter sees the same for every layer. */
function sharesOf({ works }: Dissector): readonly number[] {
  return works[0] ? conceptShares(works[0]) : [];
}

function resultFile(folder: string): string {
  return path.join(folder, 'dissection.json');
}

/**
 * The state is of no more use once the result is there.
 * @returns why it could not be written; null when it was
 */
function writeResult(folder: string, dissection: Dissection): string | null {
  try {
    writeSealed(resultFile(folder), dissection);
  } catch (thrown) {
    const { message, advice } = asGenscopeError(thrown);
    return `${message} ${advice}`;
  }
  const state = path.join(folder, 'state.bin');
  // A folder in its place is nobody's state, and stays.
  if (fs.statSync(state, { throwIfNoEntry: false })?.isFile()) fs.rmSync(state, { force: true });
  return null;
}

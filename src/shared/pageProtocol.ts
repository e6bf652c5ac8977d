/**
 * What an Inspector page may ask of the host. Model paths never come from the page: the host knows which model a
 * panel belongs to and adds it, so that a page cannot make the engine open anything else.
 */

import type { LookKind, LookQuestion, LooksState } from './checks/lookRequests.ts';
import type { Edit, EditFile } from './edits/edits.ts';
import type {
  EditedSampleParams,
  EditLibrary,
  EditTarget,
  UnitValues,
  UnitValuesParams,
} from './edits/interventions.ts';
import type { EffectProgress, EffectQuestion, EffectsState, UnitRanking } from './effects/effects.ts';
import type { ModelDescription } from './generator/model.ts';
import type { Roles } from './generator/roles.ts';
import type { ErrorData } from './kernel/errors.ts';
import type {
  DescribeDepth,
  Frames,
  SampleResult,
  Translated,
  TranslateResult,
  WorkProgress,
} from './protocol.ts';
import type { LatentKey, LatentPlan, LatentSource } from './samples/latents.ts';
import type { ScoreProgress, ScoreTrial } from './scores/scores.ts';
import type {
  ScoreFormat,
  ScoreQuestion,
  ScoreRecord,
  ScoreWish,
  ScoringChoice,
  ScoringSetup,
  ScoringState,
} from './scores/scoring.ts';
import type {
  ActivityParams,
  DissectionSetup,
  DissectionState,
  DissectProgress,
  DissectSettings,
  Segmentation,
  SegmentationParams,
  UnitActivity,
  UnitPictures,
  UnitPicturesParams,
  UnitsAt,
  UnitsAtParams,
} from './units/dissection.ts';

/** Everything the Samples tab needs to look as it did: kept by `setState`, given back after a reload of the window. */
export interface SamplesState {
  readonly seed: number;
  readonly count: number;
  /** Side of a picture on the page in CSS pixels; 0 = as large as fits. */
  readonly cell: number;
  readonly classChoice: 'all' | number;
  readonly source: LatentSource;
  readonly selection: readonly LatentKey[];
  readonly view: 'grid' | 'single' | 'interpolation';
  readonly steps: number;
  readonly method: 'slerp' | 'lerp';
  readonly loop: boolean;
  /** What four selected samples make: a bilinear grid of gridSide × gridSide, or a path. */
  readonly shape?: 'path' | 'grid';
  readonly gridSide?: number;
  /** What the truncation slider sets; kept apart from `source`, since *off* does not say which. */
  readonly truncationMode?: 'input' | 'psi' | 'resample' | 'truncnorm';
  /** The sample in the large view. */
  readonly opened?: LatentKey | null;
}

/** X→Y with the panel's model, or Y→X with the second one. */
export type TranslationWay = 'forth' | 'back';

/** What a person has chosen for an image-to-image panel. The host keeps it: a page may not name files. */
export interface TranslationSetup {
  /** Labels of the chosen folder or files (null: none yet) and how many pictures each holds. */
  readonly inputs: Readonly<
    Record<TranslationWay, { readonly label: string; readonly pictures: number } | null>
  >;
  /** File name of the second generator. */
  readonly second: string | null;
}

/** Kept with the page. */
export interface TranslationState {
  readonly way: TranslationWay;
  readonly first: number;
  readonly count: number;
  readonly blur: number;
}

/** What overlays the samples on show in the Units tab. */
export type UnitOverlay = 'none' | 'heat' | 'outline' | 'segmentation';

/** Kept with the page. Layers by tensor, concepts by index. */
export interface UnitsState {
  readonly tensor: string | null;
  readonly sort: 'unit' | 'iou' | 'mean' | 'peak' | 'concept' | 'null' | 'level';
  /** True where the order is turned round: names and numbers of units rise, all else falls, until then. */
  readonly reversed?: boolean;
  readonly search: string;
  /** What units are ranked by: one concept, the union of several, or none. */
  readonly concept: readonly number[];
  /** With a concept: also the units that stand for something else. */
  readonly everyUnit?: boolean;
  /** Only units that stand for something. */
  readonly onlyInterpretable: boolean;
  readonly selection: readonly number[];
  readonly overlay: UnitOverlay;
  /** What an IoU has to exceed, where a person chose another than the dissection was made with. */
  readonly leastIou?: number | null;
  /** The unit that is looked at. */
  readonly focused?: number | null;
  readonly effects?: EffectsView;
}

/** What the next measurement of an effect is asked with, and which answer is on show. */
export interface EffectsView {
  /** In place of the table of units. */
  readonly open: boolean;
  readonly shown: EffectQuestion['kind'];
  /** Whose effect: the best for the concept, those selected in the table, or those of the edit that is worked on. */
  readonly from: 'top' | 'selection' | 'edit';
  readonly count: number;
  readonly rank: UnitRanking;
  readonly samples: number;
  /** Sets drawn at random. */
  readonly random: number;
}

/** How the samples on show are drawn while there are edits. */
export type EditView = 'after' | 'before' | 'difference' | 'sideBySide';

/** Kept with the page: the stack that is worked on. Undo history is not kept. */
export interface EditsState {
  readonly edits: readonly Edit[];
  readonly view: EditView;
  /** The edit whose controls are open. */
  readonly focused: string | null;
  /** The named edit that the stack came from, if any. */
  readonly name: string | null;
}

/** Kept with the page: what of the Scores tab is on show. Runs by their ids in the history. */
export interface ScoresState {
  /** The run whose figures and plots are shown; null: the newest of this generator. */
  readonly shown: string | null;
  /** Runs set side by side. */
  readonly compared: readonly string[];
  /** The value whose plots and explanation are open: its name. */
  readonly opened: string | null;
  /** Whether runs of other generators of the workspace are listed too. */
  readonly everyModel: boolean;
  /** Under the edits of the Units tab, against the same latents without them. */
  readonly edited: boolean;
}

/** A person's answers to the birthday-paradox test, by batch; kept for the very pairs they were given about. */
export interface PairAnswers {
  /** Names the pairs. */
  readonly of: string;
  readonly same: readonly number[];
  readonly different: readonly number[];
}

/** Kept with the page: which look is on show, and what the next one is asked with. */
export interface LooksView {
  readonly shown: LookKind;
  /** Side of a picture in CSS pixels. */
  readonly side: number;
  /** Whose nearest real images: those most like one of them, or the samples of the Samples tab. */
  readonly which: 'suspicious' | 'onShow';
  readonly neighbours: number;
  readonly rows: number;
  readonly batch: number;
  readonly batches: number;
  /** At this distance a pair counts as the same; null: the person says it. */
  readonly threshold: number | null;
  readonly answers: PairAnswers | null;
  readonly kinds: number;
  /** Also the kinds that are made as often as they are real. */
  readonly everyKind: boolean;
  /** A layer by tensor; null: the first. */
  readonly layer: string | null;
  readonly top: number;
  readonly worst: number;
  readonly random: number;
}

export interface PageState {
  readonly schema: 1;
  readonly tab: 'samples' | 'units' | 'scores' | 'looks' | 'timeline';
  /** The model's URI, so that the serializer can bring the panel back. */
  readonly model: string;
  readonly samples: SamplesState;
  readonly translation?: TranslationState;
  readonly units?: UnitsState;
  readonly edits?: EditsState;
  readonly scores?: ScoresState;
  readonly looks?: LooksView;
}

export interface PageInit {
  readonly model: string;
  readonly fileName: string;
  readonly remote: boolean;
  /** Name of the file that keeps a person's answers about this model. */
  readonly sidecarName?: string;
  readonly defaults: { readonly count: number; readonly rng: 'numpy' | 'torch' };
  /** What the person asked for by opening the panel; without it the tab that the page remembers. */
  readonly tab?: PageState['tab'];
}

export type JobKind =
  | 'exportSamples'
  | 'encodeAnimation'
  | 'encodeStill'
  | 'dissect'
  | 'downloadSegmenter'
  | 'exportReport'
  | 'effect'
  | 'bake'
  | 'exportPairs'
  | 'encodeSweep'
  | 'score'
  | 'look'
  | 'setUpExtractor'
  | 'setUpInception';

export interface JobStatus {
  readonly id: string;
  readonly kind: JobKind;
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly progress: WorkProgress;
  readonly startedAt: number;
  /** Where the result lies, when done. */
  readonly result?: string;
  readonly error?: ErrorData;
}

export type SaveTarget =
  | { readonly what: 'sample'; readonly plan: LatentPlan; readonly name: string }
  | { readonly what: 'grid'; readonly plan: LatentPlan; readonly name: string; readonly columns: number }
  | {
      readonly what: 'animation';
      readonly plan: LatentPlan;
      readonly name: string;
      readonly format: 'gif' | 'webp';
    }
  | {
      readonly what: 'samples';
      readonly plan: LatentPlan;
      readonly name: string;
      readonly images: 'png' | 'npy';
    };

/** Which text to put on the clipboard. */
export type CopyTarget =
  | { readonly what: 'latent'; readonly plan: LatentPlan }
  | { readonly what: 'editCode'; readonly plan: LatentPlan; readonly edits: readonly Edit[] }
  | { readonly what: 'exportCode' };

/** A request to the engine as a page makes it: the host adds the model and the segmenter. */
export type Relayed<P> = Omit<P, 'model' | 'segmenter' | 'stamp'> & { readonly stamp: string };

export interface PageRequests {
  init: { params: Record<string, never>; result: PageInit; progress: never };
  /** `quick` is all that drawing needs; `full` adds layers and the content hash, for the Model drawer. */
  describe: { params: { readonly depth: DescribeDepth }; result: ModelDescription; progress: never };
  /** `stamp` of the description on show; answered by `model.changed` when the file is another one by now. */
  sample: {
    params: { readonly plan: LatentPlan; readonly maxSide: number; readonly stamp: string };
    result: SampleResult;
    progress: Frames;
  };
  /** Asks for a .npy with the rows that an `embedding` input is fed with; the path is relative to the model's folder. */
  chooseEmbedding: {
    params: { readonly input: string };
    result: { readonly file: string | null };
    progress: never;
  };
  translationSetup: { params: Record<string, never>; result: TranslationSetup; progress: never };
  /** Opens the dialog for what is asked; answers the setup after it, unchanged when the person closed it. */
  chooseTranslation: {
    params: { readonly what: 'folder' | 'files' | 'second' | 'noSecond'; readonly way: TranslationWay };
    result: TranslationSetup;
    progress: never;
  };
  translate: {
    params: TranslationState & { readonly maxSide: number; readonly stamp: string };
    result: TranslateResult;
    progress: Translated;
  };
  dissectionSetup: { params: Record<string, never>; result: DissectionSetup; progress: never };
  /** `folder` and `hub` ask the person; a download asks for consent first, and is a job. Answers the setup after it. */
  chooseSegmenter: {
    params: { readonly what: 'demo' | 'folder' | 'hub' };
    result: DissectionSetup;
    progress: never;
  };
  dissection: { params: Record<string, never>; result: DissectionState; progress: never };
  /** Begins, or goes on with, a dissection of these settings; cancelling its job pauses it. */
  startDissection: {
    params: { readonly settings: DissectSettings };
    result: { readonly job: string };
    progress: never;
  };
  /** Asks where, and writes dissect.json, CSV and an HTML report there; null when the person closed the dialog. */
  exportReport: { params: Record<string, never>; result: { readonly place: string | null }; progress: never };
  activity: { params: Relayed<ActivityParams>; result: UnitActivity; progress: WorkProgress };
  unitPictures: { params: Relayed<UnitPicturesParams>; result: UnitPictures; progress: never };
  segmentation: { params: Relayed<SegmentationParams>; result: Segmentation; progress: WorkProgress };
  unitsAt: { params: Relayed<UnitsAtParams>; result: UnitsAt; progress: never };
  editedSample: {
    params: Omit<Relayed<EditedSampleParams>, 'encoding'>;
    result: SampleResult;
    progress: Frames;
  };
  unitValues: { params: Relayed<UnitValuesParams>; result: UnitValues; progress: WorkProgress };
  /** The last answers about effects, and what is being measured. */
  effects: { params: Record<string, never>; result: EffectsState; progress: never };
  /** One at a time for a model; cancelling its job ends it without a result. */
  startEffect: {
    params: { readonly question: EffectQuestion };
    result: { readonly job: string };
    progress: never;
  };
  scoringSetup: { params: Record<string, never>; result: ScoringSetup; progress: never };
  /** Opens the dialog for what is asked; answers the setup after it, unchanged when the person closed it. */
  chooseScoring: { params: { readonly choice: ScoringChoice }; result: ScoringSetup; progress: never };
  scoring: { params: Record<string, never>; result: ScoringState; progress: never };
  /** Makes 32 images or so, to say how long the whole will take. */
  trialScores: { params: { readonly question: ScoreQuestion }; result: ScoreTrial; progress: never };
  /** One at a time for a model. Cancelling its job keeps the features made so far. */
  startScores: {
    params: { readonly question: ScoreQuestion };
    result: { readonly job: string };
    progress: never;
  };
  /** Takes runs out of the history; answers it after that. */
  forgetScores: {
    params: { readonly ids: readonly string[] };
    result: { readonly history: readonly ScoreRecord[] };
    progress: never;
  };
  /** Puts runs on the clipboard, a row each. */
  copyScores: {
    params: { readonly ids: readonly string[]; readonly format: ScoreFormat };
    result: { readonly text: string };
    progress: never;
  };
  /** The last answers of looks behind the numbers, and what is being looked at. */
  looks: { params: Record<string, never>; result: LooksState; progress: never };
  /** One at a time for a model, with the chosen extractor and reference. Cancelling its job keeps the features made so far. */
  startLook: {
    /** `wish`: how samples are drawn for scores too, kept for the next time. */
    params: { readonly question: LookQuestion; readonly wish: ScoreWish };
    result: { readonly job: string };
    progress: never;
  };
  /** Real images by their places in the reference of the last answer of a kind. */
  referencePictures: {
    params: { readonly kind: LookKind; readonly rows: readonly number[]; readonly maxSide: number };
    result: { readonly count: number };
    progress: Frames;
  };
  /** Named edits of this workspace; they are offered for every model. */
  editLibrary: { params: Record<string, never>; result: EditLibrary; progress: never };
  /** Keeps a stack under its name, or forgets it (`edits` empty); answers the library after it. */
  keepEdit: { params: { readonly file: EditFile }; result: EditLibrary; progress: never };
  /** Asks for a `*.genscope-edit.json`; null when the person closed the dialog. */
  openEdit: { params: Record<string, never>; result: { readonly file: EditFile | null }; progress: never };
  /** Asks where and writes; long ones become jobs. Null when the person closed the dialog. */
  saveEdit: {
    params: { readonly target: EditTarget };
    result: { readonly place: string | null; readonly job?: string };
    progress: never;
  };
  /** Keeps the person's answers in the sidecar. `saved: false` when the folder cannot be written (they then hold for this window). */
  answerRoles: {
    params: { readonly roles: Roles };
    result: { readonly saved: boolean; readonly note: string };
    progress: never;
  };
  /** Asks where, writes, and answers the place; null when the person closed the dialog. Long ones become jobs. */
  save: {
    params: SaveTarget;
    result: { readonly place: string | null; readonly job?: string };
    progress: never;
  };
  copy: { params: CopyTarget; result: { readonly text: string }; progress: never };
  /** Runs one of the buttons that an error offers. */
  nextStep: { params: { readonly step: string }; result: Record<string, never>; progress: never };
  jobs: { params: Record<string, never>; result: readonly JobStatus[]; progress: never };
  cancelJob: { params: { readonly id: string }; result: Record<string, never>; progress: never };
  revealJob: { params: { readonly id: string }; result: Record<string, never>; progress: never };
}

/** Host → page, without an answer. */
export interface PageNotifications {
  /** The model file changed, vanished, or came back. */
  modelChanged: { readonly reason: 'changed' | 'deleted' | 'created' };
  /** The engine process died or came up; the picture on show stays. */
  engineState: { readonly state: 'starting' | 'ready' | 'crashed' | 'stopped'; readonly error?: ErrorData };
  /** The person asked for this panel again: one that shows a failure tries once more. */
  retry: Record<string, never>;
  jobsChanged: { readonly jobs: readonly JobStatus[] };
  /** A command asked for this tab. */
  showTab: { readonly tab: PageState['tab'] };
  /** How far the dissection is; `ended` tells to ask for `dissection` again. */
  dissectionChanged: { readonly progress: DissectProgress | null; readonly ended: boolean };
  /** How far a measurement of effects is; `ended` tells to ask for `effects` again. `error`: it failed. */
  effectsChanged: {
    readonly kind: EffectQuestion['kind'];
    readonly progress: EffectProgress | null;
    readonly ended: boolean;
    readonly error?: ErrorData;
    readonly cancelled?: boolean;
  };
  /** How far the scores of this model are; `ended` tells to ask for `scoring` again. `error`: they failed. */
  scoresChanged: {
    readonly progress: ScoreProgress | null;
    readonly ended: boolean;
    readonly error?: ErrorData;
  };
  /** How far a look is; `ended` tells to ask for `looks` again. `error`: it failed. */
  looksChanged: {
    readonly kind: LookKind;
    readonly progress: ScoreProgress | null;
    readonly ended: boolean;
    readonly error?: ErrorData;
    readonly cancelled?: boolean;
  };
  /** Extractor, reference or wish were chosen elsewhere (the palette): ask for `scoringSetup` again. */
  scoringSetupChanged: Record<string, never>;
}

export type PageMethod = keyof PageRequests;
export type PageParams<M extends PageMethod> = PageRequests[M]['params'];
export type PageResult<M extends PageMethod> = PageRequests[M]['result'];
export type PageProgress<M extends PageMethod> = PageRequests[M]['progress'];

/** The first thing a page posts, before any request: a new page behind an old webview starts a new connection. */
export const PAGE_HELLO = { genscope: 'hello', protocol: 1 } as const;

export function isPageHello(data: unknown): boolean {
  return (
    typeof data === 'object' && data !== null && 'genscope' in data && data.genscope === PAGE_HELLO.genscope
  );
}

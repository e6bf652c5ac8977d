/**
 * Dissection against its limit: the same networks run on the same samples and nothing done with what they say, in the
 * same process and in turn, so that a machine that drifts drifts for both. Nothing is asserted: timings are measured.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it, onTestFinished } from 'vitest';
import { planLatents } from '../../src/algorithms/latent/plan.ts';
import { dissect } from '../../src/engine/dissect/dissect.ts';
import { LayerSession } from '../../src/engine/generator/layerSession.ts';
import { Models } from '../../src/engine/models/models.ts';
import { layersIn } from '../../src/engine/open/layers.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { requestOf } from '../../src/engine/samples/sampling.ts';
import type { LatentPlan } from '../../src/shared/samples/latents.ts';
import {
  DISSECT_DEFAULTS,
  type Dissection,
  type DissectSettings,
} from '../../src/shared/units/dissection.ts';
import { SEGMENTER } from '../engine/support/dissection.ts';
import { DEMO, ROOT } from '../engine/support/engine.ts';
import { writeGeneratorOf256 } from './support/madeUpModels.ts';
import { type Figure, figure, median, print } from './support/report.ts';
import { writeSegFormerB0 } from './support/segformer.ts';

const BATCH = 16;
const MODES = [
  { name: 'quantile', level: DISSECT_DEFAULTS.level },
  { name: 'iqr', level: { mode: 'iqr' } },
] as const;

interface Case {
  readonly model: string;
  readonly segmenter: string;
  readonly layer: string;
  readonly samples: number;
  readonly rounds: number;
  readonly modes: readonly (typeof MODES)[number][];
  /** What the segmenter takes: name, channels, height, width. */
  readonly input: readonly [string, number, number, number];
}

/** Milliseconds by the clock, and of all processors together: these a busy machine stretches less. */
interface Spent {
  readonly ms: number;
  readonly cpu: number;
}

const PASSES = ['prefix', 'generator', 'segmenter'] as const;

/** One round: the bare forward passes of both modes, then both modes. */
class Race {
  readonly bare: Record<string, Spent[]> = { quantile: [], iqr: [] };
  readonly whole: Record<string, Spent[]> = { quantile: [], iqr: [] };
  readonly outside: Record<string, number[]> = { quantile: [], iqr: [] };
  readonly passes: Record<(typeof PASSES)[number], number[]> = { prefix: [], generator: [], segmenter: [] };
  last: Dissection | null = null;
  readonly #case: Case;
  readonly #models = new Models({ threads: 0 });

  constructor(of: Case) {
    this.#case = of;
  }

  async run(): Promise<void> {
    for (let round = 0; round <= this.#case.rounds; round++) {
      const prefix = await this.#generator(false);
      const generator = await this.#generator(true);
      const segmenter = await this.#segmenter();
      const times = { prefix, generator, segmenter };
      const bare = {
        quantile: sum(prefix, generator, segmenter),
        iqr: sum(prefix, generator, segmenter, generator, segmenter),
      };
      for (const { name, level } of this.#case.modes) {
        const stop = clock();
        const dissection = await this.#dissection(level);
        const spent = stop();
        // The first round only warms up.
        if (round === 0) continue;
        this.bare[name]?.push(bare[name]);
        this.whole[name]?.push(spent);
        this.outside[name]?.push(dissection.ms / dissection.runMs);
      }
      if (round > 0) for (const name of PASSES) this.passes[name].push(times[name].ms);
    }
    await this.#models.releaseAll();
  }

  async #dissection(level: DissectSettings['level']): Promise<Dissection> {
    const { model, segmenter, layer, samples } = this.#case;
    const settings = { ...DISSECT_DEFAULTS, layers: [layer], samples, level };
    const context = { models: this.#models, signal: new AbortController().signal, report: () => undefined };
    const { dissection } = await dissect(
      { model: { path: model }, segmenter, settings, cache: null },
      context,
    );
    this.last = dissection;
    return dissection;
  }

  /** The generator as far as the layer, or all of it. */
  async #generator(withPicture: boolean): Promise<Spent> {
    const { model, layer, samples } = this.#case;
    const generator = await this.#models.generator({ path: model });
    const layers = (await layersIn(generator)).all;
    const tensor = layers.find(({ name }) => name === layer)?.tensor ?? '';
    const plan: LatentPlan = {
      kind: 'seeds',
      source: DISSECT_DEFAULTS.source,
      seed: 1,
      count: samples,
      classes: 'all',
    };
    const planned = planLatents(plan, generator.latentSize, generator.classes);
    const session = await LayerSession.open(
      generator,
      withPicture ? [] : [{ tensor, channelAxis: 1 }],
      withPicture,
    );
    const stop = clock();
    for (let at = 0; at < samples; at += BATCH) {
      const request = requestOf(planned, plan, at, Math.min(BATCH, samples - at), 'random');
      for await (const _ of session.run(request));
    }
    const spent = stop();
    await session.release();
    return spent;
  }

  async #segmenter(): Promise<Spent> {
    const { segmenter, samples, input } = this.#case;
    const { modelFile } = await this.#models.segmenter(segmenter);
    const session = await Session.fromFile(modelFile, { threads: 0, optimize: 'all' });
    const [name, ...size] = input;
    const data = new Float32Array(BATCH * size.reduce((a, b) => a * b)).map((_, i) => Math.sin(i));
    const stop = clock();
    for (let at = 0; at < samples; at += BATCH)
      await session.run({ [name]: { dtype: 'float32', shape: [BATCH, ...size], data } });
    const spent = stop();
    await session.release();
    return spent;
  }

  figures(goal: number): Figure[] {
    const { samples } = this.#case;
    const limit = { text: `≤ ${goal}`, holds: (value: number) => value <= goal };
    const each = (name: (typeof PASSES)[number]) =>
      figure(
        `bare ${name}, a sample`,
        'ms',
        this.passes[name].map((ms) => ms / samples),
      );
    return [
      ...PASSES.map(each),
      ...this.#case.modes.flatMap(({ name }) => {
        const bare = this.bare[name] ?? [];
        const whole = this.whole[name] ?? [];
        return [
          figure(
            `dissection, ${name}: ${samples} samples`,
            's',
            whole.map(({ ms }) => ms / 1000),
          ),
          figure(
            `${name} against the bare forward passes`,
            '',
            whole.map(({ ms }, i) => ms / (bare[i] as Spent).ms),
            limit,
          ),
          figure(
            `${name} against the bare forward passes, processor time`,
            '',
            whole.map(({ cpu }, i) => cpu / (bare[i] as Spent).cpu),
          ),
          figure(`${name} against its own time inside the runtime`, '', this.outside[name] ?? []),
        ];
      }),
    ];
  }
}

function clock(): () => Spent {
  const started = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - started, cpu: (user + system) / 1000 };
  };
}

function sum(...all: readonly Spent[]): Spent {
  return all.reduce((a, b) => ({ ms: a.ms + b.ms, cpu: a.cpu + b.cpu }));
}

describe('dissection', () => {
  it('on the demo', { timeout: 3_600_000 }, async () => {
    const race = new Race({
      ...{ model: DEMO, segmenter: SEGMENTER, layer: 'l8b', samples: 1000, rounds: 5, modes: MODES },
      input: ['pixel_values', 3, 64, 64],
    });
    await race.run();
    print('dissection task, demo l8b, 128 units', race.figures(1.5));
  });

  it('with a random SegFormer-B0 at 256²', { timeout: 3_600_000 }, async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-bench-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    const model = writeGeneratorOf256(path.join(folder, 'generator.onnx'));
    const { folder: segmenter } = writeSegFormerB0(path.join(folder, 'segmenter'));
    const models = new Models({ threads: 0 });
    const layers = (await layersIn(await models.generator({ path: model }))).all;
    const layer = layers.find(({ resolution, units }) => resolution[0] === 16 && units === 512)?.name ?? '';
    await models.releaseAll();
    const race = new Race({
      ...{ model, segmenter, layer, samples: 160, rounds: 1, modes: MODES.slice(0, 1) },
      input: ['pixel_values', 3, 256, 256],
    });
    await race.run();
    print('dissection task, 512 units, 256², random SegFormer-B0', race.figures(1.15));
  });

  it('on the demo with a random SegFormer-B0', { timeout: 3_600_000 }, async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'genscope-bench-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    const { folder: segmenter } = writeSegFormerB0(path.join(folder, 'segmenter'));
    const race = new Race({
      ...{ model: DEMO, segmenter, layer: 'l8b', samples: 300, rounds: 3, modes: MODES.slice(0, 1) },
      input: ['pixel_values', 3, 256, 256],
    });
    await race.run();
    print('dissection task, demo l8b, random SegFormer-B0 at 256²', race.figures(1.15));
  });

  it('takes no more memory for more samples', { timeout: 3_600_000 }, () => {
    const peak = (samples: number) => peakMemory(samples) / 1e6;
    const [few, many] = [peak(1000), peak(10_000)];
    print('dissection task, memory, demo l8b', [
      figure('peak memory, 1,000 samples', 'MB', [few]),
      figure('peak memory, 10,000 samples', 'MB', [many]),
      figure('ratio', '', [many / few], { text: '≤ 1.1', holds: (value) => value <= 1.1 }),
    ]);
  });

  it('against a vectorised PyTorch implementation', { timeout: 3_600_000 }, async (context) => {
    const samples = 1000;
    const theirs: number[] = [];
    const ours: number[] = [];
    for (let round = 0; round < 3; round++) {
      const found = inTorch(samples);
      if (found === null) return context.skip('python3 with torch, onnx and onnxruntime is not here');
      theirs.push(found);
      const race = new Race({
        ...{ model: DEMO, segmenter: SEGMENTER, layer: 'l8b', samples, rounds: 1, modes: MODES.slice(0, 1) },
        input: ['pixel_values', 3, 64, 64],
      });
      await race.run();
      ours.push(median((race.whole.quantile ?? []).map(({ ms }) => ms)) / 1000);
    }
    print('dissection task against PyTorch, demo l8b', [
      figure('PyTorch and ONNX Runtime in Python, quantile mode', 's', theirs),
      figure('Genscope, with intervals and null', 's', ours),
      figure(
        'ratio',
        '',
        ours.map((s, i) => s / (theirs[i] as number)),
      ),
    ]);
  });
});

/** Bytes that a process of the command line held at most. */
function peakMemory(samples: number): number {
  const says = 'process.on("exit",()=>process.stderr.write("peak="+process.resourceUsage().maxRSS))';
  const { stderr } = spawnSync(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${says}`, path.join(ROOT, 'dist', 'cli.js')],
      ...['dissect', DEMO, '--segmenter', SEGMENTER, '--layer', 'l8b', '--samples', `${samples}`],
      ...['--no-cache', '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 1e8 },
  );
  return Number(/peak=(\d+)/.exec(stderr)?.[1]) * 1024;
}

/** Seconds; null where Python has not what it takes. */
function inTorch(samples: number): number | null {
  const ask = {
    ...{
      generator: DEMO,
      layer: '/l8b/Relu_output_0',
      latent: 96,
      classes: 7,
      size: 64,
      batch: BATCH,
      samples,
    },
    ...{ segmenter: path.join(SEGMENTER, 'onnx', 'model.onnx'), threads: os.availableParallelism() },
  };
  const { status, stdout, stderr } = spawnSync(
    'python3',
    [path.join(import.meta.dirname, 'dissect_torch.py')],
    {
      ...{ input: JSON.stringify(ask), encoding: 'utf8' },
    },
  );
  if (status === 0) return JSON.parse(stdout).seconds;
  if (!/ModuleNotFoundError|ENOENT/.test(`${stderr}`) && stderr) throw new Error(stderr);
  return null;
}

/** A unit that spoils pictures, planted into the demo, is found, and switching it off mends them; the demo has none such. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { artifacts } from '../../src/engine/checks/artifacts.ts';
import { memorySource, openModel, serialize } from '../../src/onnx/open.ts';
import { floatTensor, int64Tensor, makeNode } from '../../src/onnx/surgery/build.ts';
import type { Artifacts, ArtifactsSettings } from '../../src/shared/checks/looks.ts';
import { SCORE_DEFAULTS } from '../../src/shared/scores/scores.ts';
import { genscope } from './support/cli.ts';
import { DEMO, temporaryFolder } from './support/engine.ts';
import { EXTRACTOR, REFERENCE, testModels } from './support/scoring.ts';

const UNIT = 30;
const SETTINGS: Omit<ArtifactsSettings, 'worst' | 'random'> = {
  ...{ seed: 1, source: SCORE_DEFAULTS.source, classes: 'all', quantisation: 'round' },
  ...{ extractor: { path: EXTRACTOR }, reference: REFERENCE, referenceSamples: 300 },
  ...{ samples: 160, layer: 'l16', top: 12 },
};

/** The demo, with a chequered pattern over every picture in which one unit of l16 peaks above a level. */
function withArtifact(file: string, unit: number, level: number): string {
  const { model } = openModel(memorySource(new Uint8Array(fs.readFileSync(DEMO))), 'generator.onnx');
  const { graph } = model;
  if (!graph) throw new Error('The demo has a graph.');
  for (const node of graph.node) node.output = node.output.map((name) => (name === 'image' ? 'clean' : name));
  const checks = Array.from({ length: 3 * 64 * 64 }, (_, at) => (((at % 64) >> 2) + ((at >> 6) >> 2)) % 2);
  graph.initializer.push(
    int64Tensor('artifact_unit', [unit]),
    floatTensor('artifact_level', [1], [level]),
    floatTensor('artifact_gain', [1], [40]),
    floatTensor(
      'artifact_checks',
      [1, 3, 64, 64],
      checks.map((check) => 2 * check - 1),
    ),
    floatTensor('artifact_low', [], [-1]),
    floatTensor('artifact_high', [], [1]),
  );
  graph.node.push(
    makeNode('Gather', ['/l16/Relu_output_0', 'artifact_unit'], ['artifact_map'], { axis: 1n }),
    makeNode('GlobalMaxPool', ['artifact_map'], ['artifact_peak']),
    makeNode('Sub', ['artifact_peak', 'artifact_level'], ['artifact_over']),
    makeNode('Relu', ['artifact_over'], ['artifact_above']),
    makeNode('Mul', ['artifact_above', 'artifact_gain'], ['artifact_strength']),
    makeNode('Mul', ['artifact_strength', 'artifact_checks'], ['artifact_pattern']),
    makeNode('Add', ['clean', 'artifact_pattern'], ['artifact_sum']),
    makeNode('Clip', ['artifact_sum', 'artifact_low', 'artifact_high'], ['image']),
  );
  fs.writeFileSync(file, serialize(model));
  // The skeleton points into it for its weights.
  fs.copyFileSync(DEMO, path.join(path.dirname(file), 'generator.onnx'));
  fs.copyFileSync(DEMO.replace('.onnx', '.genscope.json'), file.replace('.onnx', '.genscope.json'));
  return file;
}

function look(model: string, more: Pick<ArtifactsSettings, 'worst' | 'random'>): Promise<Artifacts> {
  const context = { models: testModels(), signal: new AbortController().signal, report: () => {} };
  return artifacts({ model: { path: model }, settings: { ...SETTINGS, ...more }, cache: null }, context);
}

describe('artifact units', () => {
  it('a planted one is ranked first beyond chance, and FID falls without it, unlike without others', {
    timeout: 180_000,
  }, async () => {
    const healthy = await look(DEMO, { worst: 1, random: 1 });
    expect(healthy.ablated).toMatchObject({ alarm: false });
    expect(healthy.units).toHaveLength(128);
    const before = healthy.units.find(({ unit }) => unit === UNIT);
    const file = withArtifact(path.join(temporaryFolder(), 'planted.onnx'), UNIT, 2.2);
    const { units, ablated } = await look(file, { worst: 1, random: 1 });
    const [first] = units;
    expect(first?.unit).toBe(UNIT);
    expect(first?.p).toBeLessThan(1e-6);
    expect(first?.z).toBeGreaterThan(2 + (before?.z ?? 0));
    expect(ablated).toMatchObject({ units: [UNIT], alarm: true });
    expect(ablated?.change).toBeLessThan(-1);
    expect(ablated?.interval?.[1]).toBeLessThan(0);
    for (const { units: others, change } of ablated?.random ?? []) {
      expect(others).not.toContain(UNIT);
      expect(change).toBeGreaterThan(ablated?.change ?? 0);
    }
  });

  it('genscope artifacts: a table and a sheet; a layer that is not there is named', {
    timeout: 120_000,
  }, () => {
    const out = path.join(temporaryFolder(), 'units.png');
    const few = ['--samples', '48', '--reference-samples', '64', '--top', '4', '--worst', '0', '--no-cache'];
    const common = [DEMO, '--reference', REFERENCE, '--extractor', EXTRACTOR, ...few];
    const { status, stdout } = genscope('artifacts', ...common, '--layer-of-units', 'l64', '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /generator\.onnx, units of l64, by the distance of their 4 strongest samples of 48/,
    );
    expect(fs.existsSync(out)).toBe(true);
    expect(genscope('artifacts', ...common, '--layer-of-units', 'l7').stderr).toContain(
      'There is no layer “l7”.',
    );
    expect(genscope('artifacts', ...common).stderr).toContain('--layer-of-units');
  });
});

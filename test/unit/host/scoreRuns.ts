/** A run of scores as the engine answers it, small. */
import { SCORE_DEFAULTS, type ScoreRun } from '../../../src/shared/scores/scores.ts';

export function run(file: string, more: Partial<ScoreRun> = {}): ScoreRun {
  return {
    schema: 1,
    model: { file, sha256: 'a'.repeat(64) },
    extractor: {
      ...{ name: 'extractor', sha256: 'b'.repeat(64), resize: 'clean', features: 128, classes: 2 },
      ...{ input: { width: 64, height: 64 }, classNames: ['lake', 'village'] },
    },
    reference: { kind: 'zip', name: 'reference.zip', sha256: 'c'.repeat(64), count: 2000, skipped: [] },
    settings: {
      ...SCORE_DEFAULTS,
      scores: ['fid'],
      extractor: { path: '/extractor.onnx' },
      reference: { kind: 'path', path: '/reference.zip' },
    },
    scores: [
      {
        ...{ score: 'fid', name: 'FID', value: 0.634, interval: [0.455, 0.813], intervalKind: 'jackknife' },
        ...{ replicates: [0.6, 0.65], spread: null, n: 2000, nReference: 2000 },
        ...{ warnings: ['N = 2,000'], plots: [], details: { 'bias here, about': 0.03 } },
      },
    ],
    edited: null,
    warnings: [],
    ms: 1234,
    made: { genscope: '0.1.0', runtime: 'onnxruntime-node', date: '2026-01-01T00:00:00.000Z' },
    forwardPasses: 4000,
    ...more,
  };
}

/** Published combinations of extractor and score under one name: which network, which size, which resize, which score. */
import type { ResizeMode } from './scores.ts';

export interface ScorePreset {
  readonly id: string;
  readonly name: string;
  readonly scores: readonly string[];
  /** What the published number is made with; another network gives a number of its own. */
  readonly extractor: string;
  /** Length of its features, by which the right one is known; 0: any. */
  readonly features: number;
  readonly resize: ResizeMode;
  readonly samples: number;
  readonly source: string;
}

export const SCORE_PRESETS: readonly ScorePreset[] = [
  {
    ...{ id: 'fid', name: 'FID', scores: ['fid'], features: 2048, resize: 'torch', samples: 50_000 },
    extractor: 'FID Inception (genscope setup-inception)',
    source: 'Heusel et al. 2017; pytorch-fid',
  },
  {
    ...{
      id: 'clean-fid',
      name: 'clean FID',
      scores: ['fid'],
      features: 2048,
      resize: 'clean',
      samples: 50_000,
    },
    extractor: 'FID Inception (genscope setup-inception)',
    source: 'Parmar et al. 2022 (arXiv 2104.11222); clean-fid',
  },
  {
    ...{ id: 'is', name: 'Inception Score', scores: ['is'], features: 2048, resize: 'tf1', samples: 50_000 },
    extractor: 'FID Inception (genscope setup-inception)',
    source: 'Salimans et al. 2016; torch-fidelity',
  },
  {
    ...{
      id: 'fd-dinov2',
      name: 'FD-DINOv2',
      scores: ['fid'],
      features: 1024,
      resize: 'own',
      samples: 50_000,
    },
    extractor: 'DINOv2 ViT-L/14 (its CLS token), as an ONNX folder of the Hugging Face hub',
    source: 'Stein et al. 2023 (arXiv 2306.04675); layer6ai-labs/dgm-eval',
  },
  {
    ...{ id: 'cmmd', name: 'CMMD', scores: ['cmmd'], features: 768, resize: 'own', samples: 30_000 },
    extractor: 'CLIP ViT-L/14 at 336 pixels (its image embedding), as an ONNX folder of the Hugging Face hub',
    source: 'Jayasumana et al. 2024 (arXiv 2401.09603); sayakpaul/cmmd-pytorch',
  },
];

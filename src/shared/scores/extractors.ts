/** Networks that published scores are made with, and where each is had: the one table of `genscope setup`. */
import type { ScorePreset } from './scorePresets.ts';

export interface PublishedExtractor {
  readonly id: 'dinov2' | 'clip';
  readonly name: string;
  /** On the Hugging Face hub; another export of the same network may be named instead. */
  readonly repo: string;
  readonly revision: string;
  /** In this order: the first that the repository has. */
  readonly models: readonly string[];
  /** Length of its features, by which a wrong network is known. */
  readonly features: number;
  /** About: what a person is told before a download. */
  readonly bytes: number;
  readonly licence: string;
  /** Of the preset that it is for. */
  readonly preset: ScorePreset['id'];
}

export const PUBLISHED_EXTRACTORS: readonly PublishedExtractor[] = [
  {
    ...{ id: 'dinov2', name: 'DINOv2 ViT-L/14', repo: 'Xenova/dinov2-large', revision: 'main' },
    models: ['onnx/model.onnx'],
    ...{ features: 1024, bytes: 1_220_000_000, licence: 'Apache-2.0 (Meta)', preset: 'fd-dinov2' },
  },
  {
    ...{
      id: 'clip',
      name: 'CLIP ViT-L/14 at 336',
      repo: 'Xenova/clip-vit-large-patch14-336',
      revision: 'main',
    },
    // The half that looks at pictures; the whole model wants a text as well.
    models: ['onnx/vision_model.onnx'],
    ...{ features: 768, bytes: 1_220_000_000, licence: 'MIT (OpenAI)', preset: 'cmmd' },
  },
];

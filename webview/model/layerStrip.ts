/** Layers in the order of the graph, gathered by resolution, for the strip of bars in the Model drawer. Pure. */
import type { LayerDescription } from '../../src/shared/generator/model.ts';

export interface LayerBar {
  readonly layer: LayerDescription;
  /** Place among all layers. */
  readonly index: number;
  /** Height of the bar, 0…1: its units against those of the layer with the most. */
  readonly height: number;
}

export interface ResolutionBlock {
  readonly resolution: string;
  readonly bars: readonly LayerBar[];
  readonly units: number;
}

/** Neighbours of one resolution are a block; a U-Net comes down and up again, so that its sizes appear twice. */
export function resolutionBlocks(layers: readonly LayerDescription[]): ResolutionBlock[] {
  const most = Math.max(1, ...layers.map(({ units }) => units));
  const blocks: { resolution: string; bars: LayerBar[] }[] = [];
  layers.forEach((layer, index) => {
    const resolution = resolutionOf(layer);
    const bar = { layer, index, height: layer.units / most };
    const last = blocks.at(-1);
    if (last?.resolution === resolution) last.bars.push(bar);
    else blocks.push({ resolution, bars: [bar] });
  });
  return blocks.map((block) => ({
    ...block,
    units: block.bars.reduce((sum, { layer }) => sum + layer.units, 0),
  }));
}

/** "8²", or "8×12". */
export function resolutionOf({ resolution: [height, width] }: Pick<LayerDescription, 'resolution'>): string {
  return height === width ? `${height}²` : `${height}×${width}`;
}

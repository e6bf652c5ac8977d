/** Layers gathered by resolution, for the strip of blocks in the Model drawer. Pure. */
import type { LayerDescription } from '../../src/shared/model.ts';

export interface ResolutionBlock {
  readonly resolution: string;
  readonly layers: readonly LayerDescription[];
  readonly units: number;
  /** Height of the block's bar, 0…1, on a logarithmic scale of its units. */
  readonly height: number;
}

export function resolutionBlocks(layers: readonly LayerDescription[]): ResolutionBlock[] {
  const groups = new Map<string, LayerDescription[]>();
  for (const layer of layers) {
    const [height, width] = layer.resolution;
    const name = height === width ? `${height}²` : `${height}×${width}`;
    groups.set(name, [...(groups.get(name) ?? []), layer]);
  }
  const totals = [...groups.values()].map(unitsOf);
  const most = Math.max(2, ...totals);
  return [...groups].map(([resolution, members]) => {
    const units = unitsOf(members);
    return { resolution, layers: members, units, height: Math.log2(units + 1) / Math.log2(most + 1) };
  });
}

function unitsOf(layers: readonly LayerDescription[]): number {
  return layers.reduce((sum, layer) => sum + layer.units, 0);
}

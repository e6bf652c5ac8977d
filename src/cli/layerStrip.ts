/** Layers as a person reads them: a line for each stretch of one resolution. */
import type { LayerDescription } from '../shared/generator/model.ts';

/**
 *   8×8    b8.conv0 512 98% · b8.conv1 512 95%
 *   16×16  b16.conv0 512 89% · …
 *
 * with units and the share of the model that an edit there runs again.
 */
export function layerStrip(layers: readonly LayerDescription[]): string[] {
  const stretches: { size: string; layers: LayerDescription[] }[] = [];
  for (const layer of layers) {
    const size = [...layer.resolution].reverse().join('×');
    const last = stretches.at(-1);
    if (last?.size === size) last.layers.push(layer);
    else stretches.push({ size, layers: [layer] });
  }
  const width = Math.max(...stretches.map(({ size }) => size.length));
  return stretches.map(({ size, layers: same }) => `${size.padEnd(width)}  ${same.map(short).join(' · ')}`);
}

function short({ name, units, suffixCost }: LayerDescription): string {
  return `${name} ${units} ${percent(suffixCost)}`;
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '<1%' : `${Math.round(share * 100)}%`;
}

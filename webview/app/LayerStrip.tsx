import type { TargetedKeyboardEvent } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { LayerDescription } from '../../src/shared/generator/model.ts';
import { percent, plural } from '../model/format.ts';
import { type ResolutionBlock, resolutionBlocks } from '../model/layerStrip.ts';
import { moved } from '../model/selection.ts';
import { t } from '../strings.ts';

/** A bar's height in CSS pixels: the smallest can still be hit. */
const LOWEST = 8;
const HIGHEST = 64;
/** Where pictures need the room. */
const HIGHEST_LOW = 28;

/** The layers as a person can look at them: in the order of the graph, by resolution, a bar each; and as a table. */
export function LayerStrip({ layers }: { layers: readonly LayerDescription[] | null }) {
  if (layers === null) return <div class="layer-strip is-waiting" aria-busy="true" />;
  if (layers.length === 0) return <p class="quiet">{t('model.noLayers')}</p>;
  return (
    <>
      <LooseStrip layers={layers} />
      <p class="quiet">{t('model.layersHint')}</p>
      <details data-testid="layer-table">
        <summary>{t('model.layerTable')}</summary>
        <LayerTable layers={layers} />
      </details>
    </>
  );
}

/** For looking only: which bar is current matters to nobody else. */
function LooseStrip({ layers }: { layers: readonly LayerDescription[] }) {
  const [current, setCurrent] = useState(0);
  return <LayerBars {...{ layers, current }} onChange={setCurrent} />;
}

interface LayerBarsProps {
  readonly layers: readonly LayerDescription[];
  readonly current: number;
  readonly onChange: (index: number) => void;
  /** Lower bars. */
  readonly low?: boolean;
}

/** A bar for each layer; click or arrow keys make one of them the current one. */
export function LayerBars({ layers, current, onChange, low = false }: LayerBarsProps) {
  const list = useRef<HTMLDivElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = layers[hovered ?? current] ?? layers[0];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const next = moved(current, event.key, layers.length, 1, 10);
    if (next === null) return;
    event.preventDefault();
    onChange(next);
    setHovered(null);
    const bar = list.current?.querySelector<HTMLElement>(`[data-layer="${next}"]`);
    bar?.focus({ preventScroll: true });
    bar?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const pointed = (target: EventTarget | null) =>
    target instanceof Element ? target.closest<HTMLElement>('[data-layer]')?.dataset.layer : undefined;
  return (
    <>
      <div
        class={low ? 'layer-strip is-low' : 'layer-strip'}
        role="listbox"
        aria-orientation="horizontal"
        aria-label={t('model.layerList')}
        ref={list}
        data-testid="layer-strip"
        onKeyDown={onKeyDown}
        onClick={(event) => onChange(Number(pointed(event.target) ?? current))}
        onPointerOver={(event) => {
          const index = pointed(event.target);
          setHovered(index === undefined ? null : Number(index));
        }}
        onPointerLeave={() => setHovered(null)}
      >
        {resolutionBlocks(layers).map((block) => (
          <Block key={block.bars[0]?.index} block={block} current={current} low={low} />
        ))}
      </div>
      {shown && <LayerFacts layer={shown} />}
    </>
  );
}

function Block({ block, current, low }: { block: ResolutionBlock; current: number; low: boolean }) {
  const highest = low ? HIGHEST_LOW : HIGHEST;
  const id = useId();
  const words = `${block.resolution}: ${plural('model.units', block.units)}, ${plural('model.layers', block.bars.length)}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset may not hold the options of a list.
    <div class="layer-block" role="group" aria-labelledby={id} style={{ flexGrow: block.bars.length }}>
      <span id={id} class="visually-hidden">
        {words}
      </span>
      <div class="layer-bars">
        {block.bars.map(({ layer, index, height }) => (
          <div
            key={index}
            class="layer"
            role="option"
            aria-selected={index === current}
            aria-label={layerWords(layer)}
            tabIndex={index === current ? 0 : -1}
            title={layerWords(layer)}
            data-layer={index}
          >
            <span
              class="layer-bar"
              style={{ height: `${Math.round(LOWEST + height * (highest - LOWEST))}px` }}
            />
          </div>
        ))}
      </div>
      <strong aria-hidden="true">{block.resolution}</strong>
      <span class="quiet" aria-hidden="true" title={plural('model.units', block.units)}>
        {block.units}
      </span>
    </div>
  );
}

/** One line that is always there, so that nothing moves while one goes through the bars. */
function LayerFacts({ layer }: { layer: LayerDescription }) {
  return (
    <p class="layer-facts" data-testid="layer-facts">
      <code>{layer.name}</code>
      <span>{layer.op}</span>
      <span>{shapeOf(layer)}</span>
      <span class="quiet">{t('model.layerCost', { cost: percent(layer.suffixCost) })}</span>
    </p>
  );
}

function LayerTable({ layers }: { layers: readonly LayerDescription[] }) {
  return (
    <div class="table-scroll">
      <table class="layer-table">
        <thead>
          <tr>
            <th scope="col">{t('model.layer.name')}</th>
            <th scope="col">{t('model.layer.op')}</th>
            <th scope="col">{t('model.layer.shape')}</th>
            <th scope="col">{t('model.layer.cost')}</th>
          </tr>
        </thead>
        <tbody>
          {layers.map((layer) => (
            <tr key={layer.tensor}>
              <th scope="row">
                <code>{layer.name}</code>
              </th>
              <td>{layer.op}</td>
              <td>{shapeOf(layer)}</td>
              <td>{percent(layer.suffixCost)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function layerWords(layer: LayerDescription): string {
  const cost = t('model.layerCost', { cost: percent(layer.suffixCost) });
  return `${layer.name}, ${layer.op}, ${shapeOf(layer)}, ${cost}`;
}

/** "128 × 8 × 8": units, height, width. */
function shapeOf({ units, resolution: [height, width] }: LayerDescription): string {
  return `${units} × ${height} × ${width}`;
}

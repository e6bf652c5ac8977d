import type { TargetedKeyboardEvent } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { LayerDescription } from '../../src/shared/model.ts';
import { percent, plural } from '../model/format.ts';
import { type ResolutionBlock, resolutionBlocks } from '../model/layerStrip.ts';
import { moved } from '../model/selection.ts';
import { t } from '../strings.ts';

/** A bar's height in CSS pixels: the smallest can still be hit. */
const LOWEST = 8;
const HIGHEST = 64;

/** The layers as a person can look at them: in the order of the graph, by resolution, a bar each; and as a table. */
export function LayerStrip({ layers }: { layers: readonly LayerDescription[] | null }) {
  if (layers === null) return <div class="layer-strip is-waiting" aria-busy="true" />;
  if (layers.length === 0) return <p class="quiet">{t('model.noLayers')}</p>;
  return (
    <>
      <Strip layers={layers} />
      <p class="quiet">{t('model.layersHint')}</p>
      <details data-testid="layer-table">
        <summary>{t('model.layerTable')}</summary>
        <LayerTable layers={layers} />
      </details>
    </>
  );
}

function Strip({ layers }: { layers: readonly LayerDescription[] }) {
  const list = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(0);
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = layers[hovered ?? current] ?? layers[0];
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    const next = moved(current, event.key, layers.length, 1, 10);
    if (next === null) return;
    event.preventDefault();
    setCurrent(next);
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
        class="layer-strip"
        role="listbox"
        aria-orientation="horizontal"
        aria-label={t('model.layerList')}
        ref={list}
        data-testid="layer-strip"
        onKeyDown={onKeyDown}
        onClick={(event) => setCurrent(Number(pointed(event.target) ?? current))}
        onPointerOver={(event) => {
          const index = pointed(event.target);
          setHovered(index === undefined ? null : Number(index));
        }}
        onPointerLeave={() => setHovered(null)}
      >
        {resolutionBlocks(layers).map((block) => (
          <Block key={block.bars[0]?.index} block={block} current={current} />
        ))}
      </div>
      {shown && <LayerFacts layer={shown} />}
    </>
  );
}

function Block({ block, current }: { block: ResolutionBlock; current: number }) {
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
              style={{ height: `${Math.round(LOWEST + height * (HIGHEST - LOWEST))}px` }}
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

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { InputDescription, ModelDescription, OutputDescription } from '../../src/shared/model.ts';
import { bytes, compact, plural, shape } from '../model/format.ts';
import { resolutionBlocks } from '../model/layerStrip.ts';
import { roleWord } from '../model/roleWords.ts';
import { t } from '../strings.ts';
import { Button } from '../ui/Button.tsx';
import { Drawer } from '../ui/Drawer.tsx';
import { useModel, useSession } from './context.ts';

/** All that was read from the graph, and why it was read so. */
export function ModelDrawer() {
  const session = useSession();
  const model = useModel();
  useEffect(() => {
    const closing = new AbortController();
    void session.describeFully(closing.signal);
    return () => closing.abort();
  }, [session, model.stamp]);
  const close = () => {
    session.drawer.value = null;
  };
  return (
    <Drawer title={t('model.title')} closeLabel={t('model.close')} onClose={close} testId="model-drawer">
      <Section title={t('model.inputs')}>
        {model.inputs.map((input) => (
          <TensorRow key={input.name} tensor={input} />
        ))}
      </Section>
      <Section title={t('model.outputs')}>
        {model.outputs.map((output) => (
          <TensorRow key={output.name} tensor={output} />
        ))}
        <Button
          testId="change-roles"
          onClick={() => {
            close();
            session.askingRoles.value = true;
          }}
        >
          {t('model.change')}
        </Button>
      </Section>
      <Section title={t('model.layers')}>
        <LayerStrip model={model} />
      </Section>
      <Section title={t('model.noise')}>
        <p class="quiet">{noiseWords(model)}</p>
      </Section>
      <Section title={t('model.file')}>
        <Facts model={model} />
      </Section>
      {model.warnings.length > 0 && (
        <Section title={t('model.warnings')}>
          <ul class="plain-list">
            {model.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Section>
      )}
    </Drawer>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="drawer-section">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function TensorRow({ tensor }: { tensor: InputDescription | OutputDescription }) {
  const { name, dtype, guess } = tensor;
  return (
    <div class="tensor">
      <div class="tensor-head">
        <code>{name}</code>
        <span class="quiet">
          {dtype} [{shape(tensor.shape)}]
        </span>
      </div>
      <div class="tensor-role">
        <span>{roleWord(guess.role)}</span>
        <span class={`certainty certainty-${guess.certainty}`}>{t(`certainty.${guess.certainty}`)}</span>
      </div>
      <p class="quiet">{guess.reason}</p>
    </div>
  );
}

function LayerStrip({ model }: { model: ModelDescription }) {
  if (model.layers === null) return <div class="layer-strip is-waiting" aria-busy="true" />;
  if (model.layers.length === 0) return <p class="quiet">{t('model.noLayers')}</p>;
  return (
    <>
      <ul class="layer-strip" data-testid="layer-strip">
        {resolutionBlocks(model.layers).map((block) => (
          <li
            key={block.resolution}
            title={block.layers.map(({ name, units }) => `${name}: ${units}`).join('\n')}
          >
            <span class="layer-bar" style={{ height: `${Math.round(8 + block.height * 32)}px` }} />
            <strong>{block.resolution}</strong>
            <span class="visually-hidden">
              {plural('model.units', block.units)}, {plural('model.layers', block.layers.length)}
            </span>
            <span class="quiet" aria-hidden="true">
              {block.units}
            </span>
          </li>
        ))}
      </ul>
      <p class="quiet">{t('model.layersHint')}</p>
    </>
  );
}

function Facts({ model }: { model: ModelDescription }) {
  const rows: readonly (readonly [string, string, (string | undefined)?])[] = [
    [t('model.parameters'), compact(model.parameters)],
    [t('model.size'), bytes(model.bytes)],
    [t('model.opset'), String(model.opset)],
    [t('model.producer'), model.producer || '–'],
    [t('model.provider'), model.provider.toUpperCase()],
    [t('model.batch'), t(`model.batch.${model.batch}`), model.batchReason],
    [t('model.hash'), model.sha256?.slice(0, 12) ?? '…', model.sha256 ?? undefined],
  ];
  return (
    <dl class="fact-list">
      {rows.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function noiseWords({ noise }: ModelDescription): string {
  if (noise.length === 0) return t('model.noNoise');
  return t('model.someNoise', { nodes: noise.map(({ node, op }) => node || op).join(', ') });
}

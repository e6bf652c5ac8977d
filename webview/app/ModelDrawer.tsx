import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type {
  ImageInputDescription,
  InputDescription,
  ModelDescription,
  OutputDescription,
} from '../../src/shared/generator/model.ts';
import { bytes, compact, counted, shape } from '../model/format.ts';
import { roleWord } from '../model/roleWords.ts';
import { t } from '../strings.ts';
import { Button } from '../ui/Button.tsx';
import { Drawer } from '../ui/Drawer.tsx';
import { useModel, useSession } from './context.ts';
import { LayerStrip } from './LayerStrip.tsx';

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
    <Drawer title={t('model.title')} closeLabel={t('model.close')} onClose={close} testId="model-drawer" wide>
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
        <LayerStrip layers={model.layers} />
      </Section>
      <Section title={t('model.about')}>
        <About model={model} />
      </Section>
      <Section title={t('model.file')}>
        <File model={model} />
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

function About({ model }: { model: ModelDescription }) {
  const { image, imageInput, mapping } = model;
  const size = `${image.width}×${image.height}`;
  const anySize = imageInput !== null && imageInput.size === null;
  const rows: Fact[] = [{ name: t('model.kind'), value: t(`model.kind.${model.kind}`) }];
  if (imageInput !== null)
    rows.push({ name: t('model.takes'), value: takes(imageInput), title: imageInput.name });
  if (image.width > 0 && !anySize)
    rows.push({ name: t('model.makes'), value: t('model.makesImage', { size, channels: image.channels }) });
  if (mapping !== null) {
    rows.push({
      name: t('model.mapping'),
      value: t('model.mappingWords', { size: mapping.size, tensor: mapping.tensor }),
      more: t(`model.mapping.${mapping.average}`),
    });
  }
  rows.push({ name: t('model.noise'), value: noiseWords(model) });
  rows.push({ name: t('model.batch'), value: t(`model.batch.${model.batch}`), more: model.batchReason });
  return <FactList rows={rows} />;
}

function File({ model }: { model: ModelDescription }) {
  const { sha256, parametersExact: exact } = model;
  // A file does not say which of its constants were trained.
  const counts = [compact(model.parameters), counted(model.parameters)].map((count) =>
    exact ? count : t('model.atMost', { count }),
  );
  const rows: Fact[] = [
    { name: t('model.parameters'), value: counts[0] ?? '', ...(counts[1] && { title: counts[1] }) },
    { name: t('model.size'), value: bytes(model.bytes) },
    { name: t('model.opset'), value: String(model.opset) },
    { name: t('model.producer'), value: model.producer || '–' },
    { name: t('model.provider'), value: model.provider.toUpperCase() },
    { name: t('model.hash'), value: sha256?.slice(0, 12) ?? '…', ...(sha256 ? { title: sha256 } : {}) },
  ];
  return <FactList rows={rows} />;
}

interface Fact {
  readonly name: string;
  readonly value: string;
  /** Why, or what follows from it. */
  readonly more?: string;
  readonly title?: string;
}

function FactList({ rows }: { rows: readonly Fact[] }) {
  return (
    <dl class="fact-list">
      {rows.map(({ name, value, more, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>
            {value}
            {more && <p class="quiet">{more}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function takes({ size, multiple, channels }: ImageInputDescription): string {
  if (size !== null) return t('model.takesFixed', { size: `${size.width}×${size.height}`, channels });
  return t(multiple > 1 ? 'model.takesMultiple' : 'model.takesAny', { multiple, channels });
}

function noiseWords({ noise, imageInput }: ModelDescription): string {
  if (noise.length === 0) return t(imageInput === null ? 'model.noNoise' : 'model.noNoiseTranslator');
  return t('model.someNoise', { nodes: noise.map(({ node, op }) => node || op).join(', ') });
}

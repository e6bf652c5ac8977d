import { useEffect, useRef } from 'preact/hooks';
import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { sampleName } from '../../model/fileNames.ts';
import { className } from '../../model/format.ts';
import { largeSize, type Size } from '../../model/layout.ts';
import { keyId, samplePlan, truncationValue } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { useSize } from '../../ui/useSize.ts';
import { SampleStrip } from './SampleStrip.tsx';

/** One sample, as large as fits in whole pixels, with what it was made from. */
export function Large() {
  const samples = useSamples();
  const view = useRef<HTMLDivElement>(null);
  useEffect(() => view.current?.focus(), []);
  const { opened } = samples.state.value;
  if (opened === null) return null;
  const go = (step: number) => {
    const next = samples.neighbour(step);
    if (next !== null) samples.open(next);
  };
  return (
    <section
      class="large"
      aria-label={t('large.label')}
      tabIndex={-1}
      ref={view}
      data-testid="large"
      data-key={keyId(opened)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') samples.backToGrid();
        else if (event.key === 'ArrowLeft') go(-1);
        else if (event.key === 'ArrowRight') go(1);
        else return;
        event.preventDefault();
      }}
    >
      <LargeBar sample={opened} />
      <div class="large-middle">
        <IconButton
          icon="chevronLeft"
          label={t('large.previous')}
          disabled={samples.neighbour(-1) === null}
          onClick={() => go(-1)}
          testId="previous"
        />
        <LargePicture />
        <IconButton
          icon="chevronRight"
          label={t('large.next')}
          disabled={samples.neighbour(1) === null}
          onClick={() => go(1)}
          testId="next"
        />
      </div>
      <SampleStrip />
    </section>
  );
}

function LargeBar({ sample }: { sample: LatentKey }) {
  const session = useSession();
  const samples = useSamples();
  const model = useModel();
  const state = samples.state.value;
  const plan = samplePlan(state, sample);
  return (
    <div class="view-bar">
      <IconButton
        icon="arrowLeft"
        label={t('large.back')}
        onClick={() => samples.backToGrid()}
        testId="back"
      />
      <LargeFacts sample={sample} />
      <span class="view-bar-end">
        <Button icon="copy" testId="copy-latent" onClick={() => void session.copy({ what: 'latent', plan })}>
          {t('large.copy')}
        </Button>
        <Button
          icon="save"
          testId="save-png"
          onClick={() => void session.save({ what: 'sample', plan, name: sampleName(model, sample) })}
        >
          {t('large.save')}
        </Button>
      </span>
    </div>
  );
}

function LargeFacts({ sample }: { sample: LatentKey }) {
  const samples = useSamples();
  const model = useModel();
  const { source, truncationMode } = samples.state.value;
  return (
    <dl class="inline-facts" data-testid="large-facts">
      <div>
        <dt>{t('large.seed')}</dt>
        <dd>{sample.seed}</dd>
      </div>
      {sample.classIndex !== null && (
        <div>
          <dt>{t('large.class')}</dt>
          <dd>{className(model, sample.classIndex)}</dd>
        </div>
      )}
      {source.truncation.mode !== 'none' && (
        <div>
          <dt>{t('large.truncation')}</dt>
          <dd>{truncationValue(source.truncation, truncationMode).toFixed(2)}</dd>
        </div>
      )}
    </dl>
  );
}

function LargePicture() {
  const samples = useSamples();
  const model = useModel();
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place);
  const size: Size =
    room === null ? { width: 0, height: 0 } : largeSize(room, model.image, samples.ratio.value);
  return (
    <div class="large-place" ref={place}>
      <Picture slot={samples.single.slots.value[0]} {...size} />
    </div>
  );
}

import { useLayoutEffect, useRef } from 'preact/hooks';
import { useSamples, useSession } from '../../app/context.ts';
import { FailureWords } from '../../app/FailurePage.tsx';
import { t } from '../../strings.ts';
import { useSize } from '../../ui/useSize.ts';
import { Controls } from './Controls.tsx';
import { ExportDrawer } from './ExportDrawer.tsx';
import { Grid } from './Grid.tsx';
import { Large } from './Large.tsx';
import { OptionsDrawer } from './OptionsDrawer.tsx';
import { ProgressBar } from './ProgressBar.tsx';
import { StatusLine } from './StatusLine.tsx';
import { Walk } from './Walk.tsx';

/** Left padding, and right padding with the scroll bar's gutter, of the grid (see grid.css). */
const PADDING = 32;
const VERTICAL_PADDING = 16;

export function SamplesTab() {
  const session = useSession();
  const samples = useSamples();
  const { drawer } = session;
  return (
    <>
      <Controls />
      <Stage />
      <StatusLine />
      {drawer.value === 'options' && <OptionsDrawer />}
      {drawer.value === 'export' && <ExportDrawer />}
      <Ratio onChange={(ratio) => (samples.ratio.value = ratio)} />
    </>
  );
}

/** The place of the pictures. Its size decides how large they are, so it is measured whatever is on show. */
function Stage() {
  const samples = useSamples();
  const stage = useRef<HTMLElement>(null);
  const size = useSize(stage);
  useLayoutEffect(() => {
    if (size === null || size.width === 0) return;
    const width = Math.max(48, size.width - PADDING);
    const height = Math.max(48, size.height + passingHeight(stage.current) - VERTICAL_PADDING);
    const before = samples.area.peek();
    if (before?.width !== width || before.height !== height) samples.area.value = { width, height };
  }, [size, samples]);
  const { sampler } = samples;
  const error = sampler.error.value;
  const view = samples.view.value;
  return (
    <section
      class={sampler.slow.value ? 'stage is-slow' : 'stage'}
      ref={stage}
      aria-label={t('grid.area')}
      aria-busy={sampler.busy.value}
      data-testid="stage"
      data-view={view}
    >
      <ProgressBar />
      {error !== null && !samples.grid.hasPictures ? (
        <div class="page-centred" data-testid="failure" data-code={error.code}>
          <FailureWords error={error} heading="h2" />
        </div>
      ) : (
        <>
          {view === 'grid' && <Grid />}
          {view === 'single' && <Large />}
          {view === 'interpolation' && <Walk />}
        </>
      )}
    </section>
  );
}

/** Room that strips take which come and go: pictures must not change their size for them, they scroll instead. */
function passingHeight(stage: HTMLElement | null): number {
  const strips = stage?.parentElement?.querySelectorAll<HTMLElement>(':scope > .is-passing') ?? [];
  return [...strips].reduce((sum, strip) => sum + strip.offsetHeight, 0);
}

/** Follows the zoom of the window: device pixels per CSS pixel. */
function Ratio({ onChange }: { onChange: (ratio: number) => void }) {
  useLayoutEffect(() => {
    let query: MediaQueryList | undefined;
    const follow = () => {
      query?.removeEventListener('change', follow);
      onChange(devicePixelRatio);
      query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      query.addEventListener('change', follow);
    };
    follow();
    return () => query?.removeEventListener('change', follow);
  }, [onChange]);
  return null;
}

import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { FailureWords } from '../../app/FailurePage.tsx';
import type { Size } from '../../model/layout.ts';
import type { PictureWork } from '../../stores/courier.ts';
import { t } from '../../strings.ts';
import { useSize } from '../../ui/useSize.ts';
import { ProgressBar } from './ProgressBar.tsx';

/** Left padding, and right padding with the scroll bar's gutter, of the pictures (see pictures.css). */
const PADDING = 32;
const VERTICAL_PADDING = 16;

interface StageProps {
  readonly work: PictureWork & { readonly area: Signal<Size | null>; readonly ratio: Signal<number> };
  readonly view: string;
  readonly children: ComponentChildren;
}

/** The place of the pictures. Its size decides how large they are, so it is measured whatever is on show. */
export function Stage({ work, view, children }: StageProps) {
  const stage = useRef<HTMLElement>(null);
  const size = useSize(stage);
  useLayoutEffect(() => {
    if (size === null || size.width === 0) return;
    const width = Math.max(48, size.width - PADDING);
    const height = Math.max(48, size.height + passingHeight(stage.current) - VERTICAL_PADDING);
    const before = work.area.peek();
    if (before?.width !== width || before.height !== height) work.area.value = { width, height };
  }, [size, work]);
  const { courier } = work;
  const error = courier.error.value;
  return (
    <section
      class={courier.slow.value ? 'stage is-slow' : 'stage'}
      ref={stage}
      aria-label={t('grid.area')}
      aria-busy={courier.busy.value}
      data-testid="stage"
      data-view={view}
    >
      <ProgressBar courier={courier} />
      {error !== null && !work.hasPictures ? (
        <div class="page-centred" data-testid="failure" data-code={error.code}>
          <FailureWords error={error} heading="h2" />
        </div>
      ) : (
        children
      )}
      <Ratio onChange={(ratio) => (work.ratio.value = ratio)} />
    </section>
  );
}

/** Room that strips take which come and go: pictures must not change their size for them, they scroll instead. */
function passingHeight(stage: HTMLElement | null): number {
  const strips = stage?.closest('.page')?.querySelectorAll<HTMLElement>(':scope > .is-passing') ?? [];
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

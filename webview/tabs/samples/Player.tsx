import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useModel, useSamples } from '../../app/context.ts';
import { cellSize, largeSize, snapNear } from '../../model/layout.ts';
import { frameAt, playbackRate } from '../../model/playback.ts';
import { pathSteps } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Picture } from '../../ui/Picture.tsx';
import { useSize } from '../../ui/useSize.ts';

const STRIP_SIDE = 64;

/** A path as a strip of its steps, with one of them large: played, or moved by hand. */
export function Player() {
  const samples = useSamples();
  const model = useModel();
  const place = useRef<HTMLDivElement>(null);
  const room = useSize(place);
  const { loop } = samples.state.value;
  const steps = pathSteps(samples.state.value);
  const [step, setStep] = useState(0);
  const [playing, setPlaying] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const at = Math.min(step, steps - 1);
  const ready = !samples.courier.busy.value;
  usePlayback(playing && ready, at, steps, loop, setStep);
  const size = room === null ? { width: 0, height: 0 } : largeSize(room, model.image, samples.ratio.value);
  const go = (next: number) => {
    setPlaying(false);
    setStep(Math.min(Math.max(0, next), steps - 1));
  };
  return (
    <section
      class="player"
      aria-label={t('walk.player')}
      onKeyDown={(event) => {
        if (event.target instanceof HTMLInputElement) return;
        if (event.key === 'ArrowLeft') go(at - 1);
        else if (event.key === 'ArrowRight') go(at + 1);
        else return;
        event.preventDefault();
      }}
    >
      <div class="large-place" ref={place} data-testid="walk-large">
        <Picture slot={samples.walk.slots.value[at]} {...size} />
      </div>
      <div class="player-bar">
        <IconButton
          icon={playing ? 'pause' : 'play'}
          label={t(playing ? 'walk.pause' : 'walk.play')}
          onClick={() => setPlaying(!playing)}
          testId="play"
        />
        <input
          type="range"
          class="slider slider-wide"
          aria-label={t('walk.scrub')}
          aria-valuetext={t('walk.frame', { step: at + 1, steps })}
          min={0}
          max={steps - 1}
          step={1}
          value={at}
          data-testid="scrub"
          onInput={(event) => go(event.currentTarget.valueAsNumber)}
        />
        <span class="player-count quiet" data-testid="player-count">
          {at + 1} / {steps}
        </span>
      </div>
      <StepStrip current={at} steps={steps} follow={!playing} onPick={go} />
    </section>
  );
}

interface StepStripProps {
  readonly current: number;
  readonly steps: number;
  /** Scroll to the current step: when a person moves it, not while it plays. */
  readonly follow: boolean;
  readonly onPick: (step: number) => void;
}

function StepStrip({ current, steps, follow, onPick }: StepStripProps) {
  const samples = useSamples();
  const model = useModel();
  const strip = useRef<HTMLDivElement>(null);
  const slots = samples.walk.slots.value;
  const { selection, loop } = samples.state.value;
  const native = Math.max(model.image.width, model.image.height);
  const { width, height } = cellSize(
    Math.min(96, snapNear(STRIP_SIDE, native, samples.ratio.value)),
    model.image,
  );
  const leg = steps === 1 ? 1 : (steps - (loop ? 0 : 1)) / (selection.length - (loop ? 0 : 1));
  useLayoutEffect(() => {
    if (follow) strip.current?.children[current]?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, follow]);
  return (
    <nav class="strip" aria-label={t('walk.strip')} ref={strip} data-testid="walk-strip">
      {Array.from({ length: steps }, (_, i) => (
        <button
          type="button"
          key={i}
          class={i === current ? 'strip-item is-current' : 'strip-item'}
          aria-current={i === current}
          aria-label={stepLabel(i, steps, leg)}
          tabIndex={i === current ? 0 : -1}
          onClick={() => onPick(i)}
        >
          <Picture slot={slots[i]} width={width} height={height} />
          {i % leg === 0 && (
            <span class="badge" aria-hidden="true">
              {i / leg + 1}
            </span>
          )}
        </button>
      ))}
    </nav>
  );
}

/** Moves on frame by frame while `playing`, from wherever it stands. */
function usePlayback(
  playing: boolean,
  from: number,
  steps: number,
  loop: boolean,
  show: (step: number) => void,
): void {
  const start = useRef(from);
  start.current = from;
  useEffect(() => {
    if (!playing || steps < 2) return;
    const first = start.current;
    const since = performance.now();
    const rate = playbackRate(steps);
    let frame = requestAnimationFrame(function next(now) {
      show(frameAt(first, Math.floor((Math.max(0, now - since) / 1000) * rate), steps, loop));
      frame = requestAnimationFrame(next);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, steps, loop, show]);
}

/** A step that is one of the selected samples says which. */
function stepLabel(step: number, steps: number, leg: number): string {
  const label = t('walk.frame', { step: step + 1, steps });
  return step % leg === 0 ? `${label}, ${t('grid.order', { order: step / leg + 1 })}` : label;
}

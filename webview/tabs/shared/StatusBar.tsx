import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useSession } from '../../app/context.ts';
import { duration } from '../../model/format.ts';
import type { Courier } from '../../stores/courier.ts';
import { t } from '../../strings.ts';
import { LinkButton } from '../../ui/Button.tsx';

/** Speaking every batch would drown everything else. */
const SPEAK_EVERY = 2000;

interface StatusBarProps {
  readonly courier: Courier;
  /** What is on show. */
  readonly summary: string;
  readonly progress: 'status.progress' | 'translation.progress' | 'units.progress';
  readonly again: string;
  /** Buttons after the words. */
  readonly children?: ComponentChildren;
}

/** One line below the pictures: what they are, or how far the work is. It is always there, so that nothing jumps. */
export function StatusBar({ courier, summary, progress, again, children }: StatusBarProps) {
  const session = useSession();
  const slow = courier.slow.value;
  const calledOff = courier.cancelled.value;
  const words = calledOff ? t('status.cancelled') : summary;
  const text = slow ? progressWords(courier, progress) : words;
  const notice = session.notice.value;
  return (
    <footer class="status">
      <span class="status-words" data-testid="status" title={text}>
        {text}
      </span>
      {slow && (
        <LinkButton testId="cancel" onClick={() => courier.cancel()}>
          {t('status.cancel')}
        </LinkButton>
      )}
      {!slow && calledOff && (
        <LinkButton testId="sample-again" onClick={() => courier.retry()}>
          {again}
        </LinkButton>
      )}
      <span class="status-notice" data-testid="notice" title={notice}>
        {notice}
      </span>
      {children}
      <Spoken text={notice || (courier.busy.value && !slow ? '' : text)} urgent={notice !== ''} />
    </footer>
  );
}

/** The live region: the latest words, at most every two seconds. */
export function Spoken({ text, urgent }: { text: string; urgent: boolean }) {
  const [spoken, setSpoken] = useState('');
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === '') return;
    const wait = urgent ? 0 : Math.max(0, last.current + SPEAK_EVERY - performance.now());
    const timer = setTimeout(() => {
      last.current = performance.now();
      setSpoken(text);
    }, wait);
    return () => clearTimeout(timer);
  }, [text, urgent]);
  return (
    <span class="visually-hidden" role="status" aria-live="polite" data-testid="spoken">
      {spoken}
    </span>
  );
}

function progressWords(courier: Courier, key: StatusBarProps['progress']): string {
  const progress = courier.progress.value;
  if (progress === null) return '';
  const counted = t(key, { done: progress.done, total: progress.total });
  return progress.left === undefined
    ? counted
    : `${counted} · ${t('status.left', { time: duration(progress.left) })}`;
}

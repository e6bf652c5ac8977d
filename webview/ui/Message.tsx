import type { ComponentChildren } from 'preact';
import { IconButton } from './Button.tsx';
import { Icon } from './Icon.tsx';

interface MessageProps {
  readonly kind: 'error' | 'warning' | 'info';
  readonly text: string;
  readonly advice?: string | undefined;
  /** A library's own words, behind a disclosure. */
  readonly detail?: string | undefined;
  readonly detailLabel?: string;
  readonly actions?: ComponentChildren;
  readonly dismiss?: { readonly label: string; readonly run: () => void };
  readonly testId?: string;
}

/** A strip across the page: what happened, what to do, and the buttons that do it. */
export function Message({ kind, text, advice, detail, detailLabel, actions, dismiss, testId }: MessageProps) {
  return (
    <div class={`message message-${kind}`} role={kind === 'error' ? 'alert' : 'status'} data-testid={testId}>
      <Icon name={kind} />
      <div class="message-words">
        <p>
          {text} {advice && <span class="quiet">{advice}</span>}
        </p>
        {detail && (
          <details>
            <summary>{detailLabel}</summary>
            <pre>{detail}</pre>
          </details>
        )}
      </div>
      {actions && <div class="message-actions">{actions}</div>}
      {dismiss && <IconButton icon="close" label={dismiss.label} onClick={dismiss.run} />}
    </div>
  );
}

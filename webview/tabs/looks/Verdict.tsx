import type { ComponentChildren } from 'preact';
import { Icon } from '../../ui/Icon.tsx';

/** The answer in a sentence, by a shape too: a colour alone would not do. */
export function Verdict({
  alarm,
  text,
  children,
}: {
  alarm: boolean | null;
  text: string;
  children?: ComponentChildren;
}) {
  const icon = alarm === null ? 'info' : alarm ? 'warning' : 'check';
  return (
    <div class={alarm === true ? 'look-verdict is-alarm' : 'look-verdict'} data-testid="look-verdict">
      <Icon name={icon} />
      <div>
        <p>
          <strong>{text}</strong>
        </p>
        {children}
      </div>
    </div>
  );
}

import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './Icon.tsx';

interface ButtonProps {
  readonly onClick: () => void;
  readonly children: ComponentChildren;
  readonly kind?: 'primary' | 'secondary';
  readonly icon?: IconName;
  readonly title?: string | undefined;
  readonly testId?: string;
  /** Cannot be used now, but stays in the tab order so that its `title` can say what is missing. */
  readonly off?: boolean;
}

export function Button({
  onClick,
  children,
  kind = 'secondary',
  icon,
  title,
  testId,
  off = false,
}: ButtonProps) {
  return (
    <vscode-button
      appearance={kind}
      class={off ? 'is-off' : ''}
      title={title}
      data-testid={testId}
      aria-disabled={off ? 'true' : 'false'}
      aria-description={off ? title : undefined}
      onClick={() => {
        if (!off) onClick();
      }}
    >
      {icon && (
        <span slot="start" class="slot-icon">
          <Icon name={icon} />
        </span>
      )}
      {children}
    </vscode-button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly testId?: string;
  readonly disabled?: boolean;
  readonly expanded?: boolean;
  /** Of a button that stays in: whether it is. */
  readonly pressed?: boolean;
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, onClick, testId, disabled = false, expanded, pressed } = props;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: the toolkit hands these on to the <button> inside.
    <vscode-button
      appearance="icon"
      class="icon-button"
      title={label}
      aria-label={label}
      aria-expanded={expanded === undefined ? undefined : expanded ? 'true' : 'false'}
      aria-pressed={pressed === undefined ? undefined : pressed ? 'true' : 'false'}
      disabled={disabled}
      data-testid={testId}
      onClick={() => {
        if (!disabled) onClick();
      }}
    >
      <Icon name={icon} />
    </vscode-button>
  );
}

/** A button that reads as text, for quiet places such as the status line. */
export function LinkButton({
  onClick,
  children,
  testId,
  name,
}: {
  onClick: () => void;
  children: ComponentChildren;
  testId?: string;
  /** What a screen reader says, where the words alone would not tell. */
  name?: string;
}) {
  return (
    <button type="button" class="link-button" aria-label={name} data-testid={testId} onClick={onClick}>
      {children}
    </button>
  );
}

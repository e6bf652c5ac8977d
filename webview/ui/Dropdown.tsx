import { useLayoutEffect, useRef } from 'preact/hooks';
import { Field } from './Field.tsx';

export interface Choice<V extends string | number> {
  readonly value: V;
  readonly label: string;
}

interface DropdownProps<V extends string | number> {
  readonly label: string;
  readonly value: V;
  readonly choices: readonly Choice<V>[];
  readonly onChange: (value: V) => void;
  readonly testId?: string;
  readonly title?: string;
  /** Puts the label above instead of before. */
  readonly stacked?: boolean;
  readonly hideLabel?: boolean;
  /** For words that would be cut off otherwise. */
  readonly roomy?: boolean;
}

export function Dropdown<V extends string | number>(props: DropdownProps<V>) {
  const {
    label,
    value,
    choices,
    onChange,
    testId,
    title,
    stacked = false,
    hideLabel = false,
    roomy = false,
  } = props;
  const element = useRef<(HTMLElement & { value: string }) | null>(null);
  // The toolkit's list learns of its options a moment after they are there, and drops a value set before.
  useLayoutEffect(() => {
    const settle = () => {
      if (element.current && element.current.value !== String(value)) element.current.value = String(value);
    };
    settle();
    const frame = requestAnimationFrame(settle);
    return () => cancelAnimationFrame(frame);
  });
  const longest = Math.max(...choices.map((choice) => choice.label.length));
  return (
    <Field label={label} stacked={stacked} hideLabel={hideLabel}>
      <vscode-dropdown
        ref={element}
        aria-label={label}
        title={title}
        class={roomy ? 'width-xl' : longest <= 3 ? 'width-s' : longest <= 6 ? 'width-m' : 'width-l'}
        data-testid={testId}
        onChange={() => {
          const chosen = choices.find((choice) => String(choice.value) === element.current?.value);
          if (chosen !== undefined && chosen.value !== value) onChange(chosen.value);
        }}
      >
        {choices.map((choice) => (
          <vscode-option key={choice.value} value={String(choice.value)} selected={choice.value === value}>
            {choice.label}
          </vscode-option>
        ))}
      </vscode-dropdown>
    </Field>
  );
}

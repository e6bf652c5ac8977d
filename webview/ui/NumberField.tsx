import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Field } from './Field.tsx';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** What is wrong when the text is no whole number in range. */
  readonly complaint: string;
  readonly onCommit: (value: number) => void;
  readonly testId?: string;
  readonly stacked?: boolean;
}

/** A whole number. Enter or leaving the field applies it, the up and down keys step it, Escape takes the change back. */
export function NumberField({
  label,
  value,
  min,
  max,
  complaint,
  onCommit,
  testId,
  stacked = false,
}: NumberFieldProps) {
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);
  const parsed = /^\d+$/.test(draft.trim()) ? Number(draft) : Number.NaN;
  const valid = parsed >= min && parsed <= max;
  const commit = (next: number) => {
    if (next >= min && next <= max && next !== value) onCommit(next);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (event.key === 'Enter') commit(parsed);
    else if (event.key === 'Escape') setDraft(String(value));
    else if (event.key === 'ArrowUp') commit((valid ? parsed : value) + 1);
    else if (event.key === 'ArrowDown') commit((valid ? parsed : value) - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Field label={label} stacked={stacked}>
      <vscode-text-field
        class={valid ? 'number-field' : 'number-field is-invalid'}
        value={draft}
        aria-label={label}
        aria-invalid={valid ? 'false' : 'true'}
        title={valid ? undefined : complaint}
        inputMode="numeric"
        data-testid={testId}
        onInput={(event) => setDraft((event.currentTarget as HTMLInputElement).value)}
        onKeyDown={onKeyDown}
        onBlur={() => (valid ? commit(parsed) : setDraft(String(value)))}
      />
      {!valid && (
        <span class="field-complaint" role="alert">
          {complaint}
        </span>
      )}
    </Field>
  );
}

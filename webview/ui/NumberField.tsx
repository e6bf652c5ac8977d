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
  readonly hideLabel?: boolean;
  /** What the up and down keys add; below 1 the number need not be whole. */
  readonly step?: number;
}

/** A number, whole unless said. Enter or leaving the field applies it, the up and down keys step it, Escape takes the change back. */
export function NumberField({
  label,
  value,
  min,
  max,
  complaint,
  onCommit,
  testId,
  stacked = false,
  hideLabel = false,
  step = 1,
}: NumberFieldProps) {
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);
  const form = step < 1 ? /^\d*\.?\d+$/ : /^\d+$/;
  const parsed = form.test(draft.trim()) ? Number(draft) : Number.NaN;
  const valid = parsed >= min && parsed <= max;
  const commit = (next: number) => {
    if (next >= min && next <= max && next !== value) onCommit(next);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (event.key === 'Enter') commit(parsed);
    else if (event.key === 'Escape') setDraft(String(value));
    else if (event.key === 'ArrowUp') commit(stepped((valid ? parsed : value) + step, step));
    else if (event.key === 'ArrowDown') commit(stepped((valid ? parsed : value) - step, step));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <Field label={label} stacked={stacked} hideLabel={hideLabel}>
      <vscode-text-field
        class={valid ? 'number-field' : 'number-field is-invalid'}
        value={draft}
        aria-label={label}
        aria-invalid={valid ? 'false' : 'true'}
        title={valid ? undefined : complaint}
        inputMode={step < 1 ? 'decimal' : 'numeric'}
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

/** 0.1 + 0.2 as people write it. */
function stepped(value: number, step: number): number {
  return step < 1 ? Number(value.toFixed(6)) : value;
}

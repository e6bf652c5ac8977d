import { useLayoutEffect, useRef } from 'preact/hooks';

interface NameFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Told when Enter is pressed or the field is left, with something written. */
  readonly onCommit: (value: string) => void;
  readonly onCancel: () => void;
  readonly testId: string;
}

const LONGEST = 80;

/** A name being written, all of it selected at first: Enter takes it, Escape leaves it as it was. */
export function NameField({ label, value, placeholder, onCommit, onCancel, testId }: NameFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const over = useRef(false);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const end = (written: string | null) => {
    if (over.current) return;
    over.current = true;
    if (written === null || written.trim() === '') onCancel();
    else onCommit(written.trim());
  };
  return (
    <input
      type="text"
      class="name-field"
      ref={input}
      defaultValue={value}
      placeholder={placeholder}
      maxLength={LONGEST}
      aria-label={label}
      data-testid={testId}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(event.currentTarget.value);
        else if (event.key === 'Escape') end(null);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

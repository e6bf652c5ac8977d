interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly title?: string;
  readonly onChange: (checked: boolean) => void;
  readonly testId?: string;
}

export function Checkbox({ label, checked, title, onChange, testId }: CheckboxProps) {
  return (
    <vscode-checkbox
      checked={checked}
      title={title}
      aria-label={label}
      data-testid={testId}
      onChange={(event) => {
        const now = (event.currentTarget as HTMLInputElement).checked;
        if (now !== checked) onChange(now);
      }}
    >
      {label}
    </vscode-checkbox>
  );
}

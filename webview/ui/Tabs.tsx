import { useRef } from 'preact/hooks';

export interface TabItem {
  readonly id: string;
  readonly label: string;
}

interface TabsProps {
  readonly label: string;
  readonly items: readonly TabItem[];
  readonly selected: string;
  readonly onSelect: (id: string) => void;
}

/** A tab bar with arrow keys. One tab alone is no choice, so it draws nothing. */
export function Tabs({ label, items, selected, onSelect }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  if (items.length < 2) return null;
  const step = (by: number) => {
    const at = items.findIndex((item) => item.id === selected);
    const next = items[(at + by + items.length) % items.length];
    if (next === undefined) return;
    onSelect(next.id);
    list.current?.querySelector<HTMLElement>(`#tab-${next.id}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} ref={list}>
      {items.map((item) => (
        <button
          type="button"
          key={item.id}
          id={`tab-${item.id}`}
          class="tab"
          role="tab"
          aria-selected={item.id === selected}
          aria-controls="tab-panel"
          tabIndex={item.id === selected ? 0 : -1}
          onClick={() => onSelect(item.id)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowRight') step(1);
            if (event.key === 'ArrowLeft') step(-1);
          }}
        >
          {item.label}
        </button>
      ))}
    </div>
  );
}

import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './Icon.tsx';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  readonly run: () => void;
  /** Why it cannot be used now. */
  readonly off?: string | undefined;
  readonly separated?: boolean;
}

interface MenuProps {
  readonly label: string;
  /** What a screen reader says, where the label alone would not tell. */
  readonly name?: string;
  readonly icon?: IconName;
  readonly items: readonly MenuItem[];
  readonly testId: string;
  /** The icon alone, where there is no room for words; they are its name still. */
  readonly bare?: boolean;
}

/** A button with a drop-down menu: arrow keys, Home and End, Escape; a click elsewhere closes it. */
export function Menu({ label, name = label, icon, items, testId, bare = false }: MenuProps) {
  const [open, setOpen] = useState(false);
  const [flip, setFlip] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const entries = () => [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];

  useLayoutEffect(() => {
    if (!open || list.current === null || root.current === null) return;
    setFlip(root.current.getBoundingClientRect().left + list.current.offsetWidth > innerWidth - 4);
    entries()[0]?.focus();
  }, [open]);

  useEffect(() => {
    if (!open) return;
    const onDown = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [open]);

  const close = () => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('.menu-button')?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLElement>) => {
    if (!open) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    if (event.key === 'Escape') close();
    else if (event.key === 'Tab') return setOpen(false);
    else if (event.key === 'ArrowDown') all[(at + 1) % all.length]?.focus();
    else if (event.key === 'ArrowUp') all[(at - 1 + all.length) % all.length]?.focus();
    else if (event.key === 'Home') all[0]?.focus();
    else if (event.key === 'End') all.at(-1)?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div class="menu" ref={root}>
      <button
        type="button"
        class={bare ? 'menu-button menu-bare' : 'menu-button'}
        title={name}
        aria-label={name}
        aria-haspopup="menu"
        aria-expanded={open}
        data-testid={testId}
        onClick={() => setOpen(!open)}
      >
        {icon && <Icon name={icon} />}
        {!bare && <span class="menu-label">{label}</span>}
        {!bare && <Icon name="chevronDown" />}
      </button>
      {open && (
        <div
          class={flip ? 'menu-list menu-flip' : 'menu-list'}
          role="menu"
          tabIndex={-1}
          aria-label={label}
          ref={list}
          onKeyDown={onKeyDown}
        >
          {items.map((item) => (
            <button
              type="button"
              key={item.id}
              role="menuitem"
              tabIndex={-1}
              class={item.separated ? 'menu-item menu-separated' : 'menu-item'}
              aria-disabled={item.off !== undefined}
              title={item.off}
              data-testid={`${testId}-${item.id}`}
              onClick={() => {
                if (item.off !== undefined) return;
                close();
                item.run();
              }}
            >
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { IconButton } from './Button.tsx';

interface DrawerProps {
  readonly title: string;
  readonly closeLabel: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly testId: string;
  /** For what needs the room, where there is any. */
  readonly wide?: boolean;
}

/** A panel that slides over the right edge. It is not modal: the pictures behind it stay in use. */
export function Drawer({ title, closeLabel, onClose, children, testId, wide = false }: DrawerProps) {
  const panel = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const drawer = panel.current;
    drawer?.focus();
    return () => {
      const active = document.activeElement;
      if (active === document.body || drawer?.contains(active)) before?.focus();
    };
  }, []);
  return (
    <dialog
      open
      class={wide ? 'drawer drawer-wide' : 'drawer'}
      aria-label={title}
      tabIndex={-1}
      ref={panel}
      data-testid={testId}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="drawer-head">
        <h2>{title}</h2>
        <IconButton icon="close" label={closeLabel} onClick={onClose} testId={`${testId}-close`} />
      </header>
      <div class="drawer-body">{children}</div>
    </dialog>
  );
}

/**
 * The one door to `@vscode/webview-ui-toolkit`, which upstream has sunset: when it goes, only this folder changes.
 * Its elements draw with adopted style sheets, so that the page's policy needs no `unsafe-inline`.
 */

import './nonce.ts';
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from '@vscode/webview-ui-toolkit';
import type { JSX } from 'preact';
/** Must run before the first render: Preact sets properties only on elements that already have them. */
export function registerToolkit(): void {
  provideVSCodeDesignSystem().register(
    vsCodeButton(),
    vsCodeCheckbox(),
    vsCodeDropdown(),
    vsCodeOption(),
    vsCodeTextField(),
  );
  document.querySelector('meta[property=csp-nonce]')?.remove();
}

type ElementProps = JSX.HTMLAttributes<HTMLElement>;

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements {
      'vscode-button': ElementProps & { appearance?: 'primary' | 'secondary' | 'icon'; disabled?: boolean };
      'vscode-checkbox': ElementProps & { checked?: boolean };
      'vscode-dropdown': ElementProps & { value?: string; disabled?: boolean };
      'vscode-option': ElementProps & { value?: string; selected?: boolean };
      'vscode-text-field': ElementProps & { value?: string; placeholder?: string };
    }
  }
}

/** The four themes that every page is looked at in. */

interface Theme {
  /** For `workbench.colorTheme`. */
  readonly id: string;
  /** In the theme picker. */
  readonly label: string;
  /** The file that it is made of; VS Code puts a class of that name on the workbench. */
  readonly file: string;
}

/** Under the names of the settings until VS Code 1.138, which everyone knows; two ids have become shorter since. */
const THEMES = {
  'Default Dark Modern': { id: 'Dark Modern', label: 'Dark Modern', file: 'dark_modern' },
  'Default Light Modern': { id: 'Light Modern', label: 'Light Modern', file: 'light_modern' },
  'Default High Contrast': { id: 'Default High Contrast', label: 'Dark High Contrast', file: 'hc_black' },
  'Default High Contrast Light': {
    id: 'Default High Contrast Light',
    label: 'Light High Contrast',
    file: 'hc_light',
  },
} as const satisfies Record<string, Theme>;

export type ThemeName = keyof typeof THEMES;

export const THEME_NAMES = Object.keys(THEMES) as ThemeName[];

export function themeId(name: ThemeName): string {
  return THEMES[name].id;
}

export function themeLabel(name: ThemeName): string {
  return THEMES[name].label;
}

export function themeClass(name: ThemeName): string {
  return `vscode-theme-defaults-themes-${THEMES[name].file}-json`;
}

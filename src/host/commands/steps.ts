/** Questions one after another, with a way back: what VS Code calls a multi-step quick pick. */
import * as vscode from 'vscode';

export interface Step<T extends vscode.QuickPickItem> {
  readonly title: string;
  readonly step: number;
  readonly total: number;
  readonly placeholder: string;
  readonly items: readonly T[];
  /** Several can be chosen; these are to begin with. */
  readonly many?: readonly T[];
  /** Preselected, where one is chosen. */
  readonly active?: T | undefined;
}

export const BACK = Symbol('back');

/** @returns what was chosen; `BACK`; undefined when the person closed it */
export async function ask<T extends vscode.QuickPickItem>(
  step: Step<T>,
): Promise<readonly T[] | typeof BACK | undefined> {
  const pick = vscode.window.createQuickPick<T>();
  try {
    return await new Promise((resolve) => {
      pick.title = step.title;
      pick.step = step.step;
      pick.totalSteps = step.total;
      pick.placeholder = step.placeholder;
      pick.ignoreFocusOut = true;
      pick.matchOnDetail = true;
      pick.canSelectMany = step.many !== undefined;
      pick.items = step.items;
      if (step.many) pick.selectedItems = step.many;
      else if (step.active) pick.activeItems = [step.active];
      if (step.step > 1) pick.buttons = [vscode.QuickInputButtons.Back];
      pick.onDidTriggerButton(() => resolve(BACK));
      pick.onDidAccept(() => {
        const chosen = pick.selectedItems;
        if (chosen.length > 0) resolve(chosen);
      });
      pick.onDidHide(() => resolve(undefined));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

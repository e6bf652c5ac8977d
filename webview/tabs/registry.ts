/** The Inspector's tabs: a tab is one folder and one line here. */
import type { ComponentType } from 'preact';
import type { PageState } from '../../src/shared/pageProtocol.ts';
import type { StringKey } from '../strings.ts';
import { LooksTab } from './looks/LooksTab.tsx';
import { PicturesTab } from './PicturesTab.tsx';
import { ScoresTab } from './scores/ScoresTab.tsx';
import { UnitsTab } from './units/UnitsTab.tsx';

export interface TabDefinition {
  readonly id: PageState['tab'];
  readonly title: StringKey;
  readonly view: ComponentType;
}

export const TABS: readonly TabDefinition[] = [
  { id: 'samples', title: 'tab.samples', view: PicturesTab },
  { id: 'units', title: 'tab.units', view: UnitsTab },
  { id: 'scores', title: 'tab.scores', view: ScoresTab },
  { id: 'looks', title: 'tab.looks', view: LooksTab },
];

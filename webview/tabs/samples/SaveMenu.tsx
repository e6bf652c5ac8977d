import type { LatentKey } from '../../../src/shared/samples/latents.ts';
import { useModel, useSamples, useSession } from '../../app/context.ts';
import { gridName, sampleName, walkName } from '../../model/fileNames.ts';
import { gridPlan, isBilinear, type Samples, samplePlan, walkPlan } from '../../model/samplesModel.ts';
import { t } from '../../strings.ts';
import { Menu, type MenuItem } from '../../ui/Menu.tsx';

export function SaveMenu() {
  return <Menu label={t('save.label')} icon="save" items={useItems()} testId="save" />;
}

/** What can be saved now: what is on show first. */
function useItems(): MenuItem[] {
  const session = useSession();
  const samples = useSamples();
  const model = useModel();
  const state = samples.state.value;
  const key = sampleOf(state);
  const walk = state.view === 'interpolation' ? walkPlan(state) : null;
  const items: MenuItem[] = [
    {
      id: 'sample',
      label: t('save.sample'),
      off: key === null ? t('save.sampleHint') : undefined,
      run: () => {
        if (key === null) return;
        void session.save({ what: 'sample', plan: samplePlan(state, key), name: sampleName(model, key) });
      },
    },
    {
      id: 'grid',
      label: t('save.grid'),
      run: () => {
        const columns = walk ? (isBilinear(state) ? state.gridSide : state.steps) : samples.columns.peek();
        const name = walk ? walkName(model, state) : gridName(model, state);
        const plan = walk ?? gridPlan(state);
        void session.save({
          what: 'grid',
          plan,
          name,
          columns: Math.min(columns, walk ? columns : state.count),
        });
      },
    },
  ];
  if (walk?.kind === 'path') {
    for (const format of ['gif', 'webp'] as const) {
      const run = () =>
        void session.save({ what: 'animation', plan: walk, name: walkName(model, state), format });
      items.push({ id: format, label: t(`save.${format}`), run });
    }
  }
  const run = () => {
    session.drawer.value = 'export';
  };
  items.push({ id: 'samples', label: t('save.samples'), separated: true, run });
  return items;
}

/** The sample that *Sample as PNG* means: the open one, else the one selected last. */
function sampleOf(state: Samples): LatentKey | null {
  return (state.view === 'single' ? state.opened : null) ?? state.selection.at(-1) ?? null;
}

import { useSamples, useSession } from '../../app/context.ts';
import { Stage } from '../shared/Stage.tsx';
import { Controls } from './Controls.tsx';
import { ExportDrawer } from './ExportDrawer.tsx';
import { Grid } from './Grid.tsx';
import { Large } from './Large.tsx';
import { OptionsDrawer } from './OptionsDrawer.tsx';
import { StatusLine } from './StatusLine.tsx';
import { Walk } from './Walk.tsx';

export function SamplesTab() {
  const { drawer } = useSession();
  const samples = useSamples();
  const view = samples.view.value;
  return (
    <>
      <Controls />
      <Stage work={samples} view={view}>
        {view === 'grid' && <Grid />}
        {view === 'single' && <Large />}
        {view === 'interpolation' && <Walk />}
      </Stage>
      <StatusLine />
      {drawer.value === 'options' && <OptionsDrawer />}
      {drawer.value === 'export' && <ExportDrawer />}
    </>
  );
}

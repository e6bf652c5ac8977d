import type { Artifacts, Duplicates, Modes, Neighbours } from '../../../src/shared/checks/looks.ts';
import { lookProvenance } from '../../model/lookResult.ts';

/** Below each answer: what it was found in, and what is worth knowing of it. */
export function Made({ found }: { found: Neighbours | Duplicates | Modes | Artifacts }) {
  return (
    <footer class="effects-made quiet" data-testid="looks-made">
      <p>{lookProvenance(found)}</p>
      {found.warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </footer>
  );
}

import { t } from '../strings.ts';
import { useSession } from './context.ts';

/** Puts a table on the clipboard, and says so. */
export function useCopy(): (csv: string) => void {
  const session = useSession();
  return (csv) =>
    void session.tried(async () => {
      await navigator.clipboard.writeText(csv);
      session.say(t('chart.copied'));
    });
}

import { useModel } from '../app/context.ts';
import { SamplesTab } from './samples/SamplesTab.tsx';
import { TranslationTab } from './translation/TranslationTab.tsx';

/** Pictures that the model makes: of random numbers, or of pictures. */
export function PicturesTab() {
  return useModel().imageInput === null ? <SamplesTab /> : <TranslationTab />;
}

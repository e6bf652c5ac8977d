/** The model card beside a network: what its makers call it. */
import path from 'node:path';
import { readSmallText } from '../../shared/files/readSmall.ts';

const CARD = 'README.md';
const MOST_CARD_BYTES = 65_536;
const MOST_NAME = 120;

/** `model_name` in the head of a model card (`ModelCardData` of huggingface_hub); null where there is none. */
export function nameOnCard(folder: string): string | null {
  const file = path.join(folder, CARD);
  const [, head] = /^---\r?\n([\s\S]*?)\r?\n---\r?\n/.exec(readCard(file)) ?? [];
  const name = /^model_name:[ \t]*(["']?)(.+?)\1[ \t]*\r?$/m.exec(head ?? '')?.[2];
  return name !== undefined && name.length <= MOST_NAME ? name : null;
}

/** A card that cannot be read names nothing; all that is needed lies in other files. */
function readCard(file: string): string {
  try {
    return readSmallText(file, { most: MOST_CARD_BYTES, what: 'The model card' }) ?? '';
  } catch {
    return '';
  }
}

/** SHA-256 of a file of any size, without holding it. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { openRegular } from '../../shared/files/readSmall.ts';
import { cancelled } from '../../shared/kernel/errors.ts';

/** In hex. @throws GenscopeError `request.cancelled`; the file system's own errors */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const { descriptor } = openRegular(file);
  for await (const chunk of fs.createReadStream(file, { fd: descriptor, start: 0, highWaterMark: 4 << 20 })) {
    if (signal?.aborted === true) throw cancelled();
    hash.update(chunk as Buffer);
  }
  return hash.digest('hex');
}

/**
 * The cache folder that the Python libraries use, too: models--org--name/{blobs,refs,snapshots}. Blobs are called by their
 * hash, snapshots hold links to them under the files' own names, refs say which commit a branch was at.
 */
import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../../shared/files/atomic.ts';
import { readSmallText } from '../../shared/files/readSmall.ts';

const COMMIT = /^[0-9a-f]{40}$/;

export const isCommit = (revision: string): boolean => COMMIT.test(revision);

export class RepoCache {
  readonly folder: string;

  /** @param name the repository's folder, models--org--name */
  constructor(cacheDir: string, name: string) {
    this.folder = path.join(cacheDir, name);
  }

  snapshot(commit: string): string {
    return path.join(this.folder, 'snapshots', commit);
  }

  file(commit: string, name: string): string {
    return path.join(this.snapshot(commit), ...name.split('/'));
  }

  /** Links whose blob is gone count as missing. */
  has(commit: string, name: string): boolean {
    return fs.existsSync(this.file(commit, name));
  }

  blob(hash: string): string {
    return path.join(this.folder, 'blobs', hash);
  }

  hasBlob(hash: string, size: number): boolean {
    return fs.statSync(this.blob(hash), { throwIfNoEntry: false })?.size === size;
  }

  /** The commit that a branch or tag was at when it was last asked for. */
  readRef(revision: string): string | null {
    if (isCommit(revision)) return revision;
    const file = path.join(this.folder, 'refs', ...revision.split('/'));
    const commit = (readSmallText(file, { most: 4096, what: 'The branch' }) ?? '').trim();
    return isCommit(commit) ? commit : null;
  }

  writeRef(revision: string, commit: string): void {
    if (isCommit(revision)) return;
    const file = path.join(this.folder, 'refs', ...revision.split('/'));
    fs.mkdirSync(path.dirname(file), { recursive: true });
    writeFileAtomic(file, commit);
  }

  /** Names a blob in a snapshot: by a relative link, or by a file where the system has none (Windows). */
  link(commit: string, name: string, hash: string): void {
    const file = this.file(commit, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.rmSync(file, { force: true });
    const blob = this.blob(hash);
    try {
      fs.symlinkSync(path.relative(path.dirname(file), blob), file);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') throw thrown;
      fs.copyFileSync(blob, file);
    }
  }
}

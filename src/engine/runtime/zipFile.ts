/**
 * Zip archives, one entry at a time from the file itself: an archive of pictures may be larger than the memory. Read by
 * yauzl (random access, ZIP64, sizes checked), written by yazl; both small, of one author, and maintained. Checksums are
 * checked here, which yauzl leaves to its callers.
 */
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { ZipFile as ZipOutput } from 'yazl';
import { GenscopeError } from '../../shared/errors.ts';
import { AtomicFile } from '../../shared/files/atomic.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes once it is unpacked. */
  readonly size: number;
}

/** One entry never takes more memory than this, whatever the archive says of it. */
const MOST_BYTES = 4 * 2 ** 30;

export class ZipArchive {
  readonly file: string;
  /** In the order of the archive's directory; folders are none. */
  readonly entries: readonly ZipEntry[];
  readonly #zip: ZipFile;
  readonly #byName: ReadonlyMap<string, Entry>;

  private constructor(file: string, zip: ZipFile, entries: readonly Entry[]) {
    this.file = file;
    this.#zip = zip;
    this.#byName = new Map(entries.map((entry) => [entry.fileName, entry]));
    this.entries = entries.map(({ fileName, uncompressedSize }) => ({
      name: fileName,
      size: uncompressedSize,
    }));
  }

  /** @throws GenscopeError `input.invalid` for what is no zip archive, or damaged */
  static async open(file: string): Promise<ZipArchive> {
    try {
      const zip = await openPromise(file, { lazyEntries: true, autoClose: false });
      const entries: Entry[] = [];
      try {
        for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.push(entry);
      } catch (thrown) {
        zip.close();
        throw thrown;
      }
      return new ZipArchive(file, zip, entries);
    } catch (thrown) {
      throw zipError(file, thrown);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * All bytes of an entry, checked against its checksum.
   * @throws GenscopeError `input.invalid` for one that is missing, damaged, encrypted, or larger than `most` bytes
   */
  async read(name: string, most = MOST_BYTES): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw damaged(this.file, `it has no “${name}”`);
    if (entry.uncompressedSize > most)
      throw damaged(this.file, `“${name}” would take ${entry.uncompressedSize} bytes`);
    const bytes = new Uint8Array(entry.uncompressedSize);
    let at = 0;
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        bytes.set(chunk as Buffer, at);
        at += (chunk as Buffer).length;
      }
    } catch (thrown) {
      throw zipError(this.file, thrown, name);
    }
    if (crc32(bytes) !== entry.crc32) throw damaged(this.file, `the checksum of “${name}” is wrong`);
    return bytes;
  }

  /** Where an entry's bytes lie in the archive, if they lie there as they are. */
  async place(name: string): Promise<{ readonly offset: number; readonly length: number } | null> {
    const entry = this.#byName.get(name);
    if (entry === undefined || entry.compressionMethod !== 0 || entry.isEncrypted()) return null;
    try {
      const { fileDataStart } = await this.#zip.readLocalFileHeaderPromise(entry, { minimal: true });
      return { offset: fileDataStart, length: entry.uncompressedSize };
    } catch (thrown) {
      throw zipError(this.file, thrown, name);
    }
  }

  close(): void {
    this.#zip.close();
  }
}

/**
 * Writes an archive whose entries are stored as they are: beside it first, then under its name.
 * @throws GenscopeError `output.notWritable`
 */
export async function writeZip(
  file: string,
  entries: readonly { readonly name: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  const zip = new ZipOutput();
  // A fixed date, so that the same numbers are the same file.
  const options = { compress: false, mtime: new Date(1980, 0, 1), forceDosTimestamp: true };
  for (const { name, bytes } of entries)
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, options);
  zip.end();
  const out = new AtomicFile(file);
  try {
    for await (const chunk of zip.outputStream) out.write(chunk as Buffer);
    out.commit();
  } finally {
    out.abandon();
  }
}

function zipError(file: string, thrown: unknown, entry?: string): GenscopeError {
  if (thrown instanceof GenscopeError) return thrown;
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOENT')
    return new GenscopeError('input.invalid', `There is no file at ${file}.`, 'Choose it again.', {
      detail: String(thrown),
    });
  const what = entry === undefined ? message : `“${entry}”: ${message}`;
  return damaged(file, what, String(thrown));
}

function damaged(file: string, why: string, detail?: string): GenscopeError {
  return new GenscopeError(
    'input.invalid',
    `${path.basename(file)} cannot be read as a zip archive: ${why.replace(/[.:\s]+$/, '')}.`,
    'Copy or download it again; it may be cut off.',
    detail === undefined ? {} : { detail },
  );
}

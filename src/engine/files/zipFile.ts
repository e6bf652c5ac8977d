/**
 * Zip archives, one entry at a time from the file itself: an archive of pictures may be larger than the memory. Read by
 * yauzl (random access, ZIP64, sizes checked), written by yazl; both small, of one author, and maintained. Checksums are
 * checked here, which yauzl leaves to its callers.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type Entry, getFileNameLowLevel, openPromise, type ZipFile } from 'yauzl';
import { ZipFile as ZipOutput } from 'yazl';
import { AtomicFile } from '../../shared/files/atomic.ts';
import { inWords, NOT_REGULAR, openRegular, reasonOf } from '../../shared/files/readSmall.ts';
import { GenscopeError } from '../../shared/kernel/errors.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes once it is unpacked. */
  readonly size: number;
}

/** An entry that is read whole never takes more memory than this, unless its reader knows better. */
const MOST_BYTES = 2 ** 30;
/** ImageNet has 1.3 million pictures. */
const MOST_ENTRIES = 4_000_000;
/** Deflate cannot do better (zlib.net/zlib_tech.html): an entry that claims more than this of each byte is lying. */
const MOST_RATIO = 1032;

function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  return getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
}

export class ZipArchive {
  readonly file: string;
  /** In the order of the archive's directory; folders are none. */
  readonly entries: readonly ZipEntry[];
  readonly #zip: ZipFile;
  readonly #byName: ReadonlyMap<string, Entry>;

  private constructor(file: string, zip: ZipFile, entries: readonly (readonly [string, Entry])[]) {
    this.file = file;
    this.#zip = zip;
    this.#byName = new Map(entries);
    this.entries = entries.map(([name, { uncompressedSize }]) => ({ name, size: uncompressedSize }));
  }

  /** @throws GenscopeError `input.invalid` for what is no zip archive, or damaged */
  static async open(file: string): Promise<ZipArchive> {
    try {
      // What opens it waits for a pipe's writer for ever.
      fs.closeSync(openRegular(file).descriptor);
      // Names are decoded below: yauzl refuses an archive for one absolute path, which matters to who unpacks it. Here
      // nothing is unpacked, and a name is a name.
      const zip = await openPromise(file, { lazyEntries: true, autoClose: false, decodeStrings: false });
      const entries: [string, Entry][] = [];
      try {
        if (zip.entryCount > MOST_ENTRIES) throw new Error(`it lists ${zip.entryCount} files`);
        for await (const entry of zip.eachEntry()) {
          const name = nameOf(entry);
          if (!name.endsWith('/')) entries.push([name, entry]);
        }
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

  /** Bytes of an entry once it is unpacked. @throws GenscopeError `input.invalid` for one that cannot be that large */
  sizeOf(name: string): number {
    const { uncompressedSize, compressedSize } = this.#entry(name);
    if (uncompressedSize > compressedSize * MOST_RATIO + MOST_RATIO)
      throw damaged(this.file, `“${name}” cannot hold the ${inWords(uncompressedSize)} that it claims`);
    return uncompressedSize;
  }

  /**
   * All bytes of an entry, checked against its checksum.
   * @throws GenscopeError `input.invalid` for one that is missing, damaged, encrypted, or larger than `most` bytes
   */
  async read(name: string, most = MOST_BYTES): Promise<Uint8Array<ArrayBuffer>> {
    const size = this.sizeOf(name);
    if (size > most) throw damaged(this.file, `“${name}” would take ${inWords(size)}`);
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = new Uint8Array(size);
    } catch (thrown) {
      throw damaged(this.file, `“${name}” would take ${inWords(size)}`, String(thrown));
    }
    let at = 0;
    for await (const chunk of this.chunks(name)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** The first bytes of an entry, at most `length`. Its checksum is not looked at. */
  async head(name: string, length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = length;
    for await (const chunk of this.chunks(name)) {
      parts.push(chunk.subarray(0, missing));
      missing -= chunk.length;
      if (missing <= 0) break;
    }
    return Buffer.concat(parts);
  }

  /**
   * An entry's bytes in pieces; the checksum is known to be right only once all have come.
   * @throws GenscopeError `input.invalid`
   */
  async *chunks(name: string): AsyncGenerator<Uint8Array> {
    this.sizeOf(name);
    const entry = this.#entry(name);
    let sum = 0;
    try {
      for await (const chunk of await this.#zip.openReadStreamPromise(entry)) {
        const bytes = chunk as Buffer;
        // Node answers 0 for the CRC of nothing, whatever went before.
        if (bytes.length > 0) sum = crc32(bytes, sum);
        yield bytes;
      }
    } catch (thrown) {
      throw zipError(this.file, thrown, name);
    }
    if (sum !== entry.crc32) throw damaged(this.file, `the checksum of “${name}” is wrong`);
  }

  #entry(name: string): Entry {
    const entry = this.#byName.get(name);
    if (entry === undefined) throw damaged(this.file, `it has no “${name}”`);
    return entry;
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

/** Bytes of an entry that is to be written, made when it is its turn: what is large is never held twice. */
export interface ZipContent {
  readonly name: string;
  readonly size: number;
  pieces(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

const PIECE = 4 << 20;

/** Bytes that are there already, in pieces. */
export function zipContent(name: string, ...parts: readonly Uint8Array[]): ZipContent {
  return {
    name,
    size: parts.reduce((sum, part) => sum + part.length, 0),
    *pieces() {
      for (const part of parts)
        for (let at = 0; at < part.length; at += PIECE) yield part.subarray(at, at + PIECE);
    },
  };
}

/**
 * Writes an archive whose entries are stored as they are, of any size (ZIP64 where it needs to be): beside it first, then
 * under its name.
 * @throws GenscopeError `output.notWritable`, and whatever making the entries throws
 */
export async function writeZip(
  file: string,
  entries: readonly ({ readonly name: string; readonly bytes: Uint8Array } | ZipContent)[],
): Promise<void> {
  const zip = new ZipOutput();
  let failure: unknown = null;
  // A broken entry ends the archive, not the process.
  zip.on('error', (thrown: unknown) => {
    failure ??= thrown;
    (zip.outputStream as Readable).destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
  });
  // A fixed date, so that the same numbers are the same file.
  const options = { compress: false, mtime: new Date(1980, 0, 1), forceDosTimestamp: true };
  for (const entry of entries) {
    const { name, size, pieces } = 'bytes' in entry ? zipContent(entry.name, entry.bytes) : entry;
    zip.addReadStreamLazy(name, { ...options, size }, (give) => {
      const stream = Readable.from(pieces(), { objectMode: false });
      stream.on('error', (thrown) => zip.emit('error', thrown));
      give(null, stream);
    });
  }
  zip.end();
  const out = new AtomicFile(file);
  try {
    for await (const chunk of zip.outputStream) out.write(chunk as Buffer);
    if (failure !== null) throw failure;
    out.commit();
  } catch (thrown) {
    throw failure ?? thrown;
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
  if (code === NOT_REGULAR || code === 'EISDIR') return damaged(file, reasonOf(thrown), String(thrown));
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

/**
 * Segmenters from the Hugging Face hub, into the cache that the Python libraries use. Nothing here is called unasked: the
 * caller has asked the person before.
 */
import path from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { openModel } from '../../onnx/open.ts';
import { asGenscopeError, cancelled, GenscopeError } from '../../shared/kernel/errors.ts';
import { openFileSource } from '../files/fileSource.ts';
import { CONFIG, chooseModel, MODEL_FILES, PREPROCESSOR, precisionWarning } from '../segmenter/folder.ts';
import { isCommit, RepoCache } from './cache.ts';
import {
  asHubError,
  checkNames,
  endpointOf,
  type HubRequest,
  requireInside,
  requireSafe,
} from './request.ts';
import { type HubFile, transfer } from './transfer.ts';
import { openTransport, type Transport } from './transport.ts';

export type { HubProgress, HubRequest } from './request.ts';

export interface HubSnapshot {
  /** Laid out as the repository is: what `openSegmenter` takes. */
  readonly folder: string;
  readonly commit: string;
  readonly warnings: readonly string[];
}

type Hub = typeof import('@huggingface/hub');
type PathInfo = Awaited<ReturnType<Hub['pathsInfo']>>[number];

/**
 * Fetches what a segmenter needs and the cache lacks: both JSON files, the best ONNX model, and the files its weights are
 * in. A commit whose files are all there is not asked for again; a branch costs one request, and an unreachable hub
 * nothing but a warning where the branch has been fetched before.
 * @throws GenscopeError `hub.*`, `request.cancelled`, `input.invalid` for names that are none
 */
export async function downloadFromHub(request: HubRequest): Promise<HubSnapshot> {
  checkNames(request);
  // Loaded when somebody downloads: it would double what the engine starts with.
  const hub = await import('@huggingface/hub');
  const cacheDir = request.cacheDir ?? hub.getHFHubCachePath();
  const repo = { type: 'model', name: request.id } as const;
  const cache = new RepoCache(cacheDir, hub.getRepoFolderName(repo));
  try {
    return await new Download(hub, request, cache).snapshot();
  } catch (thrown) {
    throw request.signal.aborted ? cancelled() : asHubError(thrown, request, cacheDir);
  }
}

class Download {
  readonly #hub: Hub;
  readonly #request: HubRequest;
  readonly #cache: RepoCache;
  readonly #transport: Transport;
  /** What every call of the library takes. */
  readonly #common: { hubUrl: string; fetch: typeof fetch; accessToken?: string };
  #total = 0;
  #finished = 0;

  constructor(hub: Hub, request: HubRequest, cache: RepoCache) {
    const endpoint = endpointOf(request);
    const token = request.token ?? process.env.HF_TOKEN;
    requireSafe(endpoint, token);
    this.#hub = hub;
    this.#request = request;
    this.#cache = cache;
    this.#transport = openTransport(request, endpoint);
    const { fetch } = this.#transport;
    this.#common = token ? { hubUrl: endpoint, fetch, accessToken: token } : { hubUrl: endpoint, fetch };
  }

  async snapshot(): Promise<HubSnapshot> {
    const { revision } = this.#request;
    const known = this.#cache.readRef(revision);
    if (known !== null && isCommit(revision)) {
      const complete = this.#complete(known);
      if (complete) return complete;
    }
    let listed: { commit: string; files: readonly string[] };
    try {
      listed = await this.#list();
    } catch (thrown) {
      const kept = known === null ? null : this.#complete(known);
      const error = asGenscopeError(thrown);
      if (kept === null || error.code !== 'hub.unreachable') throw thrown;
      const says = `${error.message} The copy of ${this.#request.id} that was fetched earlier is used.`;
      return { ...kept, warnings: [...kept.warnings, says] };
    }
    this.#cache.writeRef(revision, listed.commit);
    const complete = this.#complete(listed.commit, listed.files);
    return complete ?? this.#fetchAll(listed.commit, listed.files);
  }

  /** The snapshot, where nothing is missing from it. @param listed what the repository holds, if it was asked */
  #complete(commit: string, listed?: readonly string[]): HubSnapshot | null {
    const { files } = this.#request;
    const there = (name: string) => this.#cache.has(commit, name);
    const model = files ? modelIn(files) : chooseModel(listed ?? MODEL_FILES.filter(there));
    const wanted = files ?? [CONFIG, PREPROCESSOR, model ?? '(none)'];
    if (!wanted.every(there)) return null;
    if (model !== undefined && !this.#weightsOf(commit, model).every(there)) return null;
    return this.#result(commit, model);
  }

  #result(commit: string, model: string | undefined): HubSnapshot {
    const warning = model === undefined ? null : precisionWarning(model);
    return { folder: this.#cache.snapshot(commit), commit, warnings: warning === null ? [] : [warning] };
  }

  /** The commit behind the revision, and what it holds. */
  async #list(): Promise<{ commit: string; files: readonly string[] }> {
    const { id, revision } = this.#request;
    const { sha, filePaths } = await this.#hub.modelInfo({
      ...this.#common,
      name: id,
      revision,
      additionalFields: ['sha', 'filePaths'],
    });
    if (!isCommit(sha)) throw new Error(`the hub names no commit, but “${sha}”`);
    return { commit: sha, files: filePaths };
  }

  async #fetchAll(commit: string, listed: readonly string[]): Promise<HubSnapshot> {
    const { files, id } = this.#request;
    const model = files ? modelIn(files) : chooseModel(listed);
    const wanted = files ?? [CONFIG, PREPROCESSOR, model ?? 'onnx/model.onnx'];
    const missing = wanted.filter((name) => !listed.includes(name));
    if (missing.length > 0) throw lacks(id, missing);
    await this.#fetch(commit, wanted);
    if (model !== undefined) await this.#fetch(commit, this.#weightsOf(commit, model));
    return this.#result(commit, model);
  }

  /** The files that a model's weights are in, as paths in the repository. */
  #weightsOf(commit: string, model: string): string[] {
    const source = openFileSource(this.#cache.file(commit, model));
    try {
      const names = openModel(source, path.posix.basename(model)).externalFiles;
      return names.map((name) => {
        requireInside(name);
        return path.posix.join(path.posix.dirname(model), name);
      });
    } finally {
      source.close();
    }
  }

  async #fetch(commit: string, names: readonly string[]): Promise<void> {
    const absent = names.filter((name) => !this.#cache.has(commit, name));
    if (absent.length === 0) return;
    const infos = await this.#hub.pathsInfo({
      ...this.#common,
      repo: { type: 'model', name: this.#request.id },
      paths: [...absent],
      revision: commit,
    });
    const files = absent.map((name) =>
      hubFile(
        name,
        infos.find((info) => info.path === name),
      ),
    );
    const unknown = files.flatMap((file, i) => (file === null ? [absent[i] as string] : []));
    if (unknown.length > 0) throw lacks(this.#request.id, unknown);
    this.#total += files.reduce((sum, file) => sum + (file?.size ?? 0), 0);
    for (const file of files) if (file !== null) await this.#fetchOne(commit, file);
  }

  async #fetchOne(commit: string, file: HubFile): Promise<void> {
    const blob = this.#cache.blob(file.hash);
    if (!this.#cache.hasBlob(file.hash, file.size)) {
      await transfer(file, blob, {
        signal: this.#request.signal,
        failure: this.#transport.failure,
        rangesRefused: this.#transport.rangesRefused,
        open: (from) => this.#open(commit, file, from),
        onBytes: (loaded) => this.#report(file.name, loaded),
      });
    }
    this.#cache.link(commit, file.name, file.hash);
    this.#finished += file.size;
    this.#report(file.name, 0);
  }

  /** The library's blob of a URL fetches ranges, once it is told the size; asking for that again is saved. */
  async #open(commit: string, file: HubFile, from: number): Promise<ReadableStream<Uint8Array>> {
    const { id } = this.#request;
    const name = file.name.split('/').map(encodeURIComponent).join('/');
    const blob = await this.#hub.downloadFile({
      ...this.#common,
      repo: { type: 'model', name: id },
      path: file.name,
      revision: commit,
      // Xet's own protocol cannot go on where it broke off; the hub serves the same bytes over plain HTTP.
      xet: false,
      downloadInfo: {
        size: file.size,
        etag: file.hash,
        url: `${this.#common.hubUrl}/${id}/resolve/${commit}/${name}`,
      },
    });
    if (blob === null) throw lacks(id, [file.name]);
    return (from === 0 ? blob : blob.slice(from)).stream() as ReadableStream<Uint8Array>;
  }

  #report(file: string, loaded: number): void {
    this.#request.onProgress({ file, loaded: this.#finished + loaded, total: this.#total });
  }
}

function modelIn(files: readonly string[]): string | undefined {
  return files.find((name) => name.endsWith('.onnx'));
}

/** What the hub says of a file; null where it has none of that name. Its hash becomes a file's name, so it has to be one. */
function hubFile(name: string, info: PathInfo | undefined): HubFile | null {
  if (info?.type !== 'file') return null;
  const hash = info.lfs?.oid ?? info.oid ?? '';
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash)) throw new Error(`malformed hash of ${name}: “${hash}”`);
  return { name, size: info.size, hash };
}

function lacks(id: string, names: readonly string[]): GenscopeError {
  const what = names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return new GenscopeError(
    'hub.notFound',
    `${id} has no ${what}.`,
    'Choose a repository with an ONNX export (many are under “onnx-community” and “Xenova”), or export it with `optimum-cli export onnx --task semantic-segmentation`.',
  );
}

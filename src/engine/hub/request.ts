/** What is asked of the hub, and the words for what it answers when it does not give it. */
import { asGenscopeError, GenscopeError } from '../../shared/kernel/errors.ts';

export interface HubProgress {
  /** The file on its way. */
  readonly file: string;
  /** Bytes of all files so far, those that were there already among them. */
  readonly loaded: number;
  /** Bytes of all files known by now: external weights are learnt of when the model has arrived. */
  readonly total: number;
}

export interface HubRequest {
  /** `organisation/name`. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** Instead of the two JSON files and the best model of the repository. */
  readonly files?: readonly string[];
  /** Default: HF_ENDPOINT, else the public hub. */
  readonly endpoint?: string;
  /** Default: HF_TOKEN. */
  readonly token?: string;
  /** Default: HF_HUB_CACHE, HF_HOME or XDG_CACHE_HOME as in Python, else ~/.cache/huggingface/hub. */
  readonly cacheDir?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: HubProgress) => void;
}

const PUBLIC_HUB = 'https://huggingface.co';

/** Names become paths below the cache, so nothing may lead out of it. @throws GenscopeError `input.invalid` */
export function checkNames({ id, revision, files = [] }: HubRequest): void {
  if (!/^[\w-][\w.-]*(\/[\w-][\w.-]*)?$/.test(id) || id.includes('..') || id.includes('--'))
    throw new GenscopeError(
      'input.invalid',
      `“${id}” is no name of a model on the hub.`,
      'Write it as organisation/name, such as nvidia/segformer-b0-finetuned-ade-512-512.',
    );
  for (const name of [revision, ...files]) requireInside(name);
}

/** @throws GenscopeError `input.invalid` for a path that is absolute or goes up, on any system */
export function requireInside(name: string): void {
  const parts = name.split(/[\\/]/);
  if (
    name !== '' &&
    !name.includes('\\') &&
    !/^[a-zA-Z]:/.test(name) &&
    !parts.some((part) => part === '..' || part === '')
  )
    return;
  throw new GenscopeError(
    'input.invalid',
    `“${name}” is no file or revision of a model on the hub.`,
    'Check the spelling; a revision is a branch, a tag or a commit.',
  );
}

/** @throws GenscopeError `input.invalid` for an address that is none */
export function endpointOf({ endpoint = process.env.HF_ENDPOINT || PUBLIC_HUB }: HubRequest): string {
  const { protocol } = URL.canParse(endpoint) ? new URL(endpoint) : { protocol: '' };
  if (protocol === 'https:' || protocol === 'http:') return endpoint.replace(/\/+$/, '');
  throw new GenscopeError(
    'input.invalid',
    `“${endpoint}” is no address of a hub.`,
    'Set HF_ENDPOINT to one such as https://huggingface.co, or unset it.',
  );
}

/**
 * A token is a key to an account: it is only ever sent where nobody on the way can read it.
 * @throws GenscopeError `hub.denied` for one that would go over http to another machine
 */
export function requireSafe(endpoint: string, token: string | undefined): void {
  const { protocol, hostname } = new URL(endpoint);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (!token || protocol === 'https:' || here) return;
  throw new GenscopeError(
    'hub.denied',
    `The token for the hub would go to ${new URL(endpoint).host} unencrypted (http).`,
    'Set HF_ENDPOINT to an address that begins with https://, or unset HF_TOKEN.',
  );
}

/** A status that is no success, in our words. */
export function statusError(status: number, id: string, url: string): GenscopeError {
  const detail = `HTTP ${status} from ${url}`;
  if (status === 401 || status === 403)
    return new GenscopeError(
      'hub.denied',
      `The hub does not let you read ${id}: it is private, needs its terms accepted, or does not exist.`,
      'Check the name, accept the terms on its page if it has any, and set HF_TOKEN to a token that may read it.',
      { detail },
    );
  if (status === 404)
    return new GenscopeError(
      'hub.notFound',
      `There is no ${id} on the hub, or not in this revision.`,
      'Check the name and the revision.',
      { detail },
    );
  const busy =
    status === 429 ? 'The hub is asked too often from here' : `The hub answered with an error (${status})`;
  return new GenscopeError(
    'hub.unreachable',
    `${busy}.`,
    'Try again in a few minutes; what has arrived is kept.',
    {
      next: ['retry'],
      detail,
    },
  );
}

/** A connection that was not made, or broke. */
export function networkError(thrown: unknown, endpoint: string): GenscopeError {
  return new GenscopeError(
    'hub.unreachable',
    `${new URL(endpoint).host} cannot be reached.`,
    'Check the network and any proxy, and try again; what has arrived is kept. A downloaded folder works without a network.',
    { next: ['retry'], detail: detailOf(thrown) },
  );
}

function detailOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause === undefined ? String(thrown) : `${String(thrown)}: ${String(thrown.cause)}`;
}

/** What a library or the file system threw, coded. */
export function asHubError(thrown: unknown, { id }: HubRequest, folder: string): GenscopeError {
  if (thrown instanceof GenscopeError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, String(thrown));
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new GenscopeError(
      'output.notWritable',
      `${folder} cannot be written to.`,
      'Set HF_HOME to a folder that can.',
      { detail: String(thrown) },
    );
  if (thrown instanceof TypeError && /hf_/.test(thrown.message))
    return new GenscopeError(
      'hub.denied',
      'The token for the hub is none: it does not begin with “hf_”.',
      'Set HF_TOKEN to a token from the settings of your account there, or unset it.',
    );
  if (
    thrown instanceof SyntaxError ||
    (thrown instanceof Error && /malformed|response/i.test(thrown.message))
  )
    return new GenscopeError(
      'hub.unreachable',
      'What answered is no Hugging Face hub.',
      'Check HF_ENDPOINT, and whether a login page or a proxy answers in its place.',
      { next: ['retry'], detail: String(thrown) },
    );
  return asGenscopeError(new Error(`${id}: ${String(thrown)}`, { cause: thrown }));
}

export function diskFull(folder: string, detail: string): GenscopeError {
  return new GenscopeError(
    'hub.diskFull',
    `The disk of ${folder} is full.`,
    'Free some space, or set HF_HOME to a folder on another disk; what has arrived is kept.',
    { next: ['retry'], detail },
  );
}

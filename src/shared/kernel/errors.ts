/**
 * One error type for everything a person may meet. It travels as plain data over both RPC channels
 * (process IPC and `postMessage`), so it is coded and carries its next step with it.
 */

/** What went wrong, by area. The part before the dot is the area, the part after it the case. */
export type ErrorCode =
  | 'model.missing'
  | 'model.unreadable'
  | 'model.empty'
  | 'model.truncated'
  | 'model.notOnnx'
  | 'model.checkpoint'
  | 'model.lfsPointer'
  | 'model.externalDataMissing'
  | 'model.unsupported'
  | 'model.notGenerator'
  | 'model.rolesUnknown'
  | 'model.nonFinite'
  | 'model.changed'
  | 'segmenter.missing'
  | 'segmenter.invalid'
  | 'segmenter.unsuitable'
  | 'segmenter.mismatch'
  | 'segmenter.nonFinite'
  | 'extractor.missing'
  | 'extractor.invalid'
  | 'extractor.unsuitable'
  | 'extractor.nonFinite'
  | 'reference.missing'
  | 'reference.invalid'
  | 'reference.mismatch'
  | 'hub.unreachable'
  | 'hub.denied'
  | 'hub.notFound'
  | 'hub.damaged'
  | 'hub.diskFull'
  | 'sidecar.invalid'
  | 'sidecar.notWritable'
  | 'input.invalid'
  | 'output.notWritable'
  | 'engine.crashed'
  | 'engine.dying'
  | 'engine.busy'
  | 'engine.stopped'
  | 'runtime.failed'
  | 'request.cancelled'
  | 'internal';

/** A way on from an error that the page can offer as a button. */
export type NextStep = 'copyExportCode' | 'answerRoles' | 'restartEngine' | 'showLog' | 'retry' | 'openDemo';

export interface ErrorData {
  readonly code: ErrorCode;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly advice: string;
  readonly next: readonly NextStep[];
  /** The underlying library's own words, for the log and for *Show details*. */
  readonly detail?: string;
}

export class GenscopeError extends Error implements ErrorData {
  readonly code: ErrorCode;
  readonly advice: string;
  readonly next: readonly NextStep[];
  readonly detail?: string;

  constructor(
    code: ErrorCode,
    message: string,
    advice: string,
    more: { next?: readonly NextStep[]; detail?: string } = {},
  ) {
    super(message);
    this.name = 'GenscopeError';
    this.code = code;
    this.advice = advice;
    this.next = more.next ?? [];
    if (more.detail !== undefined) this.detail = more.detail;
  }

  toData(): ErrorData {
    const data: ErrorData = { code: this.code, message: this.message, advice: this.advice, next: this.next };
    return this.detail === undefined ? data : { ...data, detail: this.detail };
  }

  static fromData(data: ErrorData): GenscopeError {
    const more: { next: readonly NextStep[]; detail?: string } = { next: data.next };
    if (data.detail !== undefined) more.detail = data.detail;
    return new GenscopeError(data.code, data.message, data.advice, more);
  }
}

/** The error of a request that the person called off; never shown as a failure. */
export function cancelled(): GenscopeError {
  return new GenscopeError('request.cancelled', 'Cancelled.', 'Start it again when you want it.');
}

export function isCancelled(error: unknown): boolean {
  return error instanceof GenscopeError && error.code === 'request.cancelled';
}

export function isErrorData(value: unknown): value is ErrorData {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Partial<Record<keyof ErrorData, unknown>>;
  return (
    typeof candidate.code === 'string' &&
    typeof candidate.message === 'string' &&
    typeof candidate.advice === 'string' &&
    Array.isArray(candidate.next)
  );
}

/** What Node's file system gives as `code`, in words; what is not here is shown as it is. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'you may not use it',
  EPERM: 'you may not use it',
  EROFS: 'its disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is full',
  EIO: 'its disk does not answer',
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EISDIR: 'it is a folder',
  ELOOP: 'it is a link that leads round in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EBUSY: 'another program is using it',
  ESTALE: 'its network folder is no longer there',
};
const WRITING = new Set([
  'write',
  'mkdir',
  'rename',
  'unlink',
  'rmdir',
  'copyfile',
  'ftruncate',
  'fsync',
  'chmod',
]);

/** A length that is negative or no number is a mistake of ours; one of billions is a wish that no machine grants. */
function isOfMemory(message: string): boolean {
  if (/allocation failed/i.test(message)) return true;
  const length = /^Invalid (?:typed )?array(?: buffer)? length(?:: (\d+))?$/i.exec(message)?.[1];
  return length !== undefined && Number(length) >= 2 ** 31;
}

/** A disk, a permission or too little memory is no fault inside Genscope, whoever forgot to say so. */
function ofTheMachine(thrown: unknown, detail: string): GenscopeError | null {
  if (thrown instanceof RangeError && isOfMemory(thrown.message))
    return new GenscopeError(
      'input.invalid',
      'There is not enough memory for this.',
      'Ask for less at once (fewer samples, a smaller size), or close other programs.',
      { detail },
    );
  if (!(thrown instanceof Error)) return null;
  const { code, path, syscall } = thrown as Error & { code?: unknown; path?: unknown; syscall?: unknown };
  if (typeof code !== 'string' || typeof path !== 'string' || !/^E[A-Z0-9]+$/.test(code)) return null;
  const isWriting =
    (typeof syscall === 'string' && WRITING.has(syscall)) || code === 'ENOSPC' || code === 'EROFS';
  return new GenscopeError(
    isWriting ? 'output.notWritable' : 'input.invalid',
    `${path} cannot be ${isWriting ? 'written' : 'used'}: ${REASONS[code] ?? code}.`,
    isWriting ? 'Choose another place, or make room there.' : 'Mend that, or choose another file.',
    { detail },
  );
}
/** Any thrown value as a `GenscopeError`; what is not already one becomes `internal` with its words kept. */
export function asGenscopeError(thrown: unknown): GenscopeError {
  if (thrown instanceof GenscopeError) return thrown;
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const outside = ofTheMachine(thrown, detail);
  if (outside !== null) return outside;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GenscopeError(
    'internal',
    `Something went wrong inside Genscope: ${firstLine(message)}`,
    'Show the log for the details, and please report it.',
    { next: ['showLog'], detail },
  );
}

/** The first line of a library's message, without its trailing stack. */
export function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}

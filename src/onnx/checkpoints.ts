/** Training checkpoints opened by mistake, by their magic numbers: weights in a container, without a graph to run. */
import { GenscopeError } from '../shared/kernel/errors.ts';

/** What is known of a file that may not be a model. */
export interface Sniffed {
  readonly name: string;
  /** The extension in lower case, without the dot. */
  readonly extension: string;
  readonly head: Uint8Array;
  readonly size: number;
  /** The head as Latin-1, for looking up ASCII. */
  readonly text: string;
}

const TORCH_ADVICE =
  'Load it in Python and export the generator with `torch.onnx.export`; Copy Export Code gives you the lines.';
const KERAS_ADVICE =
  'Load it in Python and export the generator with `tf2onnx`, then open the file it writes.';

export const CHECKPOINT_EXTENSIONS = new Set([
  'pt',
  'pth',
  'ckpt',
  'pkl',
  'pickle',
  'safetensors',
  'h5',
  'hdf5',
  'keras',
  'bin',
  'tar',
]);

/** Checkpoints by their magic numbers, whatever the file is called. */
export function checkpoint({ head, text, extension, size }: Sniffed): GenscopeError | null {
  if (text.startsWith('PK\x03\x04')) {
    // torch.save writes a zip whose first entries are <name>/data.pkl, .format_version or byteorder.
    const isTorch =
      /\/(data\.pkl|\.format_version|byteorder|version|\.data\/serialization_id|constants\.pkl)/.test(text);
    if (isTorch)
      return checkpointError(
        'a PyTorch checkpoint (or TorchScript archive): weights without a graph',
        TORCH_ADVICE,
      );
    if (extension === 'keras') return checkpointError('a Keras archive', KERAS_ADVICE);
    if (CHECKPOINT_EXTENSIONS.has(extension))
      return checkpointError('a checkpoint: weights without a graph', TORCH_ADVICE);
    return null;
  }
  const [first = 0, protocol = 0] = head;
  if (first === 0x80 && protocol >= 2 && protocol <= 5) {
    return checkpointError('a Python pickle, as older PyTorch and StyleGAN checkpoints are', TORCH_ADVICE);
  }
  if (text.startsWith('\x89HDF\r\n\x1a\n'))
    return checkpointError('an HDF5 checkpoint, as Keras writes them', KERAS_ADVICE);
  if (isSafetensors(head, size))
    return checkpointError('a safetensors checkpoint: weights without a graph', TORCH_ADVICE);
  return null;
}

/** Eight bytes of header length, little-endian, then the header, a JSON object. https://github.com/huggingface/safetensors */
function isSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 10 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true);
  return length >= 2n && length + 8n <= BigInt(size) && length < 100_000_000n;
}

export function torchCheckpoint(): GenscopeError {
  return checkpointError('a checkpoint: weights without a graph', TORCH_ADVICE);
}

function checkpointError(what: string, advice: string): GenscopeError {
  const message = `This file is ${what}, not an ONNX model.`;
  return new GenscopeError('model.checkpoint', message, advice, { next: ['copyExportCode'] });
}

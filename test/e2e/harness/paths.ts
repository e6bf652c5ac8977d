/** Where things lie, for the tests. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
export const DEMO = join(ROOT, 'media', 'demo');
export const DEMO_GENERATOR = join(DEMO, 'generator.onnx');

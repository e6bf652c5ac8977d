/** The folder that the demo opens: a generator beside the code that trains it. */
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, Complaint, ROOT } from './proc.mjs';

const MODELS = ['generator.onnx', 'generator.genscope.json', 'checkpoints', 'translate'];

/** Makes the folder anew, so that the demo always starts from the same; answers its path. */
export async function makeDemoWorkspace() {
  const demo = join(ROOT, 'media', 'demo');
  if (!existsSync(join(demo, 'generator.onnx'))) throw new Complaint('media/demo/generator.onnx is missing.');
  const folder = join(CACHE, 'demo-workspace');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(ROOT, 'scripts', 'demo-workspace'), folder, { recursive: true });
  for (const name of MODELS) {
    // Git may hold a checkout without the larger ones; the generator alone makes a demo.
    if (existsSync(join(demo, name))) await cp(join(demo, name), join(folder, name), { recursive: true });
  }
  return folder;
}

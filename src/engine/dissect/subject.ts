/** What is taken apart: a generator and the samples it draws, or an image-to-image model and the pictures it is given. */

import type { LatentPlan } from '../../shared/samples/latents.ts';
import type { Dissection } from '../../shared/units/dissection.ts';
import type { Generator } from '../generator/generator.ts';
import type { LayerPlace } from '../generator/layerSession.ts';
import { type FoundLayers, layersIn } from '../open/layers.ts';
import type { ModelFile } from '../open/modelFile.ts';
import { ImageReader, type ImageReading, type Segmentation } from './imageReader.ts';

/** Which of the two samples is read: levels are chosen on one, agreement is measured on another. */
export interface SampleChoice {
  readonly plan: LatentPlan;
  readonly isLevels: boolean;
}

export interface DissectSubject {
  readonly file: ModelFile;
  readonly fileName: string;
  readonly image: { readonly width: number; readonly height: number };
  /** 0 where it has none, and for pictures that are translated. */
  readonly classes: number;
  /** Images that one run can make. */
  readonly rowsPerRun: number;
  readonly warnings: readonly string[];
  /** Of an image-to-image model. */
  readonly pictures?: Dissection['pictures'];
  layers(): Promise<FoundLayers>;
  /** Everything besides the file's bytes and the settings that decides its images. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** @param segmentation null runs the graph only as far as the layers, and there are no pictures */
  open(
    sample: SampleChoice,
    layers: readonly LayerPlace[],
    segmentation: Segmentation | null,
  ): Promise<ImageReading>;
}

export function generatorSubject(generator: Generator): DissectSubject {
  const { file, fileName, image, classes, rowsPerRun, warnings, inputRoles, imageRole } = generator;
  // The rows of an embedding lie in a file of their own, which only the stamp knows of.
  const hasRows = Object.values(inputRoles).some(({ role }) => role === 'embedding');
  return {
    ...{ file, fileName, image, classes, rowsPerRun, warnings },
    identity: { inputRoles, imageRole, rows: hasRows ? file.stamp : '' },
    layers: () => layersIn(generator),
    open: ({ plan }, layers, segmentation) => ImageReader.open({ generator, plan, layers, segmentation }),
  };
}

/** The null's partners are drawn from images before, cyclically: the first ones' lie at the end of the sample. */
import { expect, it } from 'vitest';
import { Dissector } from '../../src/engine/dissect/dissector.ts';
import type { Labeller } from '../../src/engine/dissect/imageReader.ts';
import { generatorSubject } from '../../src/engine/dissect/subject.ts';
import { layersIn } from '../../src/engine/open/layers.ts';
import { SEGMENTER, settings, withModels } from './support/dissection.ts';
import { DEMO } from './support/engine.ts';

it.each([40, 48, 5])('segments each of %i pictures once, the last ones before the first', async (samples) => {
  const models = withModels();
  const generator = await models.generator({ path: DEMO });
  const segmenter = await models.segmenter(SEGMENTER);
  let pictures = 0;
  const labeller: Labeller = {
    segment: (stack, size) => {
      pictures += stack.count;
      return segmenter.segment(stack, size);
    },
  };
  const all = (await layersIn(generator)).all;
  const dissector = new Dissector({
    ...{
      subject: generatorSubject(generator),
      labeller,
      settings: settings({ samples }),
      store: null,
      batch: 16,
    },
    layers: all.filter(({ name }) => name === 'l8b'),
    concepts: segmenter.description.concepts.length,
    signal: new AbortController().signal,
    report: () => undefined,
  });
  await dissector.run();
  expect(dissector.done).toBe(samples);
  expect(pictures).toBe(samples);
});

import { describe, expect, it } from 'vitest';
import {
  centred,
  fitLongest,
  fitMultiple,
  fitShortest,
  paddedTo,
  placed,
} from '../../../src/algorithms/images/placement.ts';
import { RESAMPLING, Resampler } from '../../../src/algorithms/images/resample.ts';
import { type ValueRules, valueTable, writeTensor } from '../../../src/algorithms/images/toTensor.ts';
import { readProcessor } from '../../../src/engine/segmenter/processor.ts';

const PLAIN: ValueRules = { scale: null, offset: false, normal: null, flipChannels: false, padding: 'black' };

/** RGBA whose red counts up from 1, green is red + 100, blue 200. */
function counting(height: number, width: number): Uint8Array {
  return Uint8Array.from({ length: height * width * 4 }, (_, i) => {
    const n = Math.floor(i / 4) + 1;
    return [n, n + 100, 200, 255][i % 4] as number;
  });
}

describe('resampling', () => {
  it('hands back what already has its size', () => {
    const picture = counting(3, 4);
    for (const filter of Object.values(RESAMPLING))
      expect(new Resampler([3, 4], [3, 4], filter).resize(picture)).toBe(picture);
  });

  it.each(Object.values(RESAMPLING))('filter %i keeps a plain colour plain', (filter) => {
    const picture = new Uint8Array(7 * 5 * 4).fill(113);
    const resized = new Resampler([7, 5], [11, 3], filter).resize(picture);
    expect(new Set(resized.filter((_, i) => i % 4 !== 3))).toEqual(new Set([113]));
    expect(new Set(resized.filter((_, i) => i % 4 === 3))).toEqual(new Set([255]));
  });
});

describe('placement', () => {
  it.each([
    [
      [100, 200],
      [50, 100],
    ],
    [
      [200, 100],
      [100, 50],
    ],
    [
      [75, 133],
      [50, 88],
    ],
    [
      [10, 10],
      [50, 50],
    ],
  ] as const)('the shorter side of %s to 50 is %s', (from, to) => {
    expect(fitShortest(from, 50)).toEqual(to);
  });

  it('the longer side has a limit', () => {
    expect(fitShortest([100, 400], 50, 120)).toEqual([30, 120]);
    expect(fitLongest([100, 400], 200)).toEqual([50, 200]);
  });

  it('sides are rounded to multiples, halves to even; one factor for both where the aspect ratio is kept', () => {
    expect(fitMultiple([64, 64], [60, 60], 32, false)).toEqual([64, 64]);
    expect(fitMultiple([100, 100], [48, 80], 32, false)).toEqual([64, 64]);
    expect(fitMultiple([480, 640], [384, 384], 32, true)).toEqual([384, 512]);
  });

  it('a cut and a padding lie about the middle', () => {
    expect(centred(placed([10, 10]), [4, 5])).toMatchObject({ input: [4, 5], start: [3, 2] });
    expect(centred(placed([4, 5]), [10, 10])).toMatchObject({ input: [10, 10], start: [-3, -3] });
    expect(paddedTo(placed([30, 33]), 32)).toMatchObject({ input: [32, 64], start: [-1, -15] });
  });
});

describe('tensors', () => {
  const write = (rules: ValueRules, place: ReturnType<typeof placed>) => {
    const out = new Float32Array(3 * place.input[0] * place.input[1]);
    writeTensor(counting(...place.resized), place, valueTable(rules), rules, out, 0);
    return [...out];
  };

  it('channels lie one after the other, and may be turned round', () => {
    expect(write(PLAIN, placed([1, 2]))).toEqual([1, 2, 101, 102, 200, 200]);
    expect(write({ ...PLAIN, flipChannels: true }, placed([1, 2]))).toEqual([200, 200, 101, 102, 1, 2]);
  });

  it('cut and padded', () => {
    expect(write(PLAIN, centred(placed([3, 3]), [1, 1]))).toEqual([5, 105, 200]);
    const padded = write(
      { ...PLAIN, padding: 'zeros', normal: { mean: [1, 1, 1], std: [1, 1, 1] } },
      centred(placed([1, 1]), [1, 3]),
    );
    expect(padded).toEqual([0, 0, 0, 0, 100, 0, 0, 199, 0]);
    const black = write(
      { ...PLAIN, normal: { mean: [1, 1, 1], std: [1, 1, 1] } },
      centred(placed([1, 1]), [1, 3]),
    );
    expect(black).toEqual([-1, 0, -1, -1, 100, -1, -1, 199, -1]);
  });

  it('values are rounded to float32 after each step, as NumPy rounds them', () => {
    // np.float32((np.float32(np.float64(77) * (1 / 255)) - np.float32(.485)) / np.float32(.229)), and 200, -.406, .225
    const normal = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const table = valueTable({ ...PLAIN, scale: 1 / 255, normal });
    expect(table[77]).toBe(-0.7992978692054749);
    expect(table[512 + 200]).toBe(1.6813944578170776);
  });

  it('an offset brings [0, 2] to [−1, 1]', () => {
    const table = valueTable({ ...PLAIN, scale: 1 / 127.5, offset: true });
    expect([table[0], table[255]]).toEqual([-1, 1]);
  });
});

describe('a processor', () => {
  it.each([
    ['SegformerFeatureExtractor', { reduce_labels: true, size: 512 }, [100, 200], [512, 512], 2],
    ['BeitImageProcessor', {}, [100, 200], [224, 224], 3],
    ['MobileViTFeatureExtractor', { size: 288, crop_size: 256 }, [100, 200], [256, 256], 2],
    [
      'MobileNetV2ImageProcessor',
      { size: { shortest_edge: 60 }, do_center_crop: false },
      [100, 200],
      [60, 120],
      2,
    ],
    [
      'DPTImageProcessor',
      { size: 384, keep_aspect_ratio: true, ensure_multiple_of: 32 },
      [480, 640],
      [384, 512],
      3,
    ],
    ['DPTImageProcessor', { size: [40, 50], do_pad: true, size_divisor: 32 }, [480, 640], [64, 64], 3],
    ['ConvNextImageProcessor', { size: { shortest_edge: 224 } }, [480, 640], [224, 224], 2],
    ['ConvNextImageProcessor', { size: 384 }, [480, 640], [384, 384], 2],
    ['ViTImageProcessor', { size: { longest_edge: 320 } }, [480, 640], [240, 320], 2],
    ['Unheard', { size: { height: 30, width: 40 } }, [480, 640], [30, 40], 2],
    ['Unheard', {}, [480, 640], [480, 640], 2],
  ])('%s with %j makes of %s a tensor of %s', (type, json, picture, input, resampling) => {
    const processor = readProcessor({ image_processor_type: type, ...json });
    expect(processor.place(picture as [number, number]).input).toEqual(input);
    expect(processor.resampling).toBe(resampling);
  });

  it('turns channels round, and normalises or not, as its kind does', () => {
    const mobilevit = readProcessor({ feature_extractor_type: 'MobileViTFeatureExtractor', size: null });
    expect(mobilevit.values).toMatchObject({ flipChannels: true, normal: null, scale: 1 / 255 });
    const segformer = readProcessor({
      image_processor_type: 'SegformerImageProcessor',
      do_rescale: false,
      image_std: 2,
    });
    expect(segformer.values).toMatchObject({
      scale: null,
      normal: { mean: [0.485, 0.456, 0.406], std: [2, 2, 2] },
    });
  });
});

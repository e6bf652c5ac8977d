/** What each image processor of transformers does where its configuration says nothing (models/<kind>/image_processing_<kind>.py). */

export interface Defaults {
  readonly named: boolean;
  /** A plain number as `size` means both sides; else the shorter one. */
  readonly square: boolean;
  /** Sides are rounded to multiples (DPT). */
  readonly multiples: boolean;
  /** The share of the picture that is left when its margin is cut off counts (ConvNeXT). */
  readonly cropShare: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
}

const IMAGENET = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const HALF = { image_mean: 0.5, image_std: 0.5 };
const USUAL = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true, resample: 2 };

const PLAIN = { named: true, square: true, multiples: false, cropShare: false };
const BY_SHORTER_SIDE = { ...PLAIN, square: false };

/** By the beginning of the class's name in lower case; the first that fits. */
const KINDS: readonly (readonly [string, Defaults])[] = [
  ['segformer', { ...PLAIN, settings: { ...USUAL, ...IMAGENET, size: 512 } }],
  [
    'beit',
    {
      ...PLAIN,
      settings: { ...USUAL, ...HALF, size: 256, resample: 3, do_center_crop: true, crop_size: 224 },
    },
  ],
  [
    'mobilevit',
    {
      ...BY_SHORTER_SIDE,
      settings: {
        ...USUAL,
        size: 224,
        do_normalize: false,
        do_center_crop: true,
        crop_size: 256,
        do_flip_channel_order: true,
      },
    },
  ],
  [
    'mobilenet',
    { ...BY_SHORTER_SIDE, settings: { ...USUAL, ...HALF, size: 256, do_center_crop: true, crop_size: 224 } },
  ],
  [
    'dpt',
    {
      ...PLAIN,
      multiples: true,
      settings: { ...USUAL, ...HALF, size: 384, resample: 3, ensure_multiple_of: 1 },
    },
  ],
  [
    'convnext',
    { ...BY_SHORTER_SIDE, cropShare: true, settings: { ...USUAL, ...HALF, size: 384, crop_pct: 224 / 256 } },
  ],
  ['vit', { ...PLAIN, settings: { ...USUAL, ...HALF, size: 224 } }],
];

/** A file that names no processor, or one we do not know: what it says, and the least for what it does not say. */
const UNNAMED: Defaults = {
  ...PLAIN,
  named: false,
  settings: { do_rescale: true, rescale_factor: 1 / 255, resample: 2 },
};

export function defaultsOf(name: string): Defaults {
  const key = name.toLowerCase();
  return KINDS.find(([start]) => key.startsWith(start))?.[1] ?? UNNAMED;
}

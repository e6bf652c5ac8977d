/** Where a picture lies in what a model is fed with: resized first, then cut or padded about the middle. */

/** Sizes are [height, width]. */
export interface Placement {
  readonly picture: readonly [number, number];
  readonly resized: readonly [number, number];
  /** Of the tensor. */
  readonly input: readonly [number, number];
  /** The resized pixel, row and column, that the tensor begins with; negative where padding comes first. */
  readonly start: readonly [number, number];
}

/** One axis of a placement: the tensor holds [start, start + length) of `whole` resized pixels. */
export interface Window {
  readonly whole: number;
  readonly start: number;
  readonly length: number;
}

export function placed(
  picture: readonly [number, number],
  resized: readonly [number, number] = picture,
): Placement {
  return { picture, resized, input: resized, start: [0, 0] };
}

export function rowsOf({ resized, start, input }: Placement): Window {
  return { whole: resized[0], start: start[0], length: input[0] };
}

export function columnsOf({ resized, start, input }: Placement): Window {
  return { whole: resized[1], start: start[1], length: input[1] };
}

/** Cut about the centre, or padded where the picture is smaller (transformers `center_crop`). */
export function centred(placement: Placement, size: readonly [number, number]): Placement {
  const { resized } = placement;
  const start = [Math.floor((resized[0] - size[0]) / 2), Math.floor((resized[1] - size[1]) / 2)] as const;
  return { ...placement, input: size, start };
}

/** Padded on both sides to whole multiples (transformers `DPTImageProcessor.pad_image`). */
export function paddedTo(placement: Placement, divisor: number): Placement {
  const grown = placement.resized.map((side) => Math.ceil(side / divisor) * divisor) as [number, number];
  const start = grown.map((side, axis) => -Math.floor((side - (placement.resized[axis] ?? 0)) / 2));
  return { ...placement, input: grown, start: start as [number, number] };
}

/** The shorter side brought to `shortest`, the longer one in proportion, no longer than `longest`. */
export function fitShortest(
  [height, width]: readonly [number, number],
  shortest: number,
  longest?: number,
): readonly [number, number] {
  const most = Math.max(height, width);
  let short = shortest;
  let long = Math.trunc((shortest * most) / Math.min(height, width));
  if (longest !== undefined && long > longest) {
    short = Math.trunc((longest * short) / long);
    long = longest;
  }
  return width <= height ? [long, short] : [short, long];
}

/** The longer side brought to `longest`, the shorter one in proportion. */
export function fitLongest(
  [height, width]: readonly [number, number],
  longest: number,
): readonly [number, number] {
  const scale = longest / Math.max(height, width);
  return [Math.max(1, Math.trunc(height * scale)), Math.max(1, Math.trunc(width * scale))];
}

/**
 * Brought to `size` in multiples of `multiple`, both sides by the same factor where the aspect ratio is kept: the one
 * of the two that changes less (transformers, DPT's `get_resize_output_image_size`).
 */
export function fitMultiple(
  [height, width]: readonly [number, number],
  size: readonly [number, number],
  multiple: number,
  keepAspect: boolean,
): readonly [number, number] {
  let down = size[0] / height;
  let across = size[1] / width;
  if (keepAspect && Math.abs(1 - across) < Math.abs(1 - down)) down = across;
  else if (keepAspect) across = down;
  const rounded = (side: number) => Math.max(1, roundHalfEven(side / multiple)) * multiple;
  return [rounded(down * height), rounded(across * width)];
}

/** As Python's `round`. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

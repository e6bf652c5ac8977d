/** A colour for each concept, the same in every picture of a report. */

type Rgb = readonly [number, number, number];

/** Hues a golden angle apart, so that neighbours differ; lightness in three steps. Bytes. */
export function colourOf(concept: number): Rgb {
  const hue = (concept * 137.508) % 360;
  const lightness = [0.55, 0.42, 0.68][concept % 3] as number;
  const reach = 0.65 * Math.min(lightness, 1 - lightness);
  const channel = (shift: number) => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (lightness - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

export function cssColour(concept: number): string {
  return `rgb(${colourOf(concept).join(' ')})`;
}

/** What an input's name hints at. Names are often useless (`onnx::Reshape_0`, `52`), so a hint alone never makes sure. */
export type NameHint = 'latent' | 'class' | 'maybeClass' | 'embedding' | 'truncation' | 'noise' | 'none';

const HINTS: readonly (readonly [NameHint, RegExp])[] = [
  ['truncation', /psi\b|psi_|trunc/i],
  ['embedding', /emb(ed|eddings?|edding)?(_|\b|s\b)|context|hidden/i],
  ['class', /class|label|categor|one_?hot|\bcls\b|digit/i],
  ['latent', /^(z\d*|zs|w\d*|ws|w_?plus|z_?in|z_?input|z_?samples?|codes?|styles?)$|latent|noise_?vec/i],
  ['noise', /noise/i],
  ['maybeClass', /^(y\d*|c\d*|cond|condition(ing)?|attr(ibute)?s?|targets?)$/i],
];

export function nameHint(name: string): NameHint {
  // Exporters prefix a module's path: "serving_default_z:0", "input.z".
  const bare = name.replace(/:\d+$/, '').replace(/^(serving_default_|input\.|inputs\.|args?_)/i, '');
  return HINTS.find(([, pattern]) => pattern.test(bare))?.[0] ?? 'none';
}

export const HELP = `genscope: look inside an ONNX image generator

  genscope describe MODEL [--json]
      What the model is: inputs and outputs with their roles, layers, noise, batch.

  genscope sample MODEL --out grid.png [options]
      Samples as a picture. --out takes .png; with --interpolate also .gif and .webp.
      --count N             how many (16)
      --seed S              sample i has the seed S + i (0)
      --rng numpy|torch     whose random numbers (numpy)
      --rng-layout each|stream   a generator per sample, or one for all (each)
      --distribution normal|uniform|uniform01   (normal)
      --class C             one class, by index or name (all in turn)
      --truncation T        ψ of the model's own input or of its mapping network; without either, draws again where |z| > T
      --truncation-mode input|psi|resample|truncnorm
      --interpolate A B …   between the samples of these seeds, --steps K frames (16)
      --method slerp|lerp   (slerp)    --loop   back to the first
      --noise random|constant|zero     for noise inputs (random)
      --columns N           of the grid
      --npy images.npy      uint8 [N, H, W, 3]
      --latents z.npy       float32 [N, d]
      --threads N           0: all cores (0)

  genscope translate MODEL --input DIR|FILE… --out grid.png [options]
      Pictures through an image-to-image model, one row each: input | translation.
      --back MODEL2         and back again with the other generator of a CycleGAN: | reconstruction
      --blur σ              blurs the translation before the way back: what was hidden in fine texture is lost
      --first I --count N   which of the pictures found, in the order of their paths (all)
      --npy translations.npy   uint8 [N, H, W, 3]
      --threads N           0: all cores (0)

  --json prints one JSON object on stdout; progress goes to stderr.
  Exit 0 done, 2 bad input, 130 cancelled.
`;

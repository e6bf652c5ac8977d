/** What `genscope --help` says. */
import { scoreOptions } from '../engine/scores/choose.ts';

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

  genscope dissect MODEL --layer L --segmenter DIR --out DIR [options]
      Which units of a layer stand for which concepts of a segmentation network, and whether that is more than chance:
      dissect.json (as gandissect's, and more), units.csv and report.html.
      --layer L --layer L2 …   by name (see genscope describe), or --all-layers
      --segmenter DIR       config.json, preprocessor_config.json, onnx/model.onnx or model.onnx
      --input DIR|FILE …    of an image-to-image model: the pictures that go in; what comes out is segmented
      --samples N           how many images (1000, or as many as there are pictures)
      --seed S              of the images that agreement is measured on (1)
      --level-seed S        of those that thresholds are chosen on (2); the same as --seed: not held out
      --quantile Q | --iqr  thresholds at the highest share Q of pixels (0.01), or at the highest information quality
      --least-iou X         a unit below is not interpretable (0.04)
      --definition dissect|gandissect   their rules, to reproduce their numbers: levels not held out, no null,
                            gandissect's quantile (0.005) of raw cells and IoU above 0.05
      --resolution R        longest side of the maps compared (256)
      --batch-size B        images per run (chosen by the model)   --threads N   0: all cores (0)
      --cache DIR           where results and unfinished work are kept ($XDG_CACHE_HOME/genscope, ~/.cache/genscope)
      --no-cache            nowhere: nothing can be taken up again
      --no-report           no report.html

  genscope effect MODEL --layer L --segmenter DIR --concept NAME (--units 3,5,8 | --top 20 --rank iou|effect|greedy)
      What switching a set of units off, and on, does to a concept (or several together: wall+roof) and to all others,
      with 95 % intervals, against random sets of as many units. Units and values are chosen on other samples.
      --ablate zero|mean|minimum   what switched-off units are set to (zero)
      --samples N --seed S         that the effect is measured on (200, 1)
      --training-samples N --training-seed S   that units and values are chosen on (200, 2)
      --random R            random sets (20)    --curve N   area left after the first 0 … N units (30)
      --compare             the --top N units chosen in all three ways: what the first 0 … N of each remove, and random sets
      --placement           where the concept can go: the units inserted at one place at a time, by location and by what
                            was there before (--samples 64); --patch P   cells on a side of the place (1)

  genscope edit MODEL --edit edit.json (--out edited.onnx | --sample grid.png | …) [options of sample]
      An edit put into a plain ONNX file that any runtime loads, or shown in samples. The least that an edit takes:
      {"edits": [{"layer": "l8", "units": [3, 5], "scale": 0, "shift": 0}]}
      --out edited.onnx     the edited generator, or image-to-image model, which genscope translate then shows
      --sample grid.png     samples under the edit
      --pairs DIR           each sample before and after, as PNG files
      --sweep sweep.gif     the samples while the edit's strength goes --from 0 --to 1 and back (also .webp);
                            --frames N   on the way there (24)
      --code edit.py        Python (numpy, onnx, onnxruntime) that makes the same pictures

  genscope features MODEL|DIR|ZIP --extractor X --out f.npz [options]
  genscope stats    MODEL|DIR|ZIP --extractor X --out s.npz [options]
      Samples or pictures as numbers: mu and sigma, as pytorch-fid and clean-fid read them; features also has every row.
      --extractor X         an .onnx file, a folder as on the Hugging Face hub, or inception once it is set up
      --layer T             a tensor inside it instead of its features: averaged over its cells
      --resize tf1|torch|clean|own   as torch-fidelity, pytorch-fid, clean-fid, or the folder's preprocessor_config.json.
                            A number to stand beside one of pytorch-fid wants --resize torch; beside clean-fid's, clean.
      --range 0,1           black and white as the extractor takes them, where its graph does not say it
      --batch-size N        pictures a run (chosen by the machine)
      --samples N           how many (2000); of pictures, at most as many, drawn by the seed (all)
      --seed S              (1)    --quantise round|floor   how floats become bytes; floor is StyleGAN's (round)
      --rng, --rng-layout (stream), --distribution, --class, --truncation, --truncation-mode   as in sample
      --cache DIR | --no-cache   where features are kept, so that a run goes on where it was ended   --threads N
      --shard I/N           only the part I (from 0) of N, for another machine to do the others

  genscope merge PART.npz… --out all.npz
      The parts as one file, as if one machine had made it.

  genscope score MODEL|FEATURES|PICTURES REFERENCE [options of features] [--json|--markdown|--latex|--csv]
      How good a generator is, with 95 % intervals and warnings. Two folders of pictures, or two files, are compared as well.
      --reference R         the same as the second argument: a folder or .zip of pictures, an .npz of statistics or features,
                            an .npy, or another model
      --extractor X         FID Inception where that is set up (genscope setup inception)
      --scores fid,kid,…    (all of the usual ones that reference and extractor allow)
      --preset fid|clean-fid|is|fd-dinov2|cmmd   scores, resize and N as published; the extractor is still yours to name
      --reference-samples N  at most as many pictures of the reference (all)   --reference-seed S   of a model (2)
      --option kid.subsets=50   what a score lets one choose
      --edit edit.json [--compare]   under an edit; also without it, and the difference on the same latents
      --trial               only how long it would take, from 32 images

  genscope neighbours MODEL --reference R --extractor X [options of features] [--out sheet.png]
      Does it copy? The most suspicious of --samples N with their nearest real images by features and by pixels, whether a
      shift by one pixel loses an image, the share of samples as near to an image as images are to each other, and C_T.
      --show M              how many samples (12)    --places 0,5,9   these, by their place
      --k K                 images beside each (4)   --out sheet.png  sample | by features | by pixels

  genscope modes MODEL --reference R --extractor X [options of features] [--out sheet.png]
      Kinds of real images (clusters of their features) that the samples show hardly, too rarely or too often, beyond chance,
      and the samples least like real images.   --k K  kinds (20)   --show M  pictures of each (6)

  genscope artifacts MODEL --layer-of-units L --reference R --extractor X [options of features] [--out sheet.png]
      Units whose strongest samples are least like real images, beyond chance, and what FID does without the worst of them.
      --top M   samples a unit is judged by (25)   --worst n  units switched off together (5)   --random R  sets (5)

  genscope duplicates MODEL --extractor X [options of features] [--out pairs.png]
      The birthday-paradox test: the most alike samples of each batch, and how many pictures the generator makes by that.
      --batch S  samples in a batch (100)   --batches B  (20)
      --threshold D         at this distance of features two are the same; without it a person says it

  genscope setup [inception|dinov2|clip] FOLDER | --download [--yes] [--repo NAME] [--revision R]
      The networks that published scores are made with, once: fetched from the Hugging Face hub after a yes (a download goes
      on where it was broken off, and every file is held against the hub's hash), or taken from a folder. What was set up is
      pinned by its hash. Then --extractor dinov2, or --preset fd-dinov2.

  genscope setup-inception FILE.pth | --download [--yes] [--url ADDRESS]
      FID's own network from its published weights (pytorch-fid's or torch-fidelity's file), once: --extractor inception.

  genscope COMMAND --help   one command alone; of score, every score with its options.   genscope --version
  --json prints one JSON object on stdout; progress goes to stderr.
  Exit 0 done, 2 bad input, 130 cancelled.
`;

/** What HELP says of one command, with the options of others that it takes; null for a command that is not there. */
export function helpOf(command: string): string | null {
  const sections = HELP.split('\n\n').filter((part) => part.startsWith('  genscope '));
  const isOf = (part: string, name: string) =>
    part.split('\n').some((line) => line === `  genscope ${name}` || line.startsWith(`  genscope ${name} `));
  const own = sections.find((part) => isOf(part, command));
  if (own === undefined) return null;
  const borrowed = [...own.matchAll(/\[options of (\w+)\]/g)].flatMap(([, name = '']) =>
    sections.filter((part) => isOf(part, name) && part !== own),
  );
  const more = command === 'score' ? [scoresHelp()] : [];
  return [own, ...more, ...borrowed, FOOTER].join('\n\n');
}

/** Every score, with what it lets one choose. */
function scoresHelp(): string {
  const lines = scoreOptions().map(({ id, name, options }) => {
    const own = options.map((option) => `${id}.${option}=…`).join(' ');
    return `      ${id.padEnd(16)} ${name}${own === '' ? '' : `   --option ${own}`}`;
  });
  const all = '      All of them have interval=reference|both: the reference held, or drawn anew as well.';
  return ['  scores', ...lines, all].join('\n');
}

const FOOTER = `  --json prints one JSON object on stdout; progress goes to stderr.
  Exit 0 done, 2 bad input, 130 cancelled.
`;

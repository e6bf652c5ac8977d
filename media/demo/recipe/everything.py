"""Step `all`: every step in order, each on the results of the ones before. Shipped files stay untouched."""

import argparse
import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Stage:
    """One step with the options of a real run, and those that `--quick` adds; {work} is the work folder."""

    step: str
    options: str = ''
    quick: str = ''


STAGES = [
    Stage('data', quick='--scenes 200'),
    Stage('train-aux', quick='--minutes 0.1'),
    Stage('train-gan', quick='--minutes 0.1'),
    Stage(
        'train-gan',
        '--resume {work}/gan/final.pt --minutes 80 --learning-rate 3e-4 --average .999',
        quick='--minutes 0.1',
    ),
    Stage('export', '--weights {work} --run {work}/gan'),
    Stage('reference', '--extractor {work}/export/extractor.onnx', quick='--count 150'),
    Stage(
        'timeline',
        '--checkpoints {work}/export/checkpoints --reference {work}/reference.zip '
        '--extractor {work}/export/extractor.onnx --segmenter {work}/export/segmenter/onnx/model.onnx',
        quick='--samples 150',
    ),
    Stage(
        'dissect',
        '--generator {work}/gan/final.pt --segmenter {work}/segmenter.pt',
        quick='--samples 100 --intervention-samples 50',
    ),
    Stage('translate-data', quick='--extra-winter 50 --held-out 50'),
    Stage('translate-train', quick='--minutes 0.1'),
    Stage('translate-export'),
    Stage(
        'translate-evaluate',
        '--models {work}/translate/export --extractor {work}/export/extractor.onnx',
        quick='--count 50',
    ),
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        '--quick', action='store_true', help='tiny settings: minutes instead of hours, useless models'
    )


def run(args: argparse.Namespace) -> None:
    from .__main__ import run_step  # here, because it imports this module

    for stage in STAGES:
        words = shlex.split(stage.options) + (shlex.split(stage.quick) if args.quick else [])
        # Of two equal options argparse takes the later one, so `quick` overrides. Paths are put in
        # after splitting: the work folder may have spaces in its name.
        options = ['--work', str(args.work), *(word.replace('{work}', str(args.work)) for word in words)]
        print(f'\n== {stage.step} {shlex.join(options)}', flush=True)
        run_step(stage.step, options)

"""python3 -m recipe STEP [options]: runs one step of the recipe, or all of them in order."""

import argparse
import importlib
import sys
from pathlib import Path

# Step: (module, what it does). Modules are imported only when asked for: PyTorch takes seconds to load.
STEPS = {
    'data': ('data', 'render the training scenes'),
    'train-aux': ('train_aux', 'train the segmenter and the extractor'),
    'train-gan': ('train_gan', 'train the generator and the discriminator'),
    'export': ('export', 'write the ONNX files'),
    'reference': ('reference', 'render the held-out reference images'),
    'timeline': ('timeline', 'score the checkpoints'),
    'dissect': ('dissect', 'find and test units that match concepts'),
    'translate-data': ('translate.data', 'select summer and winter scenes'),
    'translate-train': ('translate.train', 'train the summer <-> winter translators'),
    'translate-export': ('translate.export', 'write their ONNX files'),
    'translate-evaluate': ('translate.evaluate', 'measure them on held-out scenes'),
    'sheets': ('sheets', "draw the cards' pictures from the shipped files"),
    'all': ('everything', 'all of the above but sheets, in this order, on fresh weights'),
}


def main(arguments: list[str]) -> None:
    steps = '\n'.join(f'  {name:20}{text}' for name, (_, text) in STEPS.items())
    parser = argparse.ArgumentParser(
        prog='python3 -m recipe',
        description=__doc__,
        epilog=f'steps:\n{steps}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('step', choices=STEPS, metavar='STEP')
    parser.add_argument('options', nargs=argparse.REMAINDER, help='STEP --help lists them')
    chosen = parser.parse_args(arguments)
    run_step(chosen.step, chosen.options)


def run_step(step: str, options: list[str]) -> None:
    module_name, summary = STEPS[step]
    module = importlib.import_module(f'.{module_name}', __package__)
    parser = argparse.ArgumentParser(prog=f'python3 -m recipe {step}', description=f'{summary}.')
    parser.add_argument(
        '--work',
        type=Path,
        default=Path('demo-out'),
        help='folder for everything the steps write (default: %(default)s)',
    )
    module.add_arguments(parser)
    module.run(parser.parse_args(options))


if __name__ == '__main__':
    main(sys.argv[1:])

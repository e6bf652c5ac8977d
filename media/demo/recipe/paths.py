"""Where the shipped files are; every step takes other places as arguments."""

from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent
WEIGHTS = DEMO / 'weights'
EXTRACTOR = DEMO / 'extractor.onnx'
SEGMENTER = DEMO / 'segmenter' / 'onnx' / 'model.onnx'
CHECKPOINTS = DEMO / 'checkpoints'
REFERENCE = DEMO / 'reference.zip'
TRANSLATE = DEMO / 'translate'

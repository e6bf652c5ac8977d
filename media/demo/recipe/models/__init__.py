"""The demo's networks. Their state dicts are the files in ../weights."""

from .discriminator import GROUP, Discriminator
from .extractor import FEATURES, Extractor
from .generator import LATENT, LAYERS, Edit, Generator
from .segmenter import Segmenter

__all__ = [
    'FEATURES',
    'GROUP',
    'LATENT',
    'LAYERS',
    'Discriminator',
    'Edit',
    'Extractor',
    'Generator',
    'Segmenter',
]

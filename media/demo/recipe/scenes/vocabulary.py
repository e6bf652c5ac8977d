"""Names and numbers of everything a scene can show.

The numbers are the values stored in label maps and class vectors, and the order in which the
exported models list their outputs, so they must never be reordered.
"""

from enum import IntEnum

import numpy as np

SIZE = 64  # side of a finished scene, in pixels
SUPERSAMPLING = 3  # scenes are drawn this many times larger, then averaged down
SIDE = SIZE * SUPERSAMPLING  # side of the drawing canvas


class Concept(IntEnum):
    """What a pixel shows (the segmenter's classes)."""

    SKY = 0
    SUN = 1
    CLOUD = 2
    MOUNTAIN = 3
    GRASS = 4
    WATER = 5
    TREE = 6
    WALL = 7
    ROOF = 8
    DOOR = 9
    WINDOW = 10
    PATH = 11
    SNOW = 12


class Category(IntEnum):
    """What a whole scene is (the generator's classes)."""

    MEADOW = 0
    MOUNTAINS = 1
    LAKE = 2
    FOREST = 3
    VILLAGE = 4
    SUNSET = 5
    WINTER = 6


CONCEPTS = [concept.name.lower() for concept in Concept]
CATEGORIES = [category.name.lower() for category in Category]

# One flat colour a concept, for pictures of label maps: uint8 [13, 3], RGB.
PALETTE = np.array(
    [
        [135, 190, 235],
        [255, 230, 80],
        [245, 245, 245],
        [120, 110, 110],
        [90, 160, 60],
        [40, 90, 170],
        [20, 80, 30],
        [225, 205, 170],
        [190, 60, 45],
        [110, 60, 30],
        [90, 210, 220],
        [200, 165, 110],
        [200, 210, 240],
    ],
    np.uint8,
)

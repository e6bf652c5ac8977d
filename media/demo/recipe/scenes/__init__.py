"""Procedural 64 x 64 landscapes with a label for every pixel and a category for the whole."""

from .render import render
from .vocabulary import CATEGORIES, CONCEPTS, PALETTE, SIZE, Category, Concept

__all__ = ['CATEGORIES', 'CONCEPTS', 'PALETTE', 'SIZE', 'Category', 'Concept', 'render']

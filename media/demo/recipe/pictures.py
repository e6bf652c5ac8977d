"""Between stored pictures, uint8 [N, 64, 64, 3], and tensors, float32 [N, 3, 64, 64] in [-1, 1]."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 [N, h, w, 3] -> float32 [N, 3, h, w] in [-1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def to_images(tensor: Tensor) -> np.ndarray:
    """float32 [N, 3, h, w] in [-1, 1] -> uint8 [N, h, w, 3]."""
    return ((tensor.permute(0, 2, 3, 1) + 1) * 127.5).clamp(0, 255).byte().numpy()


def mirrored(images: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """A copy of `images` [N, h, w, ...] in which the `chosen` ones (bool [N]) are flipped left to right."""
    images = images.copy()
    images[chosen] = images[chosen, :, ::-1]
    return images


def grid(images: np.ndarray, columns: int) -> np.ndarray:
    """uint8 [N, h, w, 3] -> one picture, row by row; an incomplete last row is dropped."""
    rows = len(images) // columns
    height, width = images.shape[1:3]
    tiles = images[: rows * columns].reshape(rows, columns, height, width, 3)
    return tiles.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, 3)


def save_sheet(sheet: np.ndarray, path: Path, scale: float = 1.5) -> None:
    """Writes a grid, enlarged so that 64-pixel pictures can be judged by eye."""
    height, width = sheet.shape[:2]
    size = (int(width * scale), int(height * scale))
    Image.fromarray(sheet).resize(size, Image.Resampling.BICUBIC).save(path)

"""Pictures of every kind that a folder may hold, and what PIL's convert('RGB') makes of each.

    python make_reference.py        (pillow and numpy)
"""

import gzip
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageCms

HERE = Path(__file__).parent / "pictures"
H, W = 20, 28


def png16(name: str, values: np.ndarray) -> None:
    """16 bits a channel, which PIL reads but does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", W, H, 16, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (HERE / name).write_bytes(b"\x89PNG\r\n\x1a\n" + data)


def swapped_profile() -> bytes:
    """sRGB with red and blue exchanged: whoever applies it is found out."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")


def main() -> None:
    HERE.mkdir(exist_ok=True)
    y, x = np.mgrid[0:H, 0:W]
    rgb = np.stack([x * 9 % 256, y * 12 % 256, (x * y) % 256], -1).astype(np.uint8)
    picture, negative = Image.fromarray(rgb), Image.fromarray(255 - rgb)
    grey, alpha = rgb[..., 0], (y * 12 % 256).astype(np.uint8)
    turned = Image.Exif()
    turned[0x112] = 6
    picture.save(HERE / "rgb.png")
    Image.fromarray(grey).save(HERE / "grey.png")
    Image.fromarray((x * 2300 + y * 7).astype(np.uint16)).save(HERE / "grey16.png")
    png16("rgb16.png", np.stack([x * 2300, y * 3100, (x * y * 113) % 65536], -1))
    Image.fromarray(np.dstack([rgb, alpha])).save(HERE / "rgba.png")
    Image.fromarray(np.dstack([grey, alpha]), "LA").save(HERE / "grey-alpha.png")
    picture.quantize(16).save(HERE / "palette.png", transparency=0)
    picture.convert("1").save(HERE / "bilevel.png")
    picture.save(HERE / "profile.png", icc_profile=swapped_profile())
    picture.save(HERE / "rgb.jpg", quality=90)
    picture.save(HERE / "turned.jpg", exif=turned, quality=95)
    Image.fromarray(grey).save(HERE / "grey.jpg", quality=90)
    picture.convert("CMYK").save(HERE / "cmyk.jpg", quality=95)
    picture.convert("CMYK").save(HERE / "cmyk.tif")
    picture.save(HERE / "rgb.tif")
    picture.save(HERE / "rgb.webp", lossless=True)
    picture.save(HERE / "animated.gif", save_all=True, append_images=[negative])
    picture.save(HERE / "animated.webp", lossless=True, save_all=True, append_images=[negative])

    files = sorted(path.name for path in HERE.iterdir())
    pixels = [np.asarray(Image.open(HERE / name).convert("RGB")) for name in files]
    assert all(array.shape == (H, W, 3) for array in pixels)
    blob = gzip.compress(b"".join(array.tobytes() for array in pixels), mtime=0)
    (HERE.parent / "reference.bin.gz").write_bytes(blob)
    about = {"pillow": PIL.__version__, "height": H, "width": W, "files": files}
    (HERE.parent / "reference.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()

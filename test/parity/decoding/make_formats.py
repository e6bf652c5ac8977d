"""Pictures of formats that sharp does not read, or not as PIL does, and what PIL's convert('RGB') makes of each.

    python make_formats.py        (pillow and numpy)
"""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

HERE = Path(__file__).parent / "formats"
H, W = 21, 27


def bmp(name: str, bits: int, masks: tuple, rows: np.ndarray, top_down: bool = False) -> None:
    """Bitmaps of 16 and 32 bits, which PIL reads but does not write."""
    data = b"".join(row.tobytes() + b"\0" * (-len(row.tobytes()) % 4) for row in (rows if top_down else rows[::-1]))
    extra = struct.pack("<III", *masks) if masks else b""
    head = struct.pack("<IiiHHIIiiII", 40, W, -H if top_down else H, 1, bits, 3 if masks else 0, len(data), 0, 0, 0, 0)
    start = 14 + len(head) + len(extra)
    (HERE / name).write_bytes(struct.pack("<2sIHHI", b"BM", start + len(data), 0, 0, start) + head + extra + data)


def main() -> None:
    HERE.mkdir(exist_ok=True)
    y, x = np.mgrid[0:H, 0:W]
    rgb = np.stack([x * 9 % 256, y * 12 % 256, (x * y) % 256], -1).astype(np.uint8)
    grey, alpha = rgb[..., 2], (y * 12 % 256).astype(np.uint8)
    picture, rgba = Image.fromarray(rgb), Image.fromarray(np.dstack([rgb, alpha]))
    indexed = picture.quantize(16)

    indexed.save(HERE / "transparent.gif", transparency=3)
    indexed.save(HERE / "interlaced.gif", interlace=1)
    Image.fromarray(grey).save(HERE / "grey.gif")
    picture.quantize(256).save(HERE / "many.gif")
    picture.quantize(2).save(HERE / "two.gif")
    rgba.save(HERE / "alpha.webp", lossless=True)
    picture.save(HERE / "rgb.avif", quality=100, subsampling="4:4:4")
    picture.save(HERE / "subsampled.avif", quality=70)
    rgba.save(HERE / "alpha.avif", quality=100, subsampling="4:4:4")
    picture.convert("YCbCr").save(HERE / "ycbcr.tif")
    picture.save(HERE / "jpeg.tif", compression="jpeg", quality=95)
    rgba.save(HERE / "rgba.tif")
    indexed.save(HERE / "palette.tif")
    picture.convert("LAB").save(HERE / "lab.tif")

    picture.save(HERE / "rgb.ppm")
    Image.fromarray(grey).save(HERE / "grey.pgm")
    picture.convert("1").save(HERE / "bits.pbm")
    (HERE / "plain.ppm").write_text(f"P3\n# words\n{W} {H} 255\n" + "\n".join(" ".join(map(str, row.ravel())) for row in rgb))
    (HERE / "plain.pgm").write_text(f"P2 {W} {H}\n31\n" + " ".join(str(v >> 3) for v in grey.ravel()))
    (HERE / "plain.pbm").write_text(f"P1 {W} {H}\n" + "".join(str(v & 1) for v in grey.ravel()))
    (HERE / "most100.pgm").write_bytes(f"P5 {W} {H} 100\n".encode() + (grey % 101).astype(np.uint8).tobytes())
    (HERE / "deep.ppm").write_bytes(f"P6 {W} {H} 65535\n".encode() + (rgb.astype(">u2") * 200 + 7).astype(">u2").tobytes())
    (HERE / "deep510.ppm").write_bytes(f"P6 {W} {H} 510\n".encode() + (rgb.astype(">u2") * 2 + x[..., None] % 2 * 1).clip(0, 510).astype(">u2").tobytes())

    picture.save(HERE / "rgb.bmp")
    Image.fromarray(grey).save(HERE / "grey.bmp")
    indexed.save(HERE / "palette.bmp")
    picture.convert("1").save(HERE / "bits.bmp")
    bgrx = np.dstack([rgb[..., ::-1], alpha]).astype(np.uint8)
    bmp("bgrx.bmp", 32, (), bgrx)
    bmp("topdown.bmp", 32, (0xFF0000, 0xFF00, 0xFF), bgrx, top_down=True)
    r, g, b = (rgb[..., i].astype(np.uint16) for i in range(3))
    bmp("555.bmp", 16, (), ((r >> 3) << 10 | (g >> 3) << 5 | b >> 3).astype("<u2"))
    bmp("565.bmp", 16, (0xF800, 0x7E0, 0x1F), ((r >> 3) << 11 | (g >> 2) << 5 | b >> 3).astype("<u2"))

    picture.save(HERE / "rgb.tga")
    rgba.save(HERE / "rgba.tga", compression="tga_rle")
    Image.fromarray(grey).save(HERE / "grey.tga", compression="tga_rle", orientation=1)
    Image.fromarray(np.dstack([grey, alpha]), "LA").save(HERE / "grey-alpha.tga")
    indexed.save(HERE / "palette.tga")

    files = sorted(path.name for path in HERE.iterdir())
    pixels = [np.asarray(Image.open(HERE / name).convert("RGB")) for name in files]
    assert all(array.shape == (H, W, 3) for array in pixels)
    blob = gzip.compress(b"".join(array.tobytes() for array in pixels), mtime=0)
    (HERE.parent / "formats.bin.gz").write_bytes(blob)
    about = {"pillow": PIL.__version__, "height": H, "width": W, "files": files}
    (HERE.parent / "formats.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()

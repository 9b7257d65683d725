"""Draw the icons of the installed page, the same mark as `favicon.svg`; run it after the mark has changed.

usage: tools/icons.py
"""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parents[1] / "src/crypto_portfolio_analyzer/dashboard/static/icons"
GROUND, PEN, FLOOR = "#1F5FD0", "#FFFFFF", "#A5BFEC"
SIDE = 32
"""Units of the drawing."""
FINER = 4
"""Drawn so much larger, then made smaller: pillow draws hard edges."""
RISE = ((6, 20), (12, 13), (17, 17), (22, 8), (26, 11))
ICONS = {"icon-192.png": (192, 7, 1.0), "icon-512.png": (512, 7, 1.0), "maskable-512.png": (512, 0, 0.72)}
"""Pixels, corner radius in units, and the size of the mark: a mask may cut a fifth on every side."""


def drawn(pixels: int, radius: float, size: float) -> Image.Image:
    """Return one icon; `radius` 0 fills the whole square."""
    unit = pixels * FINER / SIDE
    image = Image.new("RGBA", (pixels * FINER, pixels * FINER), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, pixels * FINER - 1, pixels * FINER - 1), radius * unit, GROUND)
    _line(pen, [_placed(point, size, unit) for point in RISE], PEN, 2.6 * size * unit)
    _line(pen, [_placed(point, size, unit) for point in ((6, 26), (26, 26))], FLOOR, 2 * size * unit)
    return image.resize((pixels, pixels), Image.Resampling.LANCZOS)


def _placed(point: tuple[float, float], size: float, unit: float) -> tuple[float, float]:
    middle = SIDE / 2
    across, down = (middle + (each - middle) * size for each in point)
    return across * unit, down * unit


def _line(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], colour: str, width: float) -> None:
    pen.line(points, colour, round(width), joint="curve")
    for across, down in points:
        pen.ellipse((across - width / 2, down - width / 2, across + width / 2, down + width / 2), colour)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, (pixels, radius, size) in ICONS.items():
        drawn(pixels, radius, size).quantize(64).save(FOLDER / name, optimize=True)

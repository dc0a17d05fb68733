"""Takes the pictures of docs/gallery/pages: every page of the workplace, on a desk and on a phone.

    python -m tests.web.gallery [--home FOLDER] [--into FOLDER] [NAME…]

FOLDER is where `duban demo` has played; without it the sample is played for this, which takes a minute.  pngquant makes
the files small, where it is installed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from tests.web.chromium import NARROW, browsing
from tests.web.gallery_pages import SHOTS, Shot
from tests.web.gallery_sample import GALLERY, sample

LONGEST = (1500, 1200, 900)  #: pixels of a page that are shown: fewer, where the file would be too large
LARGEST = 120_000  #: bytes of a picture
HEIGHTS = {1280: 720, 390: 844}
COLOURS = "32"


def take(page: Any, shot: Shot, address: str, path: Path) -> str:
    """Take one picture; return what the page is called."""
    origin = "/".join(address.split("/")[:3])
    page.context.add_cookies([{"name": "duban_language", "value": shot.language, "url": origin}])
    page.goto(address)
    if shot.step is not None:
        shot.step(page)
        page.wait_for_load_state()
    if shot.part is not None and page.viewport_size["width"] < NARROW:
        page.evaluate("document.querySelectorAll('.top, .ways').forEach((one) => { one.hidden = true })")
        page.locator(shot.part).screenshot(path=path)
        shrink(path)
        return str(page.title())
    page.evaluate("window.scrollTo(0, 0)")
    page.mouse.move(0, 0)
    size = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
    for longest in LONGEST:
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], longest)}
        page.screenshot(path=path, full_page=True, clip=clip, animations="disabled")
        shrink(path)
        if path.stat().st_size <= LARGEST:
            break
    return str(page.title())


def shrink(path: Path) -> None:
    """Make a picture as small as it can be without looking worse."""
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", COLOURS, str(path)], check=True)


def main(arguments: list[str]) -> int:
    """Take the pictures that are named, or all."""
    parser = ArgumentParser(prog="python -m tests.web.gallery")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--into", type=Path, default=GALLERY / "pages")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(arguments)
    asked.into.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not asked.names or shot.name in asked.names]
    with sample(asked.home) as found, browsing(found) as browsers:
        pages: dict[tuple[str | None, int], Any] = {}
        for shot in wanted:
            for width in shot.widths:
                key = shot.who, width
                if key not in pages or shot.step is not None:
                    pages[key] = browsers.of(shot.who, width=width, height=HEIGHTS[width])
                path = asked.into / f"{shot.name}{'-phone' if width < NARROW else ''}.png"
                title = take(pages[key], shot, browsers.address + shot.path.format(**found.places), path)
                sys.stdout.write(f"{path.name}: {title}\n")
        sys.stdout.writelines(f"{told}\n" for told in browsers.complaints)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

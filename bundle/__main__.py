"""Makes `dist/duban-<version>-<platform>-py<XY>.tar.gz`: everything that a machine without internet needs, in one file.

`make bundle`, or `python -m bundle [--out FOLDER] [--glibc 2.28]`.  What belongs to it is what the product's own wheel
requires, found by pip for this Python and this platform, each at the version that requirements.lock pins; what the lock
holds beside that is for development and stays out.  The same wheels make the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

HERE = Path(__file__).parent
ROOT = HERE.parent
PIP = "26.3"  #: fetches the wheels here, and is carried along to install them there
OLDEST_GLIBC = "2.28"  #: what the machines of offices have: Kylin V10, UOS 20, openEuler 20.03, RHEL 8
EPOCH = 315532800  #: 1980-01-01, for the times of all files: the bytes shall not tell when they were packed


class CannotBundle(Exception):  # noqa: N818 - an answer for whoever runs make
    """The archive cannot be made; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a machine must be for the archive to be of use."""

    python: str  #: "3.11"
    system: str  #: as sys.platform says
    machine: str  #: as platform.machine() says
    glibc: str  #: oldest that will do; empty where there is none

    @property
    def name(self) -> str:
        """Return the platform and Python for the archive's name."""
        return f"{self.system}-{self.machine}-py{self.python.replace('.', '')}"

    def platforms(self) -> list[str]:
        """Return pip's names of the platforms whose wheels run there; none: those of this machine."""
        if not self.glibc:
            return []
        major, minor = (int(part) for part in self.glibc.split("."))
        names = [f"manylinux_{major}_{number}" for number in range(minor, 4, -1)]
        old = {"manylinux2014": 17, "manylinux2010": 12, "manylinux1": 5}
        return [f"{name}_{self.machine}" for name in [*names, *(name for name, least in old.items() if least <= minor)]]


def this_machine(glibc: str = OLDEST_GLIBC) -> Target:
    """Return what this machine is, with a C library no newer than `glibc` where it has the usual one."""
    is_usual = platform.libc_ver()[0] == "glibc"
    return Target(
        python="{}.{}".format(*sys.version_info),
        system=sys.platform,
        machine=platform.machine(),
        glibc=glibc if is_usual else "",
    )


def make_bundle(out: Path, target: Target) -> Path:
    """Make the archive in `out` and return it; beside it lies its hash.  Raises CannotBundle."""
    with tempfile.TemporaryDirectory(prefix="duban-bundle-") as scratch:
        product = _build_wheel(Path(scratch))
        version = str(parse_wheel_filename(product.name)[1])
        folder = Path(scratch) / f"duban-{version}-{target.name}"
        wheels, tools = folder / "wheels", folder / "tools"
        for part in (wheels, tools):
            part.mkdir(parents=True)
        pip = _fetch_pip(tools)
        _fetch_wheels(pip, product, wheels, target)
        check_pins(wheels, pins())
        write_lists(folder)
        lay_in(folder, version, target)
        write_sums(folder)
        out.mkdir(parents=True, exist_ok=True)
        archive = out / f"{folder.name}.tar.gz"
        pack(folder, archive)
    archive.with_name(f"{archive.name}.sha256").write_text(f"{sha256(archive)}  {archive.name}\n", encoding="utf-8")
    return archive


def _build_wheel(scratch: Path) -> Path:
    _tell("building the product's wheel")
    _run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(scratch), str(ROOT)])
    (found,) = scratch.glob("*.whl")
    return found


def _fetch_pip(tools: Path) -> Path:
    _tell(f"fetching pip {PIP}")
    alone = ["--quiet", "--no-deps", "--only-binary", ":all:"]
    _run([sys.executable, "-m", "pip", "download", *alone, "--dest", str(tools), f"pip=={PIP}"])
    (found,) = tools.glob("pip-*.whl")
    return found


def _fetch_wheels(pip: Path, product: Path, wheels: Path, target: Target) -> None:
    """Let pip find what the product requires, within the lock, and fetch it for the target."""
    constraints = product.with_name("constraints.txt")
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins().items()), encoding="utf-8")
    command = [sys.executable, f"{pip}/pip", "download", "--only-binary", ":all:", "--dest", str(wheels)]
    command += ["--constraint", str(constraints), "--progress-bar", "off"]
    command += [word for name in target.platforms() for word in ("--platform", name)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("fetching wheels", total=None)
        said: list[str] = []
        with subprocess.Popen(
            [*command, str(product)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                said.append(line)
                if line.startswith("Collecting "):
                    progress.advance(task)
        progress.update(task, total=len(list(wheels.iterdir())), completed=len(list(wheels.iterdir())))
    if child.returncode:
        raise CannotBundle("".join(said[-5:]).strip())


def pins(lock: Path = ROOT / "requirements.lock") -> dict[str, str]:
    """Return the one version that the lock names for each distribution."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    asked = [Requirement(line) for line in lines if line and not line.lstrip().startswith("#")]
    return {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in asked}


def check_pins(wheels: Path, pinned: dict[str, str]) -> None:
    """Raise CannotBundle when a wheel is not the one that the lock names; the product itself is in no lock."""
    for wheel in sorted(wheels.iterdir()):
        name, version, *_ = parse_wheel_filename(wheel.name)
        if name != "duban" and pinned.get(name) != str(version):
            message = f"{wheel.name} is not what requirements.lock pins ({pinned.get(name)}): run `make lock`"
            raise CannotBundle(message)


def write_lists(folder: Path) -> None:
    """Write requirements.txt with the hash of every wheel, and LICENCES.md with what each wheel says of itself."""
    wheels = sorted((folder / "wheels").iterdir())
    named = [(*parse_wheel_filename(wheel.name)[:2], wheel) for wheel in wheels]
    lines = [f"{name}=={version} --hash=sha256:{sha256(wheel)}\n" for name, version, wheel in named]
    (folder / "requirements.txt").write_text("".join(lines), encoding="utf-8")
    rows = [f"| {name} | {version} | {licence_of(wheel)} |\n" for name, version, wheel in named]
    head = (
        "# 许可证 · Licences\n\n各软件包自述的许可证；全文在各 wheel 文件的 `.dist-info` 文件夹内。\n"
        "What each package says of itself; the full texts are in the `.dist-info` folder of each wheel.\n\n"
        "| package | version | licence |\n|---|---|---|\n"
    )
    (folder / "LICENCES.md").write_text(head + "".join(rows), encoding="utf-8")


def licence_of(wheel: Path) -> str:
    """Return the licence that a wheel's metadata names: the expression, else its classifiers, else its own words."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
        metadata = HeaderParser().parsestr(archive.read(name).decode("utf-8"))
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if "License ::" in line]
    words = (metadata.get("License") or "").strip().splitlines()
    found = metadata.get("License-Expression") or "; ".join(classifiers) or (words[0] if words else "")
    return " ".join(found.replace("|", "/").split()) or "not stated"


def lay_in(folder: Path, version: str, target: Target) -> None:
    """Add the script that installs, the page that explains it, the units and the documents for administrators."""
    _tell("adding units and documents")
    words = {
        "VERSION": version,
        "PYTHON": target.python,
        "SYSTEM": target.system,
        "MACHINE": target.machine,
        "GLIBC": target.glibc,
        "PIP": PIP,
    }
    for name in ("install.sh", "README.md"):
        text = (HERE / name).read_text(encoding="utf-8")
        for word, value in words.items():
            text = text.replace(f"@{word}@", value)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "install.sh").chmod(0o755)
    shutil.copytree(ROOT / "docs" / "how-to" / "systemd", folder / "share" / "systemd")
    for document in documents():
        copy = folder / "share" / document.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(document, copy)
    shutil.copyfile(ROOT / "LICENSE", folder / "LICENSE")


def documents() -> list[Path]:
    """Return the pages for who runs Duban; those for who changes it stay out."""
    docs = ROOT / "docs"
    recipes = [path for path in sorted((docs / "how-to").glob("*.md")) if not path.name.startswith("add-")]
    return [docs / name for name in ("settings.md", "commands.md", "first-round.md")] + recipes


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over every file, for `sha256sum --check`."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    lines = [f"{sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def pack(folder: Path, archive: Path) -> None:
    """Pack the folder: in order, nobody's, and of no time, so that the same files make the same bytes."""
    _tell(f"packing {archive.name}")

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = EPOCH
        member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
        return member

    unfinished = archive.with_name(f"{archive.name}.part")
    # Wheels are compressed already: a higher level takes long and gains nothing.
    with (
        unfinished.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=EPOCH, compresslevel=1) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        tar.add(folder, arcname=folder.name, recursive=False, filter=plain)
        for path in sorted(folder.rglob("*")):
            tar.add(path, arcname=f"{folder.name}/{path.relative_to(folder)}", recursive=False, filter=plain)
    unfinished.replace(archive)


def sha256(path: Path) -> str:
    """Return the hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotBundle((done.stderr or done.stdout).strip()[-1000:])


def _tell(step: str) -> None:
    print(f"  {step}", flush=True)


def main() -> int:
    """Make the archive; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bundle", description="One archive for machines without internet.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder of the archive (dist)")
    parser.add_argument("--glibc", default=OLDEST_GLIBC, help=f"oldest C library it shall run on ({OLDEST_GLIBC})")
    given = parser.parse_args()
    if not re.fullmatch(r"2\.\d+", given.glibc):
        parser.error("--glibc: a version such as 2.28 was expected")
    try:
        archive = make_bundle(given.out, this_machine(given.glibc))
    except CannotBundle as reason:
        print(f"No bundle was made: {reason}", file=sys.stderr)
        return 1
    print(f"{archive}: {archive.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

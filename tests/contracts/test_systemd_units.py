"""The service units: systemd understands them, they are closed to what they need not, and the backup keeps its word."""

import re
import shutil
import subprocess
import sys
import zipfile
from configparser import RawConfigParser
from pathlib import Path

import pytest

from tests.flows.conftest import clean_environment

ROOT = Path(__file__).parents[2]
UNITS = ROOT / "docs" / "how-to" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
INSTALLED = "/opt/duban/current/bin/"
CLOSED = {
    "User": "duban",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "EnvironmentFile": "/etc/duban/duban.env",
    "StateDirectoryMode": "0750",
    "SystemCallFilter": "@system-service",
    "UMask": "0027",
}


def unit(name: str) -> RawConfigParser:
    """Read a unit: lines that end with a backslash go on."""
    parser = RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((UNITS / name).read_text(encoding="utf-8").replace("\\\n", " "))
    return parser


def fake_commands(folder: Path) -> None:
    for name in ("duban", "prefect"):
        (folder / name).write_text("#!/bin/sh\nexit 0\n")
        (folder / name).chmod(0o755)


@pytest.fixture
def verify(tmp_path: Path) -> Path:
    """Give a folder with all units, their commands being there."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here: apt-get install systemd")
    commands = tmp_path / "bin"
    commands.mkdir()
    fake_commands(commands)
    for path in UNITS.glob("duban*.*"):
        text = path.read_text(encoding="utf-8").replace(INSTALLED, f"{commands}/")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", [*SERVICES, "duban-backup.timer"])
def test_unit_when_systemd_reads_it_is_understood_without_a_word(verify: Path, name: str):
    read = subprocess.run(
        ["systemd-analyze", "verify", str(verify / name)], capture_output=True, text=True, check=False
    )
    told = [line for line in read.stderr.splitlines() if "duban" in line]
    assert (read.returncode, told) == (0, [])


def test_unit_when_it_is_spoiled_is_found_out(verify: Path):
    path = verify / "duban.service"
    path.write_text(path.read_text(encoding="utf-8").replace("ProtectHome=yes", "ProtectHose=yes"), encoding="utf-8")
    read = subprocess.run(["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False)
    assert "ProtectHose" in read.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_service_when_read_writes_its_data_and_nothing_else(name: str):
    service = dict(unit(name)["Service"])
    assert {key: service.get(key) for key in CLOSED} == CLOSED
    assert service["StateDirectory"].split()[0] == "duban"
    assert "/var/lib/duban" in service["WorkingDirectory"]


@pytest.mark.parametrize("name", SERVICES)
def test_command_when_a_service_names_it_is_installed_with_the_product(name: str):
    commands = re.findall(rf"{INSTALLED}(\w+) ([\w -]+)", unit(name)["Service"]["ExecStart"])
    assert commands
    for command, words in commands:
        script = Path(sys.executable).with_name(command)
        if command == "duban":
            subcommand, *options = words.split()
            shown = subprocess.run([script, subcommand, "--help"], capture_output=True, text=True, check=True).stdout
            assert all(option in shown for option in options if option.startswith("--"))
        else:
            assert script.exists()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "duban"
    done = subprocess.run(
        [Path(sys.executable).with_name("duban"), "init"],
        env={**clean_environment(), "DUBAN_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return home


def back_up(home: Path, commands: Path) -> subprocess.CompletedProcess[str]:
    """Run what duban-backup.service runs, as systemd would hand it to the shell."""
    line = unit("duban-backup.service")["Service"]["ExecStart"].replace("$$", "$").replace("%%", "%")
    match = re.fullmatch(r"/bin/sh -ec '(.*)'", line)
    assert match is not None
    script = match[1].replace(INSTALLED, f"{commands}/").replace("/var/lib/duban-backup", f"{home.parent}/kept")
    return subprocess.run(
        ["/bin/sh", "-ec", script],
        env={**clean_environment(), "DUBAN_HOME": str(home), "DUBAN_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.e2e
def test_backup_service_when_it_runs_again_and_again_keeps_one_whole_file_a_day(home: Path, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.mkdir()
    commands = Path(sys.executable).parent
    for day in range(1, 32):
        (kept / f"duban-{day:02}.new.zip").write_text("cut short last month")
    for _ in range(2):
        done = back_up(home, commands)
        assert done.returncode == 0, done.stderr
    (file,) = [path for path in kept.iterdir() if not path.name.endswith(".new.zip")]
    assert re.fullmatch(r"duban-\d\d\.zip", file.name)
    with zipfile.ZipFile(file) as backup:
        assert backup.testzip() is None
    assert not file.with_suffix(".new.zip").exists()


@pytest.mark.e2e
def test_backup_service_when_the_backup_fails_says_so_and_keeps_the_old_one(home: Path, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.mkdir()
    done = back_up(home, Path(sys.executable).parent)
    assert done.returncode == 0, done.stderr
    (file,) = kept.iterdir()
    before = file.read_bytes()
    (home / "duban.db").write_bytes(b"no database at all" * 100)
    assert back_up(home, Path(sys.executable).parent).returncode != 0
    assert file.read_bytes() == before

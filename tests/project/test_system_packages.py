"""The set-up of system packages, on made-up systems: a folder of commands stands for what is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "system-packages.sh"
BASICS = ("bash", "env", "grep", "sed", "sort", "paste", "uname", "cat", "chmod")
POSTGRES = "postgres (PostgreSQL) {}.4 (Debian {}.4-0+deb12u1)"
FONTS = "Inter\nRoboto\nOpen Sans\n"


class System:
    """A folder with the commands of a made-up system, and a log of what was asked of them."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.log = folder / "bin", folder / "log"
        self.postgres_root = folder / "postgresql"
        self.bin.mkdir()
        self.log.write_text("")
        for name in BASICS:
            (self.bin / name).symlink_to(shutil.which(name) or name)
        self.command("id", "echo 1000")
        self.command("fc-list", f'case "$1" in *Inter*|*Roboto*|*Open*) echo font;; esac; printf "{FONTS}"')
        self.command("fc-cache", "")
        self.python("python3")
        for name in ("chromium", "Xvfb", "openbox", "tesseract"):
            self.command(name, "")
        self.postgres(15)

    def command(self, name: str, body: str, folder: Path | None = None) -> None:
        path = (folder or self.bin) / name
        path.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >> {self.log}\n{body}\n')
        path.chmod(0o755)

    def python(self, name: str, lacks: str = "") -> None:
        """A Python that says it lacks these things; it reads the script's question and throws it away."""
        self.command(name, f"cat >/dev/null; printf '{lacks}'")

    def postgres(self, major: int, folder: Path | None = None) -> None:
        """A PostgreSQL server of this version, in PATH when no other folder is named."""
        self.command("postgres", f"echo '{POSTGRES.format(major, major)}'", folder)

    def remove(self, *names: str) -> None:
        for name in names:
            (self.bin / name).unlink()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPT), *arguments],
            env={"PATH": str(self.bin), "PYTHON": "python3", "POSTGRES_ROOT": str(self.postgres_root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def asked(self, name: str) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith(f"{name} ")]


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_all_there_asks_nothing_of_apt(system: System) -> None:
    system.command("apt-get", "")
    done = system.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert system.asked("apt-get") == []


def test_missing_without_root_gives_the_list_and_fails(system: System) -> None:
    system.remove("chromium", "Xvfb")
    system.command("apt-get", "")
    done = system.run()
    assert done.returncode == 1
    assert "sudo apt-get install chromium xvfb\n" in done.stderr
    assert system.asked("apt-get") == []


def test_missing_without_apt_gives_the_names(system: System) -> None:
    system.remove("openbox")
    done = system.run()
    assert done.returncode == 1
    assert "openbox" in done.stderr
    assert "apt-get" not in done.stderr


def test_missing_as_root_is_installed(system: System) -> None:
    system.remove("chromium", "tesseract")
    system.command("id", "echo 0")
    installs = "".join(
        f"printf '#!/bin/sh\\n' > {system.bin}/{n}; chmod +x {system.bin}/{n}\n"
        for n in ("chromium", "tesseract")
    )
    system.command("apt-get", f'case "$1" in install)\n{installs};; esac')
    done = system.run()
    assert done.returncode == 0, done.stderr
    assert system.asked("apt-get")[-1].endswith("chromium tesseract-ocr")


def test_missing_with_passwordless_sudo_is_installed_through_it(system: System) -> None:
    system.remove("chromium")
    system.command("sudo", 'shift; exec "$@"')
    system.command("true", "")
    system.command(
        "apt-get", f"printf '#!/bin/sh\\n' > {system.bin}/chromium; chmod +x {system.bin}/chromium"
    )
    assert system.run().returncode == 0
    assert system.asked("sudo")


def test_an_installation_that_brings_nothing_fails_with_the_list(system: System) -> None:
    system.remove("chromium")
    system.command("id", "echo 0")
    system.command("apt-get", "")
    done = system.run()
    assert done.returncode == 1
    assert "chromium" in done.stderr


def test_a_python_without_tkinter_gives_way_to_one_that_has_it(system: System) -> None:
    system.python("python3", lacks="tkinter\\n")
    system.python("python3.12")
    done = system.run("--python")
    assert done.returncode == 0
    assert Path(done.stdout.strip()).name in ("python3.12", "python3")
    assert done.stdout.strip() != str(system.bin / "python3")


def test_check_only_says(system: System) -> None:
    system.remove("chromium")
    system.command("id", "echo 0")
    system.command("apt-get", "")
    assert system.run("--check").returncode == 1
    assert system.asked("apt-get") == []


def test_playing_needs_no_postgresql_server(system: System) -> None:
    system.remove("postgres")
    assert system.run().returncode == 0


def test_a_postgresql_server_that_is_missing_or_too_old_is_asked_for_by_the_tests(system: System) -> None:
    system.remove("postgres")
    assert "missing: postgresql\n" in system.run("--tests", "--check").stderr
    system.postgres(14)
    assert "missing: postgresql\n" in system.run("--tests", "--check").stderr


def test_a_postgresql_server_that_debian_keeps_out_of_path_is_found(system: System) -> None:
    system.remove("postgres")
    for major in (14, 16):
        folder = system.postgres_root / str(major) / "bin"
        folder.mkdir(parents=True)
        system.postgres(major, folder)
    assert system.run("--tests", "--check").returncode == 0

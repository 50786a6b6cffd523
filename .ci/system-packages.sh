#!/usr/bin/env bash
# What crashbot needs of the system: says what is missing and installs it where it may.
#
#   .ci/system-packages.sh           install what is missing (apt-get, as root or with passwordless sudo),
#                                      else print the list and exit 1
#   .ci/system-packages.sh --check   only say what is missing; exit 1 if something is
#   .ci/system-packages.sh --tests   the same as without, and what only the tests need (a PostgreSQL server)
#   .ci/system-packages.sh --python  print the Python to make .venv with
set -u

# A Python that will do: 3.11 or newer, able to make a venv, with tkinter (without it the library that
# moves the mouse ends the whole program at its import).
python_lacks() {
    "$1" - <<'PY' 2>/dev/null || echo "not Python 3.11 or newer"
import sys
if sys.version_info < (3, 11):
    raise SystemExit(1)
try:
    import ensurepip, venv
except ImportError:
    print("venv")
try:
    import tkinter
except ImportError:
    print("tkinter")
PY
}

pythons() {
    local name path
    for name in ${PYTHON:-python3} /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do
        path=$(command -v "$name") && printf '%s\n' "$path"
    done
}

good_python() {
    local path
    while read -r path; do
        if [ -z "$(python_lacks "$path")" ]; then
            printf '%s\n' "$path"
            return 0
        fi
    done < <(pythons)
    return 1
}

has_any() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

has_font() {
    has_any fc-list && fc-list ":family=$1" family 2>/dev/null | grep -q .
}

# A PostgreSQL server, 15 or newer. Only the tests and the benchmarks run one, each a server of its own that
# it makes and removes (tests/servers.py); playing needs none. Debian keeps its programs out of PATH. (The
# package also makes a cluster of the system's own; that is left as the system's administrator set it.)
has_postgres() {
    local path
    for path in "$(command -v postgres)" "${POSTGRES_ROOT:-/usr/lib/postgresql}"/*/bin/postgres; do
        [ -x "$path" ] && [[ $("$path" --version) =~ \)\ ([0-9]+) ]] && [ "${BASH_REMATCH[1]}" -ge 15 ] && return 0
    done
    return 1
}

# Debian packages for all that is missing, one a line.
missing_packages() {
    if ! good_python >/dev/null; then
        printf '%s\n' python3-venv python3-tk
        [ -x /usr/bin/python3 ] || printf '%s\n' python3
    fi
    has_any chromium chromium-browser google-chrome google-chrome-stable || echo chromium
    has_any Xvfb || echo xvfb
    has_any openbox || echo openbox
    has_any tesseract || echo tesseract-ocr
    [ -z "$for_tests" ] || has_postgres || echo postgresql
    has_any fc-list || echo fontconfig
    has_font Inter || echo fonts-inter
    has_font Roboto || echo fonts-roboto
    has_font "Open Sans" || echo fonts-open-sans
    [ -z "$for_tests" ] || has_font "DejaVu Sans Condensed" || echo fonts-dejavu
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    has_any apt-get && { [ "$(id -u)" -eq 0 ] || { has_any sudo && sudo -n true 2>/dev/null; }; }
}

say_list() {
    local packages=$1
    echo "crashbot needs these system packages, which are missing: $(echo $packages)" >&2
    if has_any apt-get; then
        echo "Install them, then run make again:" >&2
        echo "    sudo apt-get install $(echo $packages)" >&2
    else
        echo "The names are Debian's: install their like with your system's package manager, then run make again." >&2
    fi
}

say_no_python() {
    echo "No Python was found that is 3.11 or newer and has venv and tkinter:" >&2
    local path
    while read -r path; do
        echo "    $path: lacks $(python_lacks "$path" | paste -sd, - | sed 's/,/ and /')" >&2
    done < <(pythons | sort -u)
    echo "Install one (Debian 12 and newer: sudo apt-get install python3 python3-venv python3-tk)," >&2
    echo "or name one: make PYTHON=/path/to/python3" >&2
}

for_tests=""
if [ "${1:-}" = --tests ]; then
    for_tests=yes
    shift
fi

if [ "${1:-}" = --python ]; then
    good_python || { say_no_python; exit 1; }
    exit 0
fi

if [ "$(uname -s)" != Linux ]; then
    good_python >/dev/null || { say_no_python; exit 1; }
    exit 0
fi

packages=$(missing_packages)
[ -n "$packages" ] || exit 0
if [ "${1:-}" = --check ] || ! may_install; then
    say_list "$packages"
    exit 1
fi
echo "Installing system packages: $(echo $packages)"
as_root apt-get update -q || echo "apt-get update failed; trying with the lists that are there" >&2
# shellcheck disable=SC2086 - one word a package
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $packages || {
    say_list "$packages"
    exit 1
}
has_any fc-cache && fc-cache >/dev/null 2>&1
packages=$(missing_packages)
[ -z "$packages" ] || { good_python >/dev/null || say_no_python; say_list "$packages"; exit 1; }

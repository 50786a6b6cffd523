"""Compiles step functions and kernels with numba, and keeps compiled kernels between runs.

The very function objects of ``bot.staking`` (or of a user's file) are compiled: :func:`jitted` takes a
function's code as it stands and compiles the functions that it calls along with it. Kernels are kept by
numba's own cache, in the user's cache folder, under a name that is a digest of all that went into them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core.registry import cpu_target

from bot.folders import user_cache_dir
from bot.simulation import draws
from bot.staking import steps

_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_COMPILED: dict[int, tuple[Callable[..., Any], Any]] = {}
_HEADER = "# Made by crashbot: a kernel of its simulator. It is made again when this folder is deleted.\n"


def jitted(function: Callable[..., Any], strict: bool = False) -> Any:
    """The compiled form of a plain Python function: the same code, its plain callees compiled too.

    ``strict``: a division by zero raises as in Python; a user's code may need it, ours never divides by zero.
    """
    known = _COMPILED.get(id(function))
    if known is not None:
        return known[1]
    assert isinstance(function, FunctionType)
    namespace = dict(function.__globals__)
    for name in _names(function.__code__):
        callee = namespace.get(name)
        if isinstance(callee, FunctionType):
            namespace[name] = jitted(callee, strict)
    clone = FunctionType(
        function.__code__, namespace, function.__name__, function.__defaults__, function.__closure__
    )
    compiled = numba.njit(clone, nogil=True, error_model="python" if strict else "numpy")
    _COMPILED[id(function)] = (function, compiled)  # the function is kept, so its id stays its own
    return compiled


def digest_of(*functions: Callable[..., Any] | None) -> str:
    """A digest of the code of functions and of all that they call and name."""
    digest = hashlib.sha256()
    for function in functions:
        digest.update(b"|")
        if function is not None:
            _feed(digest, function, set())
    return digest.hexdigest()


def _feed(digest: Any, function: Callable[..., Any], seen: set[int]) -> None:
    assert isinstance(function, FunctionType)
    if id(function) in seen:
        return
    seen.add(id(function))
    code = function.__code__
    digest.update(code.co_code)
    digest.update(repr([const for const in code.co_consts if not isinstance(const, CodeType)]).encode())
    digest.update(repr(function.__defaults__).encode())
    for name in _names(code):
        value = function.__globals__.get(name)
        digest.update(name.encode())
        if isinstance(value, FunctionType):
            _feed(digest, value, seen)
        elif isinstance(value, type):
            digest.update(repr(getattr(value, "_fields", value.__qualname__)).encode())
        elif isinstance(value, np.ndarray):
            digest.update(repr(value.dtype).encode() + value.tobytes())
        elif not isinstance(value, ModuleType):
            digest.update(repr(value).encode())


def _names(code: CodeType) -> tuple[str, ...]:
    """The global names that code uses, nested functions and comprehensions included."""
    nested = [name for const in code.co_consts if isinstance(const, CodeType) for name in _names(const)]
    return tuple(sorted({*code.co_names, *nested}))


def kernel(text: str, names: dict[str, Any], digest: str) -> Any:
    """The compiled function ``kernel`` of ``text``, kept under a digest of text and ``digest``.

    ``names`` are its globals. Where the cache folder can't be written, it is compiled in each process.
    """
    machine = f"{_processor()} {sys.version}"
    made_from = f"{numba.__version__} {np.__version__} {machine} {digest}\n{text}"
    module_name = f"crashbot_kernel_{hashlib.sha256(made_from.encode()).hexdigest()[:32]}"
    module = sys.modules.get(module_name)
    if module is None:
        module = _module(module_name, _HEADER + text)
        sys.modules[module_name] = module
        module.__dict__.update(names)
        cached = module.__spec__ is not None
        module.__dict__["compiled"] = numba.njit(module.__dict__["kernel"], cache=cached, **_OPTIONS)
    return module.__dict__["compiled"]


def _processor() -> str:
    """The kind of processor that numba compiles for."""
    codegen: Any = cpu_target.target_context.codegen()
    return " ".join(map(str, codegen.magic_tuple()))


def _module(name: str, text: str) -> ModuleType:
    path = _kept_file(name, text)
    if path is not None:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    module = ModuleType(name)
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    return module


def _kept_file(name: str, text: str) -> Path | None:
    """The file that numba keeps the kernel beside, in a folder that nobody else can write; or ``None``."""
    folder = user_cache_dir() / "kernels"
    path = folder / f"{name}.py"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            state = folder.stat()
            if state.st_uid != os.getuid() or state.st_mode & 0o022:
                return None
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            fresh = folder / f"{name}.{os.getpid()}.tmp"
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)
    except OSError:
        return None
    return path


def note_of(run: Any) -> str | None:
    """What :func:`keep_note` kept beside a kernel that came from the cache; ``None`` for a fresh one."""
    if not run.stats.cache_hits:
        return None
    path = Path(run.py_func.__code__.co_filename).with_suffix(".txt")
    return path.read_text(encoding="utf-8") if path.is_file() else "none"


def keep_note(run: Any, note: str) -> None:
    """Keep a word about a kernel beside it, where kernels are kept."""
    path = Path(run.py_func.__code__.co_filename)
    if path.is_file():
        with contextlib.suppress(OSError):
            path.with_suffix(".txt").write_text(note, encoding="utf-8")


def common_names() -> dict[str, Any]:
    """The globals that all kernels use."""
    return {
        "np": np,
        "GOLDEN": np.uint64(draws.GOLDEN),
        "SESSION_STEP": np.uint64(draws.SESSION_STEP),
        "SHIFT": np.uint64(64 - draws.BITS),
        "MOST": steps.MOST_MINOR,
        "mix": _mix(),
        "floor_divided": jitted(steps.floor_divided),
    }


def _mix() -> Any:
    """``draws.mix`` on 64-bit numbers, which wrap by themselves."""
    if "mix" not in _SHARED:
        first, second = np.uint64(draws.MIX_1), np.uint64(draws.MIX_2)
        by_30, by_27, by_31 = np.uint64(30), np.uint64(27), np.uint64(31)

        def mix(x: Any) -> Any:
            x = (x ^ (x >> by_30)) * first
            x = (x ^ (x >> by_27)) * second
            return x ^ (x >> by_31)

        _SHARED["mix"] = numba.njit(mix, **_OPTIONS)
    return _SHARED["mix"]


_SHARED: dict[str, Any] = {}

"""A sweep on a Dask cluster of two workers on loopback: the same table, also when a worker is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import polars as pl
import pytest

from bot.domain.errors import BadInput
from bot.simulation.sweep import run_sweep
from tests.simulation.test_sweep import plan

pytestmark = [
    # Dask leaves sockets of its own to the garbage collector when a worker was killed.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def children() -> set[int]:
    """This process's descendants."""
    import psutil

    return {child.pid for child in psutil.Process().children(recursive=True)}


def worker_of_the_cluster() -> int:
    """A Dask worker: a process below a nanny that runs the spawned worker code."""
    import psutil

    found = [
        child.pid
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]
    assert len(found) >= 2
    return found[0]


def test_a_cluster_of_two_workers_gives_the_same_table_even_when_one_is_killed(tmp_path: Path) -> None:
    sweep = plan("target=1.5:3:0.25", "max_steps=2,3,4,5,6", sessions=4_000, rounds=300)
    run_sweep(sweep, tmp_path / "here")
    killed: list[int] = []

    def kill_one(count: int) -> None:
        if count >= 3 and not killed:
            killed.append(worker_of_the_cluster())
            os.kill(killed[0], signal.SIGKILL)

    run_sweep(sweep, tmp_path / "cluster", cluster="local:2", done=kill_one)
    assert killed
    here, there = (pl.read_parquet(tmp_path / name / "results.parquet") for name in ("here", "cluster"))
    assert len(here) == 35
    assert here.equals(there)


def test_processes_that_are_killed_are_started_again(tmp_path: Path) -> None:
    sweep = plan("target=1.5:3:0.25", "max_steps=2,3,4,5,6", sessions=4_000, rounds=300)
    killed: list[int] = []

    def kill_one(count: int) -> None:
        if count >= 3 and not killed:
            killed.append(worker_of_the_cluster())
            os.kill(killed[0], signal.SIGKILL)

    run_sweep(sweep, tmp_path / "two", processes=2, done=kill_one)
    run_sweep(sweep, tmp_path / "one")
    one, two = (pl.read_parquet(tmp_path / name / "results.parquet") for name in ("one", "two"))
    assert killed
    assert one.equals(two)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("local:0", "local:2"),
        ("local:x", "local:2"),
        ("tcp://127.0.0.1:9", "no Dask scheduler"),
        ("nonsense", "no Dask scheduler"),
    ],
)
def test_a_bad_address_is_one_clear_line(
    tmp_path: Path, address: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.simulation import cluster

    monkeypatch.setattr(cluster, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(BadInput, match=said) as caught:
        run_sweep(plan("target=2,3"), tmp_path, cluster=address)
    assert "\n" not in str(caught.value)

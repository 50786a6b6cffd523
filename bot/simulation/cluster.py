"""Where a sweep's points are computed: here, in processes, or on a Dask cluster. The table is the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Any

from bot.domain.errors import BadInput, MissingPart
from bot.simulation.sweep_points import Axis, Value, Work, measured

Done = Iterator[tuple[int, dict[str, Any]]]
#: How often processes that died are started again before it is given up.
_RESTARTS = 5
_SECONDS_TO_CONNECT = 15
_LOCAL = "local:"


def computed(
    work: Work,
    axes: Sequence[Axis],
    points: Mapping[int, tuple[Value, ...]],
    processes: int,
    cluster: str | None,
) -> Done:
    """The figures of all points, by number, in the order in which they are done.

    ``cluster``: a scheduler's address, or ``local:2`` for two workers on this machine's loopback.
    Raises ``BadInput`` for an address where no scheduler is, and when a user's own strategy fails.
    """
    if cluster is not None:
        return _on_cluster(work, axes, points, cluster)
    if processes <= 1 or len(points) < 2:
        return ((number, measured(work, axes, point)) for number, point in points.items())
    return _in_processes(work, axes, points, processes)


# -- processes ------------------------------------------------------------------------------------------

_SHARED: list[tuple[Work, Sequence[Axis]]] = []


def _share(work: Work, axes: Sequence[Axis]) -> None:
    _SHARED[:] = [(work, axes)]


def _of_shared(point: tuple[Value, ...]) -> dict[str, Any]:
    work, axes = _SHARED[0]
    return measured(work, axes, point)


def _in_processes(
    work: Work, axes: Sequence[Axis], points: Mapping[int, tuple[Value, ...]], processes: int
) -> Done:
    left = dict(points)
    for _ in range(_RESTARTS):
        try:
            for number, figures in _one_pool(work, axes, left, processes):
                del left[number]
                yield number, figures
            return
        except BrokenProcessPool:
            continue  # a process was killed: the points that it held are computed again
    raise MissingPart(f"processes of the sweep died {_RESTARTS} times: free memory, or use --processes 1")


def _one_pool(
    work: Work, axes: Sequence[Axis], points: Mapping[int, tuple[Value, ...]], processes: int
) -> Done:
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _share, (work, axes))
    try:
        waiting = {pool.submit(_of_shared, point): number for number, point in list(points.items())}
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                yield waiting.pop(future), future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


# -- a Dask cluster -------------------------------------------------------------------------------------


def _on_cluster(
    work: Work, axes: Sequence[Axis], points: Mapping[int, tuple[Value, ...]], address: str
) -> Done:
    try:
        from distributed import Client
    except ImportError:
        raise MissingPart(
            "--cluster needs Dask: install crashbot with its extra, pip install 'crashbot[cluster]'"
        ) from None
    local = _local_cluster(address) if address.startswith(_LOCAL) else None
    try:
        try:
            client: Any = _client(Client, local or address)
        except (OSError, ValueError, TypeError) as error:
            raise BadInput(f"--cluster {address}: no Dask scheduler answers there ({error})") from None
        with client, client.as_current():
            yield from _submitted(client, work, axes, points)
    finally:
        if local is not None:
            local.close()


def _client(make: Any, address: Any) -> Any:
    return make(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)


def _submitted(
    client: Any, work: Work, axes: Sequence[Axis], points: Mapping[int, tuple[Value, ...]]
) -> Done:
    from distributed import as_completed

    # A task rather than scattered data: when the workers that hold it die, it is simply made again.
    shared = client.submit(_same, (work, tuple(axes)), pure=False)
    futures = {client.submit(_remote, shared, point, pure=False): number for number, point in points.items()}
    ready: Any = as_completed(list(futures))  # type: ignore[no-untyped-call]
    for future in ready:
        yield futures[future], future.result()
        future.release()


def _same(shared: tuple[Work, tuple[Axis, ...]]) -> tuple[Work, tuple[Axis, ...]]:
    return shared


def _remote(shared: tuple[Work, tuple[Axis, ...]], point: tuple[Value, ...]) -> dict[str, Any]:
    work, axes = shared
    return measured(work, axes, point)


def _local_cluster(address: str) -> Any:
    from distributed import LocalCluster

    make: Any = LocalCluster

    workers = address.removeprefix(_LOCAL)
    if not workers.isdigit() or not 1 <= int(workers) <= 256:
        raise BadInput(f"--cluster {address}: write local:2 for two workers on this machine")
    return make(
        n_workers=int(workers),
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )

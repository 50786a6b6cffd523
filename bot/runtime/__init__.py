"""The runtime knows everybody: processes, queues, supervision, shutdown order, statistics."""

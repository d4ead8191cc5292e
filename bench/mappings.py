"""Mapping: microseconds from a webhook's bytes to its calls, for HubSpot's shipped examples."""

import time
from pathlib import Path
from statistics import median

from adapter.compiler.load import load_strict
from adapter.config.source import Source
from adapter.mapping.reading import RequestReading
from adapter.webhook.request import Request
from bench.contestants import Place, config_environ, write_config

REPEATS = 7


def measure(folder: Path, seconds: float) -> dict[str, float]:
    """Return µs a webhook by the name of HubSpot's example; `folder` takes a configuration."""
    place = Place(folder=folder, agent_url="http://127.0.0.1:9/")
    config = load_strict(write_config(place, 9), config_environ())
    source = config.sources["hubspot"]
    each_s = seconds / len(source.examples)
    return {
        example.name: _mapped_us(source, example.request, each_s) for example in source.examples
    }


def _mapped_us(source: Source, request: Request, seconds: float) -> float:
    started = time.perf_counter()
    RequestReading(source.mapping, request).mapped()
    once_s = max(time.perf_counter() - started, 1e-6)
    times = max(1, int(seconds / REPEATS / once_s))
    return median(_average_us(source, request, times) for _ in range(REPEATS))


def _average_us(source: Source, request: Request, times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        RequestReading(source.mapping, request).mapped()
    return (time.perf_counter() - started) / times * 1e6

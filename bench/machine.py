"""The machine, the interpreter and how busy both were: without them a figure says nothing."""

import datetime as dt
import os
import platform
import re
import sysconfig
from pathlib import Path


def describe() -> dict[str, str]:
    """Return what a reader must know of where this is measured, before anything runs."""
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} x {_processor()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}, {_build()}",
        "load before": load(),
    }


def load() -> str:
    """Return how many processes ran or waited to, over 1, 5 and 15 minutes."""
    return " ".join(f"{average:.1f}" for average in os.getloadavg())


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        return platform.processor()
    return found[1] if found else "unknown"


def _build() -> str:
    """Return how the interpreter was built: profile-guided ones are up to 1.8 times as fast."""
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    guided = "PGO" if "--enable-optimizations" in arguments else "plain build, no PGO"
    return f"{guided}, LTO" if "--with-lto" in arguments else guided

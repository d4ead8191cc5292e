"""`python -m adapter` is `adapter`."""

from adapter.cli import main

main()

"""The admin listener: the JSON API that CLI and console share."""

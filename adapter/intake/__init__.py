"""The public listener: what is done with a webhook between its first byte and its answer."""

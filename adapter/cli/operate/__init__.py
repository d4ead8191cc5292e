"""Commands for who runs an adapter: calls, webhooks, status, pause, block, forget, capture."""

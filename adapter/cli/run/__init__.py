"""Commands that run something: serve, demo, mock-agent, migrate."""

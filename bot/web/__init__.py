"""HTTP: webhooks, health, and the demo's pages."""

"""The conversations, one module each, and the engine that plays them."""

"""Renders the demo scenes, trains the demo models and exports them. See README.md."""

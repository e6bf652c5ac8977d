"""Matching units with concepts, and testing the match by switching units off and on."""

"""Frames, and samples that anybody can draw again."""

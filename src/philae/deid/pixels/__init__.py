"""Frames in, frames out: codecs, masks and defacing for the pixels of an instance."""

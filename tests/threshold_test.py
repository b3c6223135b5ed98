"""In work by the helper that was asked for it: every threshold of data/ changes an answer."""

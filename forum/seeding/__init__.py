"""Forums to try things on: invented ones, and real texts brought in from a file."""

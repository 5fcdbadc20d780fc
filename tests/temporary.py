"""Temporary folders of tests, in memory where there is room.

Each world's database waits for the disk at every commit, as it should; tests of the worlds' rules
need not. What a power cut leaves is no matter here, and a killed process loses nothing in memory.
"""

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
LEAST = 6 * 2**30  # bytes free


def use_memory():
    """Make all temporary folders of this process, and of those it starts, in memory.

    Not where TMPDIR names another folder, room is short, or programs must not run from there.
    """
    if "TMPDIR" not in os.environ and _is_fit(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # asks the environment anew


def _is_fit(folder):
    if not folder.is_dir():
        return False
    system = os.statvfs(folder)
    return system.f_bavail * system.f_frsize >= LEAST and not system.f_flag & os.ST_NOEXEC

"""Usage of an index: the week in which its circle was last searched on this host.

It is noted where the folder of indexes is bounded, so that those used longest ago go first. A finer
time would show a thief of the folder when members search.
"""

from contextlib import suppress
from datetime import timedelta
from os import utime
from pathlib import Path

from forum.core.clock import now

MARK = "used"  # an empty file in the folder of the index, and goes with it


def note(folder: Path) -> None:
    """Note that an index is used this week, and leave the times of all else as they are.

    Nothing is noted where the index was evicted at this moment, or the disk is full.
    """
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    week = (today - timedelta(days=today.weekday())).timestamp()
    if last_week(folder) == week:
        return
    mark = folder / MARK
    with suppress(OSError):
        before = folder.stat().st_mtime
        mark.touch(mode=0o600)
        utime(mark, (week, week))
        utime(folder, (before, before))


def last_week(folder: Path) -> float:
    """Beginning of the week of the last use, as a timestamp; 0.0 where none was noted."""
    with suppress(FileNotFoundError):
        return (folder / MARK).stat().st_mtime
    return 0.0

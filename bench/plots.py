"""Line charts as SVG without scripts or remote content."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

COLOURS = ("#a4501f", "#1f5f6b", "#7fb0b8", "#8a867c")
LOOK: Any = {
    "font.family": "sans-serif",
    "svg.fonttype": "none",  # letters stay letters
    "svg.hashsalt": "forum",  # equal figures give equal files
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e1d6",
}


def lines(
    path: Path, title: str, along: str, sizes: Sequence[int], drawn: Mapping[str, Sequence[float]]
) -> None:
    """Draw milliseconds by size, on logarithmic axes."""
    with rc_context(rc=LOOK):
        figure = Figure(figsize=(7.5, 4.2), layout="constrained")
        axes = figure.subplots()
        for colour, (name, values) in zip(COLOURS, drawn.items(), strict=True):
            axes.plot(sizes, values, marker="o", color=colour, label=name)
        axes.set(title=title, xlabel=along, ylabel="milliseconds", xscale="log", yscale="log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        low, high = axes.get_ylim()
        ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if low < tick < high]
        axes.set_yticks(ticks, [str(tick) for tick in ticks])
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})

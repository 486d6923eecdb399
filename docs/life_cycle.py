"""Draw the life cycle of a case as a picture, from the table of commands.

``python docs/life_cycle.py`` prints it. Stages stand one below the other in their order. A command that leads to the
next stage is an arrow down; those that skip stages leave at the side and come back further down. Arrows between the
same two stages are one, with all names on it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from html import escape
from itertools import combinations, product

from detainer_ledger.casework import command_kinds, stages

BEGIN = "none"
BOX_WIDTH, BOX_HEIGHT, GAP = 190, 46, 68
TOP, BEGIN_TOP, MARGIN, TRACK = 104, 20, 24, 26
LINE_HEIGHT, LETTER = 15, 7.3
PORT = 16
LETTERS_A_LINE = 32
INK, LINE, PAPER, FILL = "#16202c", "#3a4a5e", "#ffffff", "#eef3f8"

Edge = tuple[str, str]


def picture() -> str:
    """Return the picture as SVG."""
    edges = edges_of_commands()
    order = [BEGIN, *stages()]
    straight = {edge: names for edge, names in edges.items() if order.index(edge[1]) - order.index(edge[0]) == 1}
    skipping = {edge: names for edge, names in edges.items() if edge not in straight}
    left, right = _sides(list(skipping), order)
    wide = {side: max((_width(skipping[edge]) for edge in of), default=0) for side, of in (("l", left), ("r", right))}
    box_left = MARGIN + len(left) * TRACK + wide["l"] + 24
    total = box_left + BOX_WIDTH + wide["r"] + len(right) * TRACK + 24 + MARGIN
    tops = {stage: TOP + (place - 1) * (BOX_HEIGHT + GAP) for place, stage in enumerate(order)}
    tops[BEGIN] = BEGIN_TOP
    parts = [_straight(edge, names, tops, box_left + BOX_WIDTH / 2) for edge, names in straight.items()]
    for direction, of, near in ((-1, left, box_left), (1, right, box_left + BOX_WIDTH)):
        side = "l" if direction < 0 else "r"
        for place, edge in enumerate(of):
            track = near + direction * (wide[side] + 24 + place * TRACK)
            parts.append(_beside(edge, skipping[edge], tops, _ports(of, order), near, track))
    parts += [_box(stage, box_left, tops[stage]) for stage in stages()]
    parts.append(_begin(box_left + BOX_WIDTH / 2, tops[BEGIN]))
    height = tops[order[-1]] + BOX_HEIGHT + MARGIN
    return _document("\n".join(parts), round(total), round(height), edges)


def edges_of_commands() -> dict[Edge, list[str]]:
    """Return the names of the commands that lead from one stage to another, by the two stages."""
    edges: dict[Edge, list[str]] = {}
    for kind in command_kinds().values():
        for stage in kind.leaves:
            edges.setdefault((stage, str(kind.to_stage)), []).append(kind.id)
    return edges


def _sides(edges: Sequence[Edge], order: Sequence[str]) -> tuple[list[Edge], list[Edge]]:
    """Return the edges of the left and of the right, innermost first, so that the fewest lines cross."""
    spans = {edge: (order.index(edge[0]), order.index(edge[1])) for edge in edges}

    def cost(sides: Sequence[int]) -> tuple[int, int]:
        crossings = parted = 0
        for one, other in combinations(range(len(edges)), 2):
            (a, b), (c, d) = sorted((spans[edges[one]], spans[edges[other]]))
            is_same_side = sides[one] == sides[other]
            crossings += is_same_side and a < c < b < d
            parted += not is_same_side and b == d
        return crossings * 10 + parted * 15, sum(sides)

    best = min(product((0, 1), repeat=len(edges)), key=cost)
    found: tuple[list[Edge], list[Edge]] = ([], [])
    for edge, side in sorted(zip(edges, best, strict=True), key=lambda each: _length(spans[each[0]])):
        found[1 - side].append(edge)
    return found


def _length(span: tuple[int, int]) -> tuple[int, int]:
    return span[1] - span[0], span[0]


def _ports(edges: Sequence[Edge], order: Sequence[str]) -> Mapping[tuple[Edge, str], float]:
    """Return how far from the middle of its box each end of a line stands: longer lines above shorter.

    Lines that arrive at one stage stand the other way round, so that none crosses another.
    """
    found: dict[tuple[Edge, str], float] = {}
    for stage in order:
        arriving = [edge for edge in edges if edge[1] == stage]
        leaving = [edge for edge in reversed(edges) if edge[0] == stage]
        # The names of the first to leave stand above it, where no arrival may cross them.
        first = 1 if len(leaving) > 1 else 0
        ends = [
            *((edge, "from") for edge in leaving[:first]),
            *((edge, "to") for edge in arriving),
            *((edge, "from") for edge in leaving[first:]),
        ]
        for place, end in enumerate(ends):
            found[end] = (place - (len(ends) - 1) / 2) * min(PORT, (BOX_HEIGHT - 12) / max(1, len(ends) - 1))
    return found


def _straight(edge: Edge, names: Sequence[str], tops: Mapping[str, float], x: float) -> str:
    start = tops[edge[0]] + (BOX_HEIGHT if edge[0] != BEGIN else 18)
    end = tops[edge[1]]
    lines = _lines(names)
    first = (start + end) / 2 - (len(lines) - 1) * LINE_HEIGHT / 2 + 4
    return "\n".join([_path(f"M{x:g} {start:g} V{end - 2:g}"), *_texts(lines, x + 10, first, anchor="start")])


def _beside(
    edge: Edge,
    names: Sequence[str],
    tops: Mapping[str, float],
    ports: Mapping[tuple[Edge, str], float],
    near: float,
    track: float,
) -> str:
    direction = 1 if track > near else -1
    is_begin = edge[0] == BEGIN
    start = tops[edge[0]] + (9 if is_begin else BOX_HEIGHT / 2) + ports[edge, "from"] * (not is_begin)
    end = tops[edge[1]] + BOX_HEIGHT / 2 + ports[edge, "to"]
    leave = near - direction * (BOX_WIDTH / 2 - 10) if is_begin else near
    bend = 8 * direction
    path = (
        f"M{leave:g} {start:g} H{track - bend:g} Q{track:g} {start:g} {track:g} {start + 8:g}"
        f" V{end - 8:g} Q{track:g} {end:g} {track - bend:g} {end:g} H{near + 2 * direction:g}"
    )
    lines = _lines(names)
    # Where another line stands above this one, the names go below it.
    is_below = ports[edge, "from"] > 0
    first = start + 14 if is_below else start - 6 - (len(lines) - 1) * LINE_HEIGHT
    anchor = "start" if direction > 0 else "end"
    return "\n".join([_path(path), *_texts(lines, near + 8 * direction, first, anchor=anchor)])


def _path(path: str) -> str:
    halo = f'<path d="{path}" class="halo"/>'
    return f'{halo}\n<path d="{path}" class="line" marker-end="url(#tip)"/>'


def _texts(lines: Sequence[str], x: float, first: float, *, anchor: str) -> list[str]:
    return [
        f'<text x="{x:g}" y="{first + place * LINE_HEIGHT:g}" class="name" text-anchor="{anchor}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    ]


def _box(stage: str, x: float, y: float) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8" class="box"/>\n'
        f'<text x="{x + BOX_WIDTH / 2:g}" y="{y + BOX_HEIGHT / 2 + 5:g}" class="stage" text-anchor="middle">'
        f"{escape(stage.replace('_', ' '))}</text>"
    )


def _begin(x: float, y: float) -> str:
    return f'<circle cx="{x:g}" cy="{y + 9:g}" r="8" class="dot"/>'


def _lines(names: Sequence[str]) -> list[str]:
    lines = [""]
    for place, name in enumerate(names):
        word = name + ("," if place < len(names) - 1 else "")
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > LETTERS_A_LINE:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _width(names: Sequence[str]) -> float:
    return max(len(line) for line in _lines(names)) * LETTER + 10


def _described(edges: Mapping[Edge, Sequence[str]]) -> str:
    told = [
        f"{'No case yet' if begin == BEGIN else begin.replace('_', ' ').capitalize()} leads to"
        f" {end.replace('_', ' ')} by {', '.join(name.replace('_', ' ') for name in names)}."
        for (begin, end), names in edges.items()
    ]
    return " ".join(told)


def _document(body: str, width: int, height: int, edges: Mapping[Edge, Sequence[str]]) -> str:
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" \
aria-labelledby="life-cycle-title life-cycle-desc">
<title id="life-cycle-title">The stages of a detainer's case, and the commands that lead from one to the next</title>
<desc id="life-cycle-desc">{escape(_described(edges))}</desc>
<style>
.box {{ fill: {FILL}; stroke: {LINE}; stroke-width: 1.5 }}
.dot {{ fill: {INK} }}
.line {{ fill: none; stroke: {LINE}; stroke-width: 1.5 }}
.halo {{ fill: none; stroke: {PAPER}; stroke-width: 6 }}
.stage {{ font: 600 15px system-ui, "Liberation Sans", Arial, sans-serif; fill: {INK} }}
.name {{ font: 12px ui-monospace, "Liberation Mono", Menlo, Consolas, monospace; fill: {INK} }}
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">\
<path d="M0 0 L10 5 L0 10 z" fill="{LINE}"/></marker></defs>
<rect width="{width}" height="{height}" fill="{PAPER}"/>
{body}
</svg>
"""


if __name__ == "__main__":
    sys.stdout.write(picture())

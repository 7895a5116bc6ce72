"""In: a map as data and its result. Out: the figure.

The drawing library's own maps fetch their outlines from the network; these are plain filled shapes over outlines that
come with the package.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from bi_chat.charts.countries import country_code, outlined, outlines
from bi_chat.charts.frame import HEIGHT, empty_figure
from bi_chat.charts.parts import shading
from bi_chat.charts.series import cells_of, column_named
from bi_chat.charts.theme import Theme, word
from bi_chat.charts.ticks import safe, shortened
from bi_chat.language.display import as_number, show_cell
from bi_chat.values.chart import Chart
from bi_chat.values.result import Result

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Shape = tuple[list[float | None], list[float | None]]


def draw_map(chart: Chart, result: Result, theme: Theme, language: str, heading: tuple[str, str]) -> Figure:
    """Countries shaded by the number; those too small for the outlines are named under the title."""
    names, value = column_named(result, chart.x), column_named(result, chart.y[0])
    found: dict[str, tuple[str, float]] = {}
    missed: list[str] = []
    for name, number in zip(cells_of(result, names.name), map(as_number, cells_of(result, value.name)), strict=True):
        code = country_code(str(name)) if name is not None else None
        if code in outlined() and number is not None:
            found[str(code)] = (show_cell(name, names, language), number)
        else:
            missed.append(show_cell(name, names, language))
    off = word("off_map", language, of=shortened(", ".join(missed), 60)) if missed else ""
    figure = empty_figure(theme, heading[0], " · ".join(p for p in (heading[1], off) if p), height=HEIGHT)
    _fill(figure, sorted(outlined() - set(found)), theme.grid, "", theme)
    shades = shading([v for _, v in found.values()], value, theme, language)
    low, high, scale = shades["zmin"], shades["zmax"], shades["colorscale"]
    assert isinstance(low, int | float) and isinstance(high, int | float) and isinstance(scale, list)
    for code, (name, number) in found.items():
        hover = f"{safe(name)}: <b>{safe(show_cell(number, value, language))}</b>"
        _fill(figure, [code], _shade((number - low) / (high - low), [c for _, c in scale]), hover, theme)
    _add_scale(figure, shades)
    figure.update_xaxes(visible=False, fixedrange=True, range=[-2.75, 2.75])
    figure.update_yaxes(visible=False, fixedrange=True, range=[-1.05, 1.43], scaleanchor="x", constrain="domain")
    figure.update_layout(margin={"l": 8, "r": 8, "b": 8}, hovermode="closest")
    return figure


def _fill(figure: Figure, codes: list[str], colour: str, hover: str, theme: Theme) -> None:
    from plotly.graph_objects import Scatter

    xs: list[float | None] = []
    ys: list[float | None] = []
    for code in codes:
        x, y = shapes()[code]
        xs, ys = xs + x, ys + y
    figure.add_trace(
        Scatter(
            x=xs,
            y=ys,
            mode="lines",
            fill="toself",
            fillcolor=colour,
            line={"color": theme.ground, "width": 0.6},
            hoveron="fills",
            text=hover,
            hoverinfo="text" if hover else "skip",
        )
    )


def _add_scale(figure: Figure, shades: dict[str, object]) -> None:
    """An unseen dot that carries the colour bar."""
    from plotly.graph_objects import Scatter

    marker = {"cmin": shades["zmin"], "cmax": shades["zmax"], "color": [shades["zmin"]], "opacity": 0}
    bar = shades["colorbar"]
    assert isinstance(bar, dict)
    marker |= {"colorscale": shades["colorscale"], "colorbar": {**bar, "len": 0.6}, "showscale": True}
    figure.add_trace(Scatter(x=[0], y=[0], mode="markers", marker=marker, hoverinfo="skip"))


def _shade(share: float, ramp: list[str]) -> str:
    """The ramp's colour at a share from 0 to 1."""
    at = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    left = min(int(at), len(ramp) - 2)
    pairs = ((int(ramp[left][i : i + 2], 16), int(ramp[left + 1][i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * (at - left)):02x}" for a, b in pairs)


@cache
def shapes() -> dict[str, Shape]:
    """Each country's outline on the plane; None parts its islands."""
    features = outlines()["features"]
    assert isinstance(features, list)
    found: dict[str, Shape] = {}
    for feature in features:
        xs: list[float | None] = []
        ys: list[float | None] = []
        for polygon in feature["geometry"]["coordinates"]:
            for longitude, latitude in polygon[0]:
                x, y = projected(longitude, latitude)
                xs.append(x)
                ys.append(y)
            xs.append(None)
            ys.append(None)
        found[feature["id"]] = (xs, ys)
    return found


def projected(longitude: float, latitude: float) -> tuple[float, float]:
    """The Natural Earth projection (Savric, Jenny, Patterson, Petrovic, Hurni 2011), degrees to plane units."""
    lam, phi = math.radians(longitude), math.radians(latitude)
    p2 = phi * phi
    p4 = p2 * p2
    across = 0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4))
    up = 1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4))
    return round(lam * across, 4), round(phi * up, 4)

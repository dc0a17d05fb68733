"""Draws a chart into a Word document as Word's own chart, which LibreOffice draws as well: sharp in print, no picture.

The figures are kept in the drawing itself; there is no workbook behind it.  Called by `documents.official.word`.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Mm

from documents.official.blocks import SONG, Chart, Series
from engine.rules.ledger_layout import showable

_WIDTH = Mm(154)
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_WORD = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_INK, _LINE = "1C2733", "C3CCD6"


def add_chart(document: Any, paragraph: Any, chart: Chart) -> None:
    """Put a chart into a paragraph."""
    package = document.part.package
    number = sum(part.partname.startswith("/word/charts/") for part in package.iter_parts()) + 1
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CONTENT_TYPE.DML_CHART, _chart(chart).encode(), package)
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    inline = (
        f'<wp:inline xmlns:wp="{_WORD}" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{_WIDTH}" cy="{Mm(chart.height)}"/>'
        f'<wp:docPr id="{number}" name="chart{number}" descr="{_escaped(chart.title)}"/>'
        f'<a:graphic xmlns:a="{_DRAWING}"><a:graphicData uri="{_CHART}">'
        f'<c:chart xmlns:c="{_CHART}" xmlns:r="{_RELATIONS}" r:id="{relation}"/>'
        "</a:graphicData></a:graphic></wp:inline>"
    )
    paragraph.add_run()._r.add_drawing(parse_xml(inline))  # noqa: SLF001 - charts have no other door


def _chart(chart: Chart) -> str:
    plot = _course(chart) if chart.is_course else _bars(chart)
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<c:chartSpace xmlns:c="{_CHART}" xmlns:a="{_DRAWING}">'
        '<c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        f"{plot}{_axes(chart)}</c:plotArea>"
        f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{_type(900)}</c:legend>'
        '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>{_type(900)}</c:chartSpace>"
    )


def _bars(chart: Chart) -> str:
    series = "".join(
        f'{_opening(place, one)}<c:spPr>{_fill(one.colour)}<a:ln w="6350">{_fill(_INK)}</a:ln></c:spPr>'
        f'<c:invertIfNegative val="0"/>{_figures(chart, one)}</c:ser>'
        for place, one in enumerate(chart.series)
    )
    return (
        '<c:barChart><c:barDir val="bar"/><c:grouping val="stacked"/><c:varyColors val="0"/>'
        f'{series}<c:gapWidth val="60"/><c:overlap val="100"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
    )


def _course(chart: Chart) -> str:
    series = "".join(
        f'{_opening(place, one)}<c:spPr><a:ln w="28575">{_fill(one.colour)}'
        f'{_dash(place)}</a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker>{_figures(chart, one)}'
        '<c:smooth val="0"/></c:ser>'
        for place, one in enumerate(chart.series)
    )
    return (
        '<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>'
        f'{series}<c:marker val="1"/><c:axId val="1"/><c:axId val="2"/></c:lineChart>'
    )


def _dash(place: int) -> str:
    """Return how a line is drawn, so that black and white print tells one from another."""
    return f'<a:prstDash val="{("dash", "solid", "sysDot")[place % 3]}"/>'


def _opening(place: int, series: Series) -> str:
    name = f"<c:tx><c:strRef><c:f>name{place}</c:f>{_words((series.name,))}</c:strRef></c:tx>"
    return f'<c:ser><c:idx val="{place}"/><c:order val="{place}"/>{name}'


def _figures(chart: Chart, series: Series) -> str:
    """Return the labels that are figures too, the labels and the values."""
    shown = "" if chart.is_course else _labels(series)
    points = "".join(
        f'<c:pt idx="{place}"><c:v>{value:g}</c:v></c:pt>'
        for place, value in enumerate(series.values)
        if value is not None
    )
    return (
        f"{shown}<c:cat><c:strRef><c:f>labels</c:f>{_words(chart.labels)}</c:strRef></c:cat>"
        f"<c:val><c:numRef><c:f>values</c:f><c:numCache><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(series.values)}"/>{points}</c:numCache></c:numRef></c:val>'
    )


def _labels(series: Series) -> str:
    """Return the marks within bars; a nought has none."""
    noughts = "".join(
        f'<c:dLbl><c:idx val="{place}"/><c:delete val="1"/></c:dLbl>'
        for place, value in enumerate(series.values)
        if not value
    )
    dark = sum(int(series.colour[at : at + 2], 16) for at in (0, 2, 4)) < 3 * 128
    shown = "".join(
        f'<c:show{what} val="{int(what == "Val")}"/>'
        for what in ("LegendKey", "Val", "CatName", "SerName", "Percent", "BubbleSize")
    )
    return f"<c:dLbls>{noughts}{_type(900, 'FFFFFF' if dark else _INK)}{shown}</c:dLbls>"


def _axes(chart: Chart) -> str:
    labels, values = ("b", "l") if chart.is_course else ("l", "b")
    turned = "minMax" if chart.is_course else "maxMin"
    crosses = "autoZero" if chart.is_course else "max"
    line = f'<c:spPr><a:ln w="6350">{_fill(_LINE)}</a:ln></c:spPr>'
    return (
        f'<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="{turned}"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="{labels}"/><c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>'
        f'<c:minorTickMark val="none"/><c:tickLblPos val="low"/>{line}{_type(900)}<c:crossAx val="2"/>'
        '<c:crosses val="autoZero"/><c:auto val="0"/><c:lblAlgn val="ctr"/><c:lblOffset val="50"/></c:catAx>'
        '<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:min val="0"/></c:scaling>'
        f'<c:delete val="0"/><c:axPos val="{values}"/><c:majorGridlines>{line}</c:majorGridlines>'
        '<c:numFmt formatCode="0" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/>'
        f'<c:tickLblPos val="nextTo"/>{line}{_type(900)}<c:crossAx val="1"/><c:crosses val="{crosses}"/>'
        '<c:crossBetween val="between"/></c:valAx>'
    )


def _words(words: Iterable[str]) -> str:
    points = [f'<c:pt idx="{place}"><c:v>{_escaped(word)}</c:v></c:pt>' for place, word in enumerate(words)]
    return f'<c:strCache><c:ptCount val="{len(points)}"/>{"".join(points)}</c:strCache>'


def _type(size: int, colour: str = _INK) -> str:
    return (
        f'<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="{size}" b="0">{_fill(colour)}<a:latin typeface="{SONG}"/>'
        f'<a:ea typeface="{SONG}"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _fill(colour: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'


def _escaped(text: str) -> str:
    return escape(showable(text))

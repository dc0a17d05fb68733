"""Text that Word keeps in content controls, smart tags and above other text is not lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from engine.rules.vocabulary import MeasureClass
from intake.notice.read_notice import read_notice

W = nsdecls("w")
#: parts of paragraphs as Word writes them
CONTROL = f"<w:sdt {W}><w:sdtContent><w:r><w:t>建管科</w:t></w:r></w:sdtContent></w:sdt>"
SMART = (
    f'<w:smartTag {W} w:uri="urn:schemas-microsoft-com:office:smarttags" w:element="chsdate">'
    "<w:r><w:t>2025年6月30日</w:t></w:r></w:smartTag>"
)
RUBY = (
    f"<w:r {W}><w:ruby><w:rt><w:r><w:t>tuī</w:t></w:r></w:rt>"
    "<w:rubyBase><w:r><w:t>清退</w:t></w:r></w:rubyBase></w:ruby></w:r>"
)
BLOCK = (
    f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>2.针对“丙”的问题。一是追责(长期坚持)。</w:t></w:r></w:p>"
    "</w:sdtContent></w:sdt>"
)


def test_word_document_when_text_stands_in_controls_tags_and_ruby_has_all_of_it(tmp_path: Path):
    document = docx.Document()
    for line in ("关于整改情况的通报", "2025年1月10日,巡察组反馈了意见。", "(一)关于“甲”问题的整改"):
        document.add_paragraph(line)
    paragraph = document.add_paragraph("1.针对“乙”的问题。一是")
    for before, part in (("", RUBY), ("违规资金。责任单位:", CONTROL), ("。完成时限:", SMART)):
        paragraph.add_run(before)
        paragraph._p.append(parse_xml(part))
    paragraph.add_run("。")
    document.element.body.insert(len(document.element.body) - 1, parse_xml(BLOCK))
    document.save(str(tmp_path / "通报.docx"))
    first, second = read_notice(tmp_path / "通报.docx").measures()
    assert (first.text, first.unit, first.due) == ("清退违规资金。", "建管科", date(2025, 6, 30))
    assert (second.text, second.measure_class) == ("追责(长期坚持)。", MeasureClass.CONTINUOUS)

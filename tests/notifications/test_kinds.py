"""Every kind of message in both languages, word for word; and the office's own templates in the place of Duban's."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

import i18n
from cli.try_messages import KINDS
from notifications.kinds import MessageKind, kind_of
from notifications.render import Renderer, render_digest
from notifications.samples import sample, samples
from notifications.template_set import KNOWN, PARTS, SHIPPED, TemplateSet, load_templates, names

GOLDEN = Path(__file__).parent / "golden"
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "change-the-messages.md"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", MessageKind)
def test_message_of_each_kind_reads_as_agreed(kind: MessageKind, language: str):
    """After a wanted change: DUBAN_WRITE_GOLDEN=1 pytest tests/notifications, then read the difference."""
    message = render_digest(sample(kind, language))
    content, path = f"{message.subject}\n\n{message.text}", GOLDEN / f"kind-{kind.value}.{language}.txt"
    if os.environ.get("DUBAN_WRITE_GOLDEN"):
        path.write_text(content, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("kind", MessageKind)
def test_message_in_html_says_all_that_its_text_says_and_loads_nothing(kind: MessageKind):
    digest = sample(kind, "zh_CN")
    assert kind_of(digest) is kind
    html = render_digest(digest).html()
    said = Renderer("zh_CN").said(digest)
    for section in said["sections"]:
        for line in section.lines:
            for part in (line.code, line.sentence, *line.facts, *line.notes, line.when):
                assert part in html
    for loads in ("<img", "<link", "src=", "url(", "<script", "@import", "http"):
        assert loads not in html


def test_kinds_when_listed_have_their_folder_and_their_word_on_the_command_line():
    assert {kind.value for kind in MessageKind} == set(KINDS)
    assert {f"{kind.value}/{part}" for kind in MessageKind for part in PARTS} <= names()
    told = HOW_TO.read_text(encoding="utf-8")
    assert [name for name in KNOWN - {"_"} if f"`{name}`" not in told] == []
    assert set(samples()[MessageKind.RED]) == KNOWN


def _own(folder: Path, **files: str) -> tuple[TemplateSet, list[tuple[str, int | None, str]]]:
    for name, source in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    templates, faults = load_templates(folder, samples)
    return templates, [
        (Path(one.place.file).relative_to(folder).as_posix(), one.place.row, i18n.say(one.message, "en"))
        for one in faults
    ]


def _red(templates: TemplateSet) -> str:
    message = Renderer("zh_CN", templates).render(sample(MessageKind.RED, "zh_CN"))
    return f"{message.subject}\n{message.text}\n{message.html()}"


def test_own_template_when_it_holds_is_used_and_escaped(tmp_path: Path):
    opening = "{% extends 'layout/body.html' %}\n{% block opening %}请于今日办结 {{ '<b>' }}{% endblock %}\n"
    templates, faults = _own(tmp_path, red__subject_txt="【特急】{{ code }}\n", red__body_html=opening)
    assert faults == []
    found = _red(templates)
    assert found.startswith("【特急】1.2.1-01\n李建国同志")
    assert "请于今日办结 &lt;b&gt;" in found
    assert "以下事项已逾期" in found, "the text part is Duban's own"
    other = Renderer("zh_CN", templates).render(sample(MessageKind.YELLOW, "zh_CN"))
    assert other.subject == "【黄色督办单】1.2.1-01进度滞后"


def test_own_layout_when_it_holds_changes_every_message(tmp_path: Path):
    layout = (SHIPPED / "layout" / "body.txt").read_text(encoding="utf-8").replace("——", "—— 某局督查室 ——")
    templates, faults = _own(tmp_path, layout__body_txt=layout)
    assert faults == []
    for kind in MessageKind:
        assert "某局督查室" in Renderer("en", templates).render(sample(kind, "en")).text


@pytest.mark.parametrize(
    ("name", "source", "row", "told"),
    [
        ("red__subject_txt", "逾期\n{{ owner_phone }}\n", 2, "owner_phone is not known"),
        ("red__body_html", "{% extends 'layout/body.html' %}\n{% block opening %}\n{% if %}", 3, "not valid"),
        ("red__body_txt", "a\n\n{{ sections[0].lines[0].phone }}\n", 3, "cannot write a message of the kind red"),
        ("red__body_txt", "{{ sections.__class__.__mro__ }}", 1, "cannot write a message of the kind red"),
        ("red__body_txt", "{% for _ in range(10 ** 9) %}x{% endfor %}", 1, "cannot write"),
        ("red__body_txt", "{% include '/etc/passwd' %}", 1, "cannot write"),
        ("layout__body_html", "a\n{{ sections[9].heading }}", 2, "cannot write a message of the kind"),
        ("rot__body_txt", "a", None, "no template of this name"),
        ("README_md", "a", None, "no template of this name"),
    ],
)
def test_own_template_when_it_is_faulty_is_told_with_its_line_and_duban_s_is_used(
    name: str, source: str, row: int | None, told: str, tmp_path: Path
):
    templates, faults = _own(tmp_path, **{name: source})
    assert [(file, line) for file, line, _ in faults] == [(name.replace("__", "/").replace("_", "."), row)]
    assert told in faults[0][2]
    assert _red(templates) == _red(TemplateSet())


def test_own_templates_when_one_is_faulty_leave_the_others_in_use(tmp_path: Path):
    templates, faults = _own(tmp_path, red__subject_txt="【特急】\n", red__body_txt="{{ nobody }}")
    assert [file for file, _, _ in faults] == ["red/body.txt"]
    assert _red(templates).startswith("【特急】")


def test_own_template_when_it_fails_on_a_message_after_all_loses_none(tmp_path: Path):
    tried = "{% if person == '李建国' %}好{% else %}{{ 1 // 0 }}{% endif %}"
    templates, faults = _own(tmp_path, red__subject_txt=tried)
    assert faults == []
    real = replace(sample(MessageKind.RED, "zh_CN"), person="王芳")
    assert Renderer("zh_CN", templates).render(real).subject == "【红色督办单】1.2.1-01已逾期"


def test_own_templates_when_there_are_none_cost_nothing(tmp_path: Path):
    def never() -> dict[MessageKind, dict[str, str]]:
        raise AssertionError

    assert load_templates(tmp_path / "no folder", never)[1] == ()

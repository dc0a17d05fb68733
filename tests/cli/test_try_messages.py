"""`duban message`: what messages look like, and whether they leave; faulty templates are told by lint and doctor."""

from pathlib import Path

import pytest

from tests.cli.conftest import Line


@pytest.mark.usefixtures("house")
def test_preview_when_asked_shows_the_kind_in_the_language_and_writes_html(duban: Line, tmp_path: Path):
    out = tmp_path / "red.html"
    said = duban("message", "preview", "red", "--language", "en", "--out", str(out), "--json").json
    assert said["subject"] == "Duban: red slip, 1.2.1-01 is overdue"
    assert out.read_text(encoding="utf-8") == said["html"]
    assert duban("message", "preview", "green").status == 2


@pytest.mark.usefixtures("house")
def test_test_send_when_channels_lead_out_hands_them_a_sample(duban: Line, monkeypatch: pytest.MonkeyPatch):
    said = duban("message", "test-send", "--to", "wang@example.cn", "--kind", "meeting", "--json")
    assert (said.status, said.json["channels"]) == (0, {"eml": None})
    (mail,) = duban.home.glob("outbox/*/sample-0.eml")
    assert b"text/calendar" in mail.read_bytes()
    assert duban("message", "test-send", "--to", "nobody").status == 1
    monkeypatch.setenv("DUBAN_CHANNELS", '["inbox"]')
    assert duban("message", "test-send", "--to", "wang@example.cn").status == 1


@pytest.mark.usefixtures("house")
def test_lint_and_doctor_when_an_own_template_is_faulty_name_file_and_duban(duban: Line):
    own = duban.home / "config" / "templates" / "red" / "subject.txt"
    own.parent.mkdir(parents=True)
    own.write_text("逾期\n{{ owner_phone }}\n", encoding="utf-8")
    for command in ("lint", "doctor"):
        said = duban(command)
        assert said.status == 1, command
        assert "subject.txt" in said.out.replace("\n", "")
    assert "owner_phone" in str(duban("doctor", "--json").json["checks"])

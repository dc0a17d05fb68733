"""The kinds that ship: read without a fault, true to the policy files, and told where a changed text is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.files import SHIPPED
from config.kinds import FOLDER, RUN_BY_POLICY, read_kind, read_kinds
from engine.rules.errands import ERRANDS
from engine.rules.ladder import GIVEN, parse_ladders
from engine.rules.lifecycle import BY_ITSELF, parse_lifecycle
from engine.rules.matters.phases import Phase
from engine.rules.matters.printed import printed
from engine.rules.plan import Fault, InputRefused
from engine.rules.sight import SEES_ALL
from engine.rules.signing import STEPS, PaperState
from engine.rules.vocabulary import OPEN_STATES, MeasureClass, Role, State
from tests.contracts.kind_words import BEGIN, END, GROUPS, PAGE, table
from tests.factories import shipped_policies

FILES = sorted((SHIPPED / FOLDER).glob("*.yaml"))
HOW_TO = PAGE.parent / "how-to" / "add-a-mechanism.md"
KNOWN = read_kinds(SHIPPED)
STRAY = [*":{}[],-&*!#'\"@%\t\0\x07", "é", "yes", "2025-99-99", " x: 1", "[[", "null"]
OTHER_VALUES = ["0", "[]", "{}", "true", "{a: 1}", "~", "9999999999", "[on, 1]"]
MEASURE = KNOWN.kinds["measure"]


def test_kinds_that_ship_are_read_without_a_fault():
    assert KNOWN.faults == ()
    assert set(KNOWN.kinds) == {path.stem for path in FILES}
    assert KNOWN.own == frozenset()
    assert set(KNOWN.kinds) >= RUN_BY_POLICY


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_kind_when_printed_as_yaml_and_read_again_is_the_same(path: Path):
    kind = KNOWN.kinds[path.stem]
    text = yaml.safe_dump(printed(kind), allow_unicode=True, sort_keys=False)
    assert read_kind(path, text)[1] == kind


def test_measure_when_compared_with_the_lifecycle_has_the_same_steps():
    arrows = parse_lifecycle(shipped_policies().lifecycle).transitions
    steps = {name: step for name, step in MEASURE.steps.items() if step.targets}
    assert {
        name: (step.sources, step.targets, frozenset(step.by), {need.value for need in step.needs})
        for name, step in steps.items()
    } == {
        name: (
            tuple(state.value for state in State if state in arrow.sources),
            (arrow.target.value,),
            arrow.by,
            {guard.value for guard in arrow.needs},
        )
        for name, arrow in arrows.items()
    }
    assert {name for name, step in steps.items() if step.itself is not None} == BY_ITSELF


def test_measure_when_compared_with_side_actions_has_the_same_steps_that_stay():
    stay = {name: step for name, step in MEASURE.steps.items() if not step.targets}
    assert {name: (set(step.by), set(step.sources)) for name, step in stay.items()} == {
        name: (set(errand.by), {state.value for state in errand.states}) for name, errand in ERRANDS.items()
    }


def test_measure_when_compared_with_the_vocabulary_has_the_same_states_and_classes():
    assert list(MEASURE.states) == [state.value for state in State]
    assert {name for name, state in MEASURE.states.items() if state.is_open} == {state.value for state in OPEN_STATES}
    assert MEASURE.states["closed"].phase is Phase.DONE
    assert list(MEASURE.classes or ()) == [one.value for one in MeasureClass]
    assert {role for role in MEASURE.visible if isinstance(role, Role)} == SEES_ALL


def test_kinds_that_run_by_policy_when_compared_with_the_ladder_file_have_the_same_ladders():
    book = parse_ladders(shipped_policies().ladder)
    waits = {name: wait for kind in RUN_BY_POLICY for name, wait in KNOWN.kinds[kind].waits.items()}
    assert {name: wait.ladder for name, wait in waits.items() if name != "drafting"} == {
        wait.value: ladder for wait, ladder in book.ladders.items()
    }
    assert (waits["monthly_report"].day, waits["monthly_report"].counts_from) == (
        book.report_day,
        book.report_counts_from,
    )
    assert MEASURE.extension == book.extensions
    assert {name for name in MEASURE.waits if MEASURE.waits[name].since.value in {"due", "reported"}} == {
        wait.value for wait in GIVEN
    }


def test_paper_when_compared_with_the_rules_of_signing_has_the_same_steps():
    paper = KNOWN.kinds["paper"]
    assert list(paper.states) == [state.value for state in PaperState]
    names = {"approve_paper": "approve"}
    for rule in STEPS:
        step = paper.steps[names.get(rule.name, rule.name)]
        assert (set(step.sources), step.target, set(step.by)) == (set(rule.sources), rule.target, rule.by)
        assert ("four_eyes" in step.needs, "reason" in step.needs) == (rule.four_eyes, rule.needs_reason)


@st.composite
def changed_texts(draw: st.DrawFn) -> tuple[Path, str]:
    """Draw a file that ships, with a few of its lines or characters changed."""
    path = draw(st.sampled_from(FILES))
    text = path.read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 3))):
        lines = text.split("\n")
        number = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "twice", "swap", "insert", "cut", "word"])):
            case "drop":
                del lines[number]
            case "twice":
                lines.insert(number, lines[number])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[number], lines[other] = lines[other], lines[number]
            case "insert":
                at = draw(st.integers(0, len(lines[number])))
                new = draw(
                    st.sampled_from([*":{}[],-&*!#'\"@%\t\0\x07", "é", "yes", "2025-99-99", " x: 1", "[[", "null"])
                )
                lines[number] = lines[number][:at] + new + lines[number][at:]
            case "cut":
                lines[number] = lines[number][: draw(st.integers(0, len(lines[number])))]
            case _:
                words = lines[number].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(
                    st.sampled_from(["0", "[]", "{}", "true", "{a: 1}", "~"])
                )
                lines[number] = " ".join(words)
        text = "\n".join(lines)
    return path, text


@given(changed_texts())
def test_file_when_anything_in_it_is_changed_is_a_kind_or_a_fault_with_its_line(changed: tuple[Path, str]):
    path, text = changed
    for fault in faults_of(path, text):
        assert fault.place.file == str(path)
        assert fault.place.row is not None
        assert 1 <= fault.place.row <= text.count("\n") + 2
        assert str(fault.message)


def faults_of(path: Path, text: str) -> tuple[Fault, ...]:
    """Return the faults; none where it is a kind."""
    try:
        read_kind(path, text)
    except InputRefused as refused:
        return refused.faults
    return ()


def own(folder: Path, **texts: str) -> Path:
    (folder / FOLDER).mkdir()
    for name, text in texts.items():
        (folder / FOLDER / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_own_kind_when_it_lies_in_the_folder_is_known_beside_those_that_ship(tmp_path: Path):
    text = (SHIPPED / FOLDER / "pledge.yaml").read_text(encoding="utf-8").replace("sheet: 承诺书", "sheet: 安全承诺")
    found = read_kinds(own(tmp_path, safety_pledge=text))
    assert found.faults == ()
    assert found.own == {"safety_pledge"}
    assert set(found.kinds) == {*KNOWN.kinds, "safety_pledge"}


def test_own_file_when_it_is_faulty_is_told_and_all_others_stand(tmp_path: Path):
    text = (SHIPPED / FOLDER / "pledge.yaml").read_text(encoding="utf-8")
    found = read_kinds(own(tmp_path, pledge=text.replace("to: dropped", "to: droped"), measure=text, Übung=text))
    assert set(found.kinds) == set(KNOWN.kinds)
    told = {(Path(fault.place.file).name, fault.place.row, str(fault.message)) for fault in found.faults}
    line = text.split("\n").index(next(line for line in text.split("\n") if line.startswith("  drop:"))) + 1
    assert ("pledge.yaml", line, "droped is not known; did you mean dropped?") in told
    assert ("measure.yaml", 1, "measure runs by lifecycle.yaml and ladder.yaml: change those instead") in told
    assert {name for name, _, _ in told} == {"pledge.yaml", "measure.yaml", "Übung.yaml"}


def test_own_file_when_it_replaces_a_kind_that_others_need_and_does_not_fit_then_the_shipped_one_stays(tmp_path: Path):
    text = (SHIPPED / FOLDER / "campaign_reply.yaml").read_text(encoding="utf-8")
    found = read_kinds(own(tmp_path, campaign_reply=text.replace("about: [campaign]", "about: [round]")))
    assert set(found.kinds) == set(KNOWN.kinds)
    assert found.own == frozenset()
    assert any("has a field question" in str(fault.message) for fault in found.faults)


def test_names_when_they_stand_twice_are_told(tmp_path: Path):
    text = (SHIPPED / FOLDER / "pledge.yaml").read_text(encoding="utf-8")
    found = read_kinds(own(tmp_path, vow=text + "visible: [people]\n"))
    assert [str(fault.message) for fault in found.faults] == ["visible stands here twice"]


def test_own_file_when_a_shipped_kind_no_longer_fits_to_it_then_the_shipped_ones_stay(tmp_path: Path):
    text = (SHIPPED / FOLDER / "advice.yaml").read_text(encoding="utf-8")
    found = read_kinds(own(tmp_path, advice=text.replace("about: [supervision]", "about: [unit]")))
    assert set(found.kinds) == set(KNOWN.kinds)
    assert [str(fault.message) for fault in found.faults] == ["advice is not about supervision"]


def test_glossary_when_compared_with_the_kinds_names_each_and_the_words_it_uses():
    text = PAGE.read_text(encoding="utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == table(), "python -m tests.contracts.kind_words writes it"
    named = {
        name for line in text.split("\n") if "kind" in line.rpartition("|")[0] for name in re.findall(r"`(\w+)`", line)
    }
    assert set(KNOWN.kinds) - {"measure"} <= named


def test_how_to_when_read_tells_every_word_and_its_example_is_a_kind():
    text = HOW_TO.read_text(encoding="utf-8")
    untold = {
        word
        for group, words in GROUPS.items()
        for word in words
        if " " not in word and word != "counted" and not re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", text)
    }
    assert not untold
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert list(read_kind(Path("safety_drill.yaml"), example)[1].states) == ["planned", "reported", "done", "dropped"]

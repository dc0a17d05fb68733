"""SpiffWorkflow: a BPMN process for each measure, kept as JSON in a row; its definition is kept once, apart.

W1: a user task for each step; a request loads the process, completes the task and stores it with an audit record.
W2: a boundary timer on the first task of each due case; one run refreshes each and stores it, in one commit.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.workflow import BpmnWorkflowConverter, WorkflowConverter
from SpiffWorkflow.util.task import TaskState

from bench.peer_process import STATES, SUPERIORS, TEXT, Watch, file_of, is_sqlite, main, plain_url, schema, shuffled

_BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="http://bpmn.io/schema/bpmn">
  <bpmn:process id="measure" isExecutable="true">
    <bpmn:startEvent id="begin"><bpmn:outgoing>f0</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="f0" sourceRef="begin" targetRef="step0"/>
    <bpmn:manualTask id="step0" name="accept"><bpmn:incoming>f0</bpmn:incoming><bpmn:outgoing>f1</bpmn:outgoing>
    </bpmn:manualTask>
    <bpmn:sequenceFlow id="f1" sourceRef="step0" targetRef="step1"/>
    <bpmn:manualTask id="step1" name="verify"><bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:manualTask>
    <bpmn:sequenceFlow id="f2" sourceRef="step1" targetRef="step2"/>
    <bpmn:manualTask id="step2" name="close"><bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
    </bpmn:manualTask>
    <bpmn:sequenceFlow id="f3" sourceRef="step2" targetRef="end"/>
    <bpmn:endEvent id="end"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
    {timer}
  </bpmn:process>
</bpmn:definitions>"""
_TIMER = """<bpmn:boundaryEvent id="due" cancelActivity="false" attachedToRef="step0">
      <bpmn:outgoing>f4</bpmn:outgoing>
      <bpmn:timerEventDefinition id="t"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">"PT0S"</bpmn:timeDuration>
      </bpmn:timerEventDefinition>
    </bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="f4" sourceRef="due" targetRef="escalated"/>
    <bpmn:endEvent id="escalated"><bpmn:incoming>f4</bpmn:incoming></bpmn:endEvent>"""


_READ_LOCKED = "SELECT state FROM process WHERE id = ? FOR UPDATE"


class _Apart(BpmnWorkflowConverter):
    """Keeps the definition out of each process's JSON."""

    definition: Any = None

    def to_dict(self, workflow: Any) -> Any:
        found = WorkflowConverter.to_dict(self, workflow)
        found["subprocesses"] = {}
        found["bpmn_events"] = []
        return found

    def from_dict(self, dct: Any) -> Any:
        return super().from_dict({**dct, "spec": self.definition, "subprocess_specs": {}})


class _House:
    """A database of processes."""

    def __init__(self, url: str, timer: str) -> None:
        self.sqlite = is_sqlite(url)
        if self.sqlite:
            self.connection: Any = sqlite3.connect(file_of(url), isolation_level=None)
            self.connection.execute("PRAGMA journal_mode=WAL")
            self.connection.execute("PRAGMA synchronous=FULL")
        else:
            import psycopg

            self.connection = psycopg.connect(plain_url(url), autocommit=True)
        parser = BpmnParser()
        parser.add_bpmn_str(_BPMN.format(timer=timer).encode())
        self.definition = _Apart.definition = parser.get_spec("measure")
        self.serializer = BpmnWorkflowSerializer(
            BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, BpmnWorkflow: _Apart})
        )
        for statement in schema(url):
            self.run(statement)
        self.run("CREATE TABLE process (id BIGINT PRIMARY KEY, text TEXT, owner_id BIGINT, state TEXT)")

    def run(self, sql: str, *values: Any) -> Any:
        return self.connection.execute(sql if self.sqlite else sql.replace("?", "%s"), values)

    def begin(self, cases: int) -> None:
        """Start a process for each case."""
        self.run("BEGIN")
        for case in range(1, cases + 1):
            process = BpmnWorkflow(self.definition)
            process.do_engine_steps()
            state = self.serializer.serialize_json(process)
            self.run("INSERT INTO process VALUES (?, ?, ?, ?)", case, TEXT, case % 2000, state)
        self.run("COMMIT")

    def load(self, state: str) -> BpmnWorkflow:
        return self.serializer.deserialize_json(state)

    def store(self, case: int, process: BpmnWorkflow) -> None:
        self.run("UPDATE process SET state = ? WHERE id = ?", self.serializer.serialize_json(process), case)

    def audit(self, case: int, before: str, after: str) -> None:
        self.run(
            "INSERT INTO audit (measure_id, actor_id, from_state, to_state, at) VALUES (?, 7, ?, ?, CURRENT_TIMESTAMP)",
            case,
            before,
            after,
        )


def lifecycle(url: str, cases: int) -> float:
    """W1: load, complete, store, audit, commit."""
    house, watch = _House(url, ""), Watch()
    house.begin(cases)
    read = "SELECT state FROM process WHERE id = ?" if house.sqlite else _READ_LOCKED
    with watch.running():
        for case, step in shuffled(cases):
            house.run("BEGIN IMMEDIATE" if house.sqlite else "BEGIN")
            process = house.load(house.run(read, case).fetchone()[0])
            (task,) = process.get_tasks(state=TaskState.READY, manual=True)
            assert task.task_spec.name == f"step{step}"
            task.run()
            process.do_engine_steps()
            house.store(case, process)
            house.audit(case, STATES[step], STATES[step + 1])
            house.run("COMMIT")
    assert process.completed
    return watch.seconds


def sweep(url: str, due: int) -> float:
    """W2: refresh every due process; its timer fires, and what follows is written beside it; one commit."""
    house, watch = _House(url, _TIMER), Watch()
    house.begin(due)
    with watch.running():
        house.run("BEGIN IMMEDIATE" if house.sqlite else "BEGIN")
        for case, owner, state in house.run("SELECT id, owner_id, state FROM process").fetchall():
            process = house.load(state)
            process.refresh_waiting_tasks()
            process.do_engine_steps()
            assert process.get_tasks(spec_name="escalated", state=TaskState.COMPLETED)
            house.run("INSERT INTO escalation (measure_id, level) VALUES (?, 1)", case)
            house.run(
                "INSERT INTO notification (measure_id, person_id, state) VALUES (?, ?, 'pending')",
                case,
                owner % SUPERIORS,
            )
            house.audit(case, STATES[1], STATES[1])
            house.store(case, process)
        house.run("COMMIT")
    return watch.seconds


if __name__ == "__main__":
    main("SpiffWorkflow", {"W1": lifecycle, "W2": sweep})

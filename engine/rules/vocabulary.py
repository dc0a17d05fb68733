"""The field's words as enumerations.  Values are stable lower-case text, stored in the database and used in JSON."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a measure stands (整改状态)."""

    ASSIGNED = "assigned"  #: 待签收 (or still to be assigned, when nobody owns it)
    IN_PROGRESS = "in_progress"  #: 整改中
    SUBMITTED = "submitted"  #: 待核验
    VERIFIED = "verified"  #: 已核验, waits for close-out
    CLOSED = "closed"  #: 已销号
    CANCELLED = "cancelled"  #: 不再整改: cancelled, merged, or the risk accepted, by decision of the leading group


OPEN_STATES = frozenset({State.ASSIGNED, State.IN_PROGRESS, State.SUBMITTED, State.VERIFIED})


class MeasureClass(StrEnum):
    """How a measure is meant to run (整改类型)."""

    AT_ONCE = "at_once"  #: 立行立改
    STAGED = "staged"  #: 限期整改
    CONTINUOUS = "continuous"  #: 长期坚持


class Level(StrEnum):
    """Levels of the findings tree."""

    ASPECT = "aspect"  #: 方面
    PROBLEM = "problem"  #: 问题
    ITEM = "item"  #: 具体事项


class UnitKind(StrEnum):
    """What a unit is in the round."""

    COMMITTEE = "committee"  #: 党委(机关)
    EXTENDED = "extended"  #: 延伸了解单位
    SUBORDINATE = "subordinate"  #: 直属单位
    DEPARTMENT = "department"  #: 处室


class Role(StrEnum):
    """What a person may be asked for: OWNER, LEADER and APPROVER follow from what waits, the rest are granted."""

    OWNER = "owner"  #: 经办人 of a measure
    LEADER = "leader"  #: 责任领导 of a measure
    UNIT_HEAD = "unit_head"  #: 单位负责人, granted for a unit
    COORDINATOR = "coordinator"  #: 专班联络员
    VERIFIER = "verifier"  #: 核验人: granted (may verify), and named by a verification
    APPROVER = "approver"  #: who decides an extension request, or signs a paper
    SUPERVISOR = "supervisor"  #: 纪检监督
    LEADING_GROUP = "leading_group"  #: 领导小组
    AUDITOR = "auditor"  #: 审计, reads only


#: Roles that nobody is granted: they follow from what waits.
FOLLOWING = frozenset({Role.OWNER, Role.LEADER, Role.APPROVER})


class WaitsFor(StrEnum):
    """What a timer waits for."""

    ASSIGNMENT = "assignment"  #: 待分派: nobody owns the measure yet
    ACCEPTANCE = "acceptance"  #: 待签收
    MONTHLY_REPORT = "monthly_report"  #: 月度填报
    DUE_DATE = "due_date"  #: 整改时限
    VERIFICATION = "verification"  #: 待核验
    EXTENSION = "extension"  #: 延期待批
    CLOSE_OUT = "close_out"  #: 待销号


class OtherWait(StrEnum):
    """What else is waited for: things that are no measure, and have ladders like one."""

    MEETING_TASK = "meeting_task"  #: 会议交办: a task that a meeting gave
    PAPER_APPROVAL = "paper_approval"  #: 文稿待审签
    PAPER_RETURN = "paper_return"  #: 退回文稿待修改: returned to the office that submitted it
    MINUTES = "minutes"  #: 会议待记录: a meeting was held, and nothing is recorded of it


AnyWait = WaitsFor | OtherWait


class Slip(StrEnum):
    """How a rung speaks (提醒与督办单)."""

    REMINDER = "reminder"  #: 提醒
    BLUE = "blue"  #: 蓝色督办单: near
    YELLOW = "yellow"  #: 黄色督办单: behind
    RED = "red"  #: 红色督办单: overdue
    GROUP = "group"  #: 提交领导小组, and the next agenda


class OutcomeKind(StrEnum):
    """What came of holding somebody, or a unit, to account (问责处理)."""

    TALK = "talk"  #: 谈话提醒、批评教育
    SELF_CRITICISM = "self_criticism"  #: 责令检查
    CIRCULAR = "circular"  #: 通报
    ADMONITION = "admonition"  #: 诫勉
    POST = "post"  #: 组织调整: suspended, moved, demoted, dismissed from the post
    PARTY = "party"  #: 党纪处分
    ADMINISTRATIVE = "administrative"  #: 政务处分
    REORGANISED = "reorganised"  #: 改组, of a unit's leading body
    REFERRED = "referred"  #: 移送司法机关

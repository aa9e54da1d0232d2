"""What a browser may send when its visitor chooses, as a JSON Schema: the rules of submission.py for one notice.

It says as much as can be said of a body alone. What the visitor has chosen before, their age and their browser's
signals may still refuse it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args

from ..notice.model import Notice
from ..notice.options import Option
from .act import Surface
from .actions import ACTIONS, Action
from .iab import FRAMEWORKS
from .state import CONFIRMS
from .submission import FIELDS, KEY, STATE, covered_by, is_offered

Schema: TypeAlias = "dict[str, Any]"
NO, YES, EITHER = {"const": False}, {"const": True}, {"type": "boolean"}
REQUIRED = ("key", "notice", "locale", "action", "surface", "purposes")
#: Where a person presses.
OURS = [surface for surface in get_args(Surface) if surface not in FRAMEWORKS]


def submission_schema(notice: Notice, *, asks_age: bool, scripted_grants: bool) -> Schema:
    """The schema of the body of POST /records. `asks_age`: the site asks how old its visitors are. `scripted_grants`: a
    script may press for them.
    """
    common: Schema = {
        "key": {"type": "string", "pattern": f"^{KEY.pattern}$"},
        "after": {"type": ["string", "null"], "pattern": f"^({STATE.pattern})$"},
        "notice": {"enum": [notice.digest, notice.digest[:16]]},
        "locale": {"enum": list(notice.locales)},
        "token": {"type": "string"},
        "surface": {"enum": list(get_args(Surface))},
        "gpc": EITHER,
        CONFIRMS: NO,
        "scripted": EITHER,
    }
    granting = {"surface": {"enum": OURS}, "scripted": EITHER if scripted_grants else NO}
    variants = []
    for action, rule in ACTIONS.items():
        for purposes, grants, more in _answers(notice, action) if asks_age or not rule.age else ():
            acts = {"action": {"const": action}, "purposes": purposes}
            properties = common | (granting if grants else {}) | more | acts
            variants.append({
                "type": "object",
                "properties": {name: properties[name] for name in FIELDS},
                "required": [*REQUIRED, *(name for name in more if more[name] == YES)],
                "additionalProperties": False,
            })  # fmt: skip
    return {"anyOf": variants}


def _answers(notice: Notice, action: Action) -> Iterator[tuple[Schema, bool, Schema]]:
    """What an action may answer: the schema of `purposes`, whether it grants, and what else must be so then."""
    rule, covered = ACTIONS[action], covered_by(notice, action)
    offered = {key: option for key, option in notice.options.items() if is_offered(option, rule)}
    if rule.answers_for == "nothing":
        yield _table({}), False, {}
    elif rule.answers_for == "picked":
        yield from _picked(notice, granting=rule.may_grant == "picked")
    elif rule.may_grant == "accept_all":
        answers = {key: YES if option.in_accept_all else NO for key, option in offered.items()}
        signalled = {
            key: EITHER for key, option in offered.items() if option.in_accept_all and option.purpose.gpc_opt_out
        }
        yield _table(answers, covered), True, {"gpc": NO}
        yield _table(answers | signalled, covered), True, {"gpc": YES}
    elif rule.answers_for == "undecided":
        yield _table(dict.fromkeys(offered, NO)) | {"minProperties": 1}, False, {}
    elif covered:
        kept = covered if rule.answers_for == "signal" else offered
        yield _table(dict.fromkeys(kept, NO), covered), False, {}
        if rule.may_grant == "picked":
            yield _table(dict.fromkeys(kept, EITHER), covered), True, {}


def _picked(notice: Notice, *, granting: bool) -> Iterator[tuple[Schema, bool, Schema]]:
    """One option or several; what is granted on its own, alone. Under the browser's opt-out signal what that covers is
    granted only to who confirms it.
    """
    options = notice.options
    if not granting:
        yield _table(dict.fromkeys(options, NO)) | {"minProperties": 1}, False, {}
        return
    grantable = [option for option in options.values() if not option.for_guardian]
    uncovered = [option for option in grantable if not option.purpose.gpc_opt_out]
    for kept, more in (
        (grantable, {"gpc": NO}),
        (uncovered, {"gpc": YES}),
        (grantable, {CONFIRMS: YES, "surface": {"enum": ["page"]}, "scripted": NO}),
    ):
        together = [option.key for option in kept if not option.on_its_own]
        alone = [option.key for option in kept if option.on_its_own]
        for keys, most in ((together, len(together)), (alone, 1)):
            if keys:
                yield _table(dict.fromkeys(keys, YES)) | {"minProperties": 1, "maxProperties": most}, True, more


def _table(answers: Mapping[str, Schema], required: Sequence[str] | Mapping[str, Option] = ()) -> Schema:
    table: Schema = {"type": "object", "properties": dict(answers), "additionalProperties": False}
    return table | ({"required": list(required)} if required else {})

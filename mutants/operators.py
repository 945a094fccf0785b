"""The faults: one comparison, sum, constant, condition, result, argument or call of a file is changed."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITE = {
    ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Div,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
WORDS = 100  # of a fault's description, characters
ANY_ORDER = {"min", "max", "minimum", "maximum", "hypot"}
AT_REST = {"TypeVar", "NewType", "cast"}  # calls that do nothing at run time
PROSE = (ast.JoinedStr, ast.Raise)  # texts and messages: their wording is no arithmetic
UNSEEN = {"annotation", "returns", "decorator_list", "type_params"}


class Mutant(NamedTuple):
    """One fault. Its words name it for as long as its function stays the same, wherever its lines go."""

    file: str  # below the root of the checkout
    where: str  # the function or class; "module" outside of both
    before: str
    after: str
    lines: frozenset[int]  # that run it; of the whole function for a default value
    names: tuple[str, ...] | None  # what the statement defines where only importing runs it; None in a function
    node: int  # its number in the order of ast.walk
    choice: int  # which of the node's changes

    @property
    def words(self) -> tuple[str, str, str, str]:
        """What identifies the fault in a table."""
        return self.file, self.where, self.before, self.after


class _Place(NamedTuple):
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    index: int | None
    statement: ast.stmt
    owners: tuple[ast.AST, ...]  # functions and classes around it, the innermost last
    in_body: bool  # of the innermost owner, not one of its default values or bases


def mutants(root: Path, file: str) -> list[Mutant]:
    """All faults of a file, in the order of its lines."""
    tree = ast.parse((root / file).read_text(encoding="utf-8"))
    places = {id(node): place for node, place in _places(tree)}
    found, seen = [], Counter[tuple[str, ...]]()
    for number, node in enumerate(ast.walk(tree)):
        place = places.get(id(node))
        for choice, changed in enumerate(changes(node, place) if place else []):
            shown = _shown(node, place, places)
            before = _short(shown)
            _put(place, changed)
            after = _short(changed if shown is node else shown)
            _put(place, node)
            where = ".".join(owner.name for owner in place.owners) or "module"
            words = (where, before, after)
            seen[words] += 1
            if seen[words] > 1:
                words = (where, before, f"{after} (no. {seen[words]})")
            found.append(Mutant(file, *words, *_run_by(node, place), number, choice))
    return sorted(found, key=lambda one: (min(one.lines), one.node, one.choice))


def code(root: Path, mutant: Mutant) -> CodeType:
    """The compiled file with the fault in it."""
    tree = ast.parse((root / mutant.file).read_text(encoding="utf-8"))
    places = {id(node): place for node, place in _places(tree)}
    node = next(node for number, node in enumerate(ast.walk(tree)) if number == mutant.node)
    place = places[id(node)]
    _put(place, changes(node, place)[mutant.choice])
    return compile(ast.fix_missing_locations(tree), str(root / mutant.file), "exec")


def changes(node: ast.AST, place: _Place) -> list[ast.AST]:
    """What may stand in place of a node."""
    found: list[ast.AST] = []
    match node:
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                others = [table[type(op)] for table in (BOUNDARY, OPPOSITE) if type(op) in table]
                found += [_with(node, ops=[*ops[:i], other(), *ops[i + 1 :]]) for other in others]
        case ast.BinOp(left=left, op=op, right=right) if (
            type(op) in ARITHMETIC and not _text(left) and not _text(right)
        ):
            found.append(_with(node, op=ARITHMETIC[type(op)]()))
        case ast.AugAssign(op=op) if type(op) in ARITHMETIC:
            found.append(_with(node, op=ARITHMETIC[type(op)]()))
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert(), operand=operand):
            found.append(operand)
        case ast.BoolOp(op=op):
            found.append(_with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And()))
        case ast.Constant(value=bool(value)):
            found.append(ast.Constant(not value))
        case ast.Constant(value=int(value)):
            found.append(ast.Constant(value + 1))
        case ast.Constant(value=float(value)):
            found.append(ast.Constant(2 * value or 1.0))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant) or value.value is not None:
            found.append(ast.Return(ast.Constant(None)))
        case ast.Expr(value=ast.Call()):
            found.append(ast.Pass())
        case ast.Call(func=func, args=args, keywords=keywords) if getattr(func, "id", "") not in AT_REST:
            swaps = (
                ast.unparse(func).split(".")[-1] not in ANY_ORDER and len({ast.unparse(one) for one in args[:2]}) == 2
            )
            if swaps and not any(isinstance(one, ast.Starred) or _text(one) for one in args[:2]):
                found.append(_with(node, args=[args[1], args[0], *args[2:]]))
            for i, keyword in enumerate(keywords):
                if keyword.arg and not _text(keyword.value):
                    found.append(_with(node, keywords=keywords[:i] + keywords[i + 1 :]))
    condition = place.field in ("test", "ifs") and not isinstance(place.parent, ast.Assert)
    if condition and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
        found.append(ast.UnaryOp(ast.Not(), node))
    return found


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of the node, not of its children, with other fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _text(node: ast.AST) -> bool:
    """Whether an expression is a text by its looks."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _put(place: _Place, node: ast.AST) -> None:
    """Hang a node where another is."""
    if place.index is None:
        setattr(place.parent, place.field, node)
    else:
        getattr(place.parent, place.field)[place.index] = node


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, _Place]]:
    """Every node that a fault may change, with its place; no annotation, decorator, text or message."""

    def below(parent: ast.AST, statement: ast.stmt | None, owners: tuple[ast.AST, ...], in_body: bool):
        for field, value in ast.iter_fields(parent):
            if field in UNSEEN:
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or isinstance(node, PROSE):
                    continue
                own = node if isinstance(node, ast.stmt) else statement
                inside = field == "body" if parent is (owners[-1] if owners else None) else in_body
                if own is not None:
                    yield node, _Place(parent, field, index, own, owners, inside)
                named = isinstance(node, ast.FunctionDef | ast.ClassDef)
                yield from below(node, own, (*owners, node) if named else owners, inside)

    yield from below(tree, None, (), True)


def _run_by(node: ast.AST, place: _Place) -> tuple[frozenset[int], tuple[str, ...] | None]:
    """The lines that run a node, and the names that its statement defines if only importing runs it, else None."""
    there = node if hasattr(node, "lineno") else place.statement
    own = frozenset({place.statement.lineno, *range(there.lineno, (there.end_lineno or there.lineno) + 1)})
    functions = [owner for owner in place.owners if isinstance(owner, ast.FunctionDef)]
    if functions and (place.in_body or place.owners[-1] is not functions[-1]):
        return own, None
    if functions:  # a default value
        return frozenset(range(functions[-1].body[0].lineno, functions[-1].end_lineno + 1)), None
    targets = getattr(place.statement, "targets", None) or [getattr(place.statement, "target", place.statement)]
    return own, tuple(one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name))


def _shown(node: ast.AST, place: _Place, places: dict[int, _Place]) -> ast.AST:
    """What a reader needs to see of a fault: a constant or name within the expression around it."""
    if isinstance(node, ast.Constant | ast.Name | ast.Attribute) and isinstance(place.parent, ast.expr | ast.keyword):
        parent = place.parent
        if isinstance(parent, ast.keyword | ast.UnaryOp | ast.Tuple) and id(parent) in places:
            parent = places[id(parent)].parent
        if len(_short(parent)) < WORDS:
            return parent
    elif isinstance(node, ast.Constant) and isinstance(place.parent, ast.Assign | ast.AnnAssign | ast.Return):
        return place.parent
    return node


def _short(node: ast.AST) -> str:
    """The node as code in one line, cut at the end."""
    words = " ".join(ast.unparse(node).split())
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"

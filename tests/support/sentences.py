"""What the source says to people: sentences read out of it, with places for what is different every time."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import philae

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

ROOT = Path(philae.__file__).parent


def called(function: ast.expr) -> str:
    """The last part of a name such as ``errors.DeidError``."""
    return str(getattr(function, "id", getattr(function, "attr", "")))


def template(text: ast.expr) -> str:
    """``cannot read %(1)s: %(2)s``, as catalogues have it; empty for what is no text."""
    found = list(pieces(text))
    places = iter(range(1, len(found) + 1))
    is_text = any(isinstance(piece, str) for piece in found)
    return "".join(piece if isinstance(piece, str) else f"%({next(places)})s" for piece in found) if is_text else ""


def pieces(text: ast.expr) -> Iterator[str | ast.expr]:
    """What is the same every time, and the expressions for what is not."""
    match text:
        case ast.Constant(value=str(value)):
            yield value
        case ast.JoinedStr(values=values):
            for value in values:
                yield from pieces(value)
        case ast.FormattedValue(value=value):
            yield value
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from pieces(left)
            yield from pieces(right)
        case _:
            yield text


class Source:
    """A module, and where its expressions have their texts from: a name may stand for all that it ever stands for."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self._values: defaultdict[str, list[ast.expr]] = defaultdict(list)
        self._functions: dict[str, ast.FunctionDef] = {}
        self._imported: dict[str, Path] = {}
        self._calls: defaultdict[str, list[ast.Call]] = defaultdict(list)
        for node in ast.walk(self.tree):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                for target, value in zip(targets, values, strict=True):
                    self._values[called(target)].append(value)
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target) if node.value is not None:
                self._values[called(target)].append(node.value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self._values[name].append(value)
            case ast.FunctionDef(name=name):
                self._functions[name] = node
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("philae."):
                path = ROOT.parent.joinpath(*module.split(".")).with_suffix(".py")
                self._imported |= {each.name: path for each in names if path.exists()}
            case ast.Call(func=function):
                self._calls[called(function)].append(node)

    def bases(self) -> Iterator[tuple[str, set[str]]]:
        """Each class, and what it is derived from."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ClassDef):
                yield node.name, set(map(called, node.bases))

    def calls_of(self, name: str) -> Iterable[ast.Call]:
        """Of a class or function."""
        return self._calls[name]

    def given_to(self, tellers: Collection[str]) -> Iterator[str]:
        """What calls of these classes and functions are given."""
        for name in tellers & self._calls.keys():
            for call in self._calls[name]:
                for argument in (*call.args, *(each.value for each in call.keywords)):
                    yield from self._texts(argument, set())

    def returned_by(self, tellers: Collection[str]) -> Iterator[str]:
        """What these functions return."""
        for name in tellers & self._functions.keys():
            for value in self._returned(name):
                yield from self._texts(value, set())

    def _texts(self, node: ast.AST, met: set[ast.AST]) -> Iterator[str]:
        """Every text that an expression may be, and those that stand inside of it."""
        if node in met:
            return
        met.add(node)
        if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp):
            yield template(node)
        for origin in self._origins(node):
            yield from self._texts(origin, met)
        name = called(node.func if isinstance(node, ast.Call) else node) if isinstance(node, ast.expr) else ""
        if name in self._imported:
            yield from source(self._imported[name])._stands_for(name)

    def _stands_for(self, name: str) -> Iterator[str]:
        for value in (*self._values[name], *self._returned(name)):
            yield from self._texts(value, set())

    def _origins(self, node: ast.AST) -> Iterable[ast.AST]:
        """The expressions that make the text of this one."""
        match node:
            case ast.Constant() | ast.JoinedStr() | ast.BinOp():
                return [piece for piece in pieces(node) if isinstance(piece, ast.expr) and piece is not node]
            case ast.Name() | ast.Attribute():
                name = called(node)
                return [*self._values[name], *self._given_for(name), *self._returned(name)]
            case ast.Call(func=ast.Attribute(value=table, attr="get" | "items"), args=arguments):
                return [table, *arguments]
            case ast.Call(func=function) if called(function) in self._functions.keys() | self._imported.keys():
                return self._returned(called(function))
            case ast.Dict() | ast.Lambda() | ast.Compare():
                return node.values if isinstance(node, ast.Dict) else []
        return ast.iter_child_nodes(node)

    def _returned(self, name: str) -> list[ast.expr]:
        if name not in self._functions:
            return []
        returns = (node for node in ast.walk(self._functions[name]) if isinstance(node, ast.Return))
        return [node.value for node in returns if node.value is not None]

    def _given_for(self, name: str) -> Iterator[ast.expr]:
        """What parameters of that name are given, and what they are without that."""
        for function, definition in self._functions.items():
            names = [each.arg for each in definition.args.args if each.arg not in ("self", "cls")]
            if name in names:
                yield from definition.args.defaults
                at = names.index(name)
                for call in self._calls[function]:
                    yield from call.args[at : at + 1]
                    yield from (each.value for each in call.keywords if each.arg == name)


@cache
def source(path: Path) -> Source:
    """Read once."""
    return Source(path)

"""The tree of an expression as one Python function: names resolved, constants calculated, positions kept for errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeAlias, TypeVar, cast

from philae.deid.expressions.errors import ExpressionError, Position, Unanswerable
from philae.deid.expressions.functions import Scope, Vocabulary, constant
from philae.deid.expressions.literals import LITERALS, WORDS
from philae.deid.expressions.methods import item_of, method_named, whole_number, wrong_count
from philae.deid.expressions.operators import (
    PRODUCTS,
    RELATIONS,
    SUMS,
    Operation,
    Value,
    required_text,
    truth,
    written,
)
from philae.deid.expressions.patterns import matcher
from philae.deid.expressions.syntax import parse, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lark import Token, Tree

    Rule: TypeAlias = "Callable[[Compiler, Branch, int], Node]"
    Branch: TypeAlias = "Tree[Token]"

Closure: TypeAlias = Callable[[Scope], Value]
Resolved = TypeVar("Resolved")

DEPTH_LIMIT: Final = 64
_TRUTHS: Final = frozenset({"relation", "disjunction", "conjunction", "negation", "true", "false"})
"""Rules that give nothing but true and false."""
_NOWHERE: Final = cast("Scope", None)  # constants do not look at it


class Node(NamedTuple):
    """A part of an expression; a constant one gives the same value for every instance."""

    run: Closure
    is_constant: bool = False


def compile_closure(text: str, vocabulary: Vocabulary, begin: Position) -> Closure:
    """The function that ``text`` means; it raises `ExpressionError` where it has no value. Raises `ExpressionError`."""
    return Compiler(vocabulary, begin).node(parse(text, begin)).run


class Compiler:
    """Compiles the trees of one text, which begins at ``begin`` of its file."""

    def __init__(self, vocabulary: Vocabulary, begin: Position) -> None:
        self._vocabulary = vocabulary
        self._begin = begin

    def node(self, tree: Branch, depth: int = 0) -> Node:
        """The meaning of ``tree``, which stands ``depth`` levels deep. Raises `ExpressionError`."""
        if depth > DEPTH_LIMIT:
            raise ExpressionError(
                f"the expression is nested deeper than {DEPTH_LIMIT} levels", "write it flatter", self._position(tree)
            )
        return self._rules[tree.data](self, tree, depth + 1)

    def _position(self, place: Branch | Token) -> Position:
        line, column = (getattr(getattr(place, "meta", place), name, None) or 1 for name in ("line", "column"))
        return placed(self._begin, line, column)

    def _located(self, place: Branch | Token, run: Closure, operands: Sequence[Node]) -> Node:
        """A node that answers by ``run`` and tells ``place`` when it cannot; constant if its operands are."""
        position = self._position(place)

        def located(scope: Scope) -> Value:
            try:
                return run(scope)
            except Unanswerable as fault:
                raise fault.at(position) from None

        if all(operand.is_constant for operand in operands):
            return _fixed(located(_NOWHERE))
        return Node(located)

    def _nodes(self, trees: Sequence[Branch | Token | None], depth: int) -> list[Node]:
        return [self.node(cast("Branch", tree), depth) for tree in trees if tree is not None]

    def _truth(self, tree: Branch, depth: int) -> Node:
        node = self.node(tree, depth)
        if tree.data in _TRUTHS:
            return node
        run = node.run
        return self._located(tree, lambda scope: truth(run(scope)), [node])

    def _ternary(self, tree: Branch, depth: int) -> Node:
        choices = []
        while tree.data == "ternary":
            condition, chosen, tree = cast("list[Branch]", tree.children)
            choices.append((self._truth(condition, depth), self.node(chosen, depth)))
        otherwise = self.node(tree, depth)

        def run(scope: Scope) -> Value:
            for condition, chosen in choices:
                if condition.run(scope):
                    return chosen.run(scope)
            return otherwise.run(scope)

        return Node(run)

    def _elvis(self, tree: Branch, depth: int) -> Node:
        (value, *_), (otherwise, *_) = nodes = self._nodes(tree.children, depth)

        def run(scope: Scope) -> Value:
            found = value(scope)
            return otherwise(scope) if found is None or found == "" else found

        return self._located(tree, run, nodes)

    def _disjunction(self, tree: Branch, depth: int) -> Node:
        return self._decided(tree, depth, by=True)

    def _conjunction(self, tree: Branch, depth: int) -> Node:
        return self._decided(tree, depth, by=False)

    def _decided(self, tree: Branch, depth: int, *, by: bool) -> Node:
        """Operands in turn until one is what decides."""
        nodes = [self._truth(cast("Branch", operand), depth) for operand in tree.children]
        runs = [node.run for node in nodes]

        def run(scope: Scope) -> Value:
            for operand in runs:
                if operand(scope) is by:
                    return by
            return not by

        return _fixed(run(_NOWHERE)) if all(node.is_constant for node in nodes) else Node(run)

    def _negation(self, tree: Branch, depth: int) -> Node:
        node = self._truth(cast("Branch", tree.children[0]), depth)
        run = node.run
        return _fixed(not run(_NOWHERE)) if node.is_constant else Node(lambda scope: not run(scope))

    def _relation(self, tree: Branch, depth: int) -> Node:
        symbol = str(tree.children[1]).lower()
        nodes = self._nodes(tree.children[::2], depth)
        (left, _), (right, _) = nodes
        if symbol == "matches":
            matches = self._matcher(nodes[1], cast("Branch", tree.children[2]))
            return self._located(
                tree, lambda scope: (text := written(left(scope))) is not None and matches(text), nodes
            )
        related = RELATIONS[symbol]
        return self._located(tree, lambda scope: related(left(scope), right(scope)), nodes)

    def _matcher(self, pattern: Node, place: Branch | Token) -> Callable[[str], bool]:
        text = pattern.run(_NOWHERE) if pattern.is_constant else None
        if not isinstance(text, str):
            raise ExpressionError("the pattern is not fixed", "write it as a text in quotes", self._position(place))
        return self._resolved(place, lambda: matcher(text))

    def _sum(self, tree: Branch, depth: int) -> Node:
        return self._in_turn(tree, SUMS, depth)

    def _product(self, tree: Branch, depth: int) -> Node:
        return self._in_turn(tree, PRODUCTS, depth)

    def _in_turn(self, tree: Branch, operations: dict[str, Operation], depth: int) -> Node:
        """Operators of one rank, from left to right."""
        nodes = self._nodes(tree.children[::2], depth)
        first, *others = (node.run for node in nodes)
        symbols = (str(symbol).lower() for symbol in tree.children[1::2])
        steps = [(operations[symbol], run) for symbol, run in zip(symbols, others, strict=True)]

        def run(scope: Scope) -> Value:
            value = first(scope)
            for operation, operand in steps:
                value = operation(value, operand(scope))
            return value

        return self._located(tree, run, nodes)

    def _sign(self, tree: Branch, depth: int) -> Node:
        minus = SUMS["-"]
        node = self.node(cast("Branch", tree.children[1]), depth)
        run = node.run
        if tree.children[0] == "-":
            return self._located(tree, lambda scope: minus(0, run(scope)), [node])
        return self._located(tree, lambda scope: minus(run(scope), 0), [node])

    def _item(self, tree: Branch, depth: int) -> Node:
        nodes = self._nodes(tree.children, depth)
        (owner, _), (index, _) = nodes
        return self._located(tree, lambda scope: item_of(owner(scope), whole_number(index(scope))), nodes)

    def _method(self, tree: Branch, depth: int) -> Node:
        return self._called(tree, depth, is_safe=False)

    def _safe_method(self, tree: Branch, depth: int) -> Node:
        return self._called(tree, depth, is_safe=True)

    def _called(self, tree: Branch, depth: int, *, is_safe: bool) -> Node:
        receiver, name, listed = cast("tuple[Branch, Token, Branch]", tuple(tree.children))
        owner = self.node(receiver, depth)
        arguments = self._nodes(listed.children, depth)
        call = self._matching(name, arguments) if name == "matches" else self._calling(name, arguments)
        run, remedy = owner.run, f"write ?.{name}() to get null then"

        def called(scope: Scope) -> Value:
            value = run(scope)
            if value is not None:
                return call(value, scope)
            if is_safe:
                return None
            raise Unanswerable(f"null has no method {name}", remedy)

        return self._located(name, called, [owner, *arguments])

    def _calling(self, name: Token, arguments: list[Node]) -> Callable[[Value, Scope], Value]:
        method = self._resolved(name, lambda: method_named(str(name), len(arguments)))
        runs = [argument.run for argument in arguments]
        if all(argument.is_constant for argument in arguments):
            given = [run(_NOWHERE) for run in runs]
            return lambda value, _scope: method(value, given)
        return lambda value, scope: method(value, [run(scope) for run in runs])

    def _matching(self, name: Token, arguments: list[Node]) -> Callable[[Value, Scope], Value]:
        if len(arguments) != 1:
            raise wrong_count("matches", 1, len(arguments)).at(self._position(name))
        matches = self._matcher(arguments[0], name)
        return lambda value, _scope: matches(required_text(value))

    def _function(self, tree: Branch, depth: int) -> Node:
        name, listed = cast("tuple[Token, Branch]", tuple(tree.children))
        arguments = self._nodes(listed.children, depth)
        function = self._resolved(name, lambda: self._vocabulary.function(str(name), len(arguments)))
        run, given = function.run, list(zip(function.parameters, arguments, strict=True))
        if all(argument.is_constant for argument in arguments):
            values = self._resolved(name, lambda: [turn(node.run(_NOWHERE)) for turn, node in given])
            return Node(lambda scope: run(scope, *values))
        return self._located(
            name, lambda scope: run(scope, *[turn(node.run(scope)) for turn, node in given]), arguments
        )

    def _variable(self, tree: Branch, depth: int) -> Node:
        name = cast("Token", tree.children[0])
        return Node(self._resolved(name, lambda: self._vocabulary.variable(str(name))))

    def _constant(self, tree: Branch, depth: int) -> Node:
        group, name = cast("list[Token]", tree.children)
        return _fixed(self._resolved(tree, lambda: constant(str(group), str(name))))

    def _resolved(self, place: Branch | Token, resolve: Callable[[], Resolved]) -> Resolved:
        """What ``resolve`` finds now, at compile time; what it cannot find is told with ``place``."""
        try:
            return resolve()
        except Unanswerable as fault:
            raise fault.at(self._position(place)) from None

    def _group(self, tree: Branch, depth: int) -> Node:
        return self.node(cast("Branch", tree.children[0]), depth)

    def _literal(self, tree: Branch, depth: int) -> Node:
        token = cast("Token", tree.children[0])
        return _fixed(self._resolved(token, lambda: LITERALS[tree.data](token)))

    def _word(self, tree: Branch, depth: int) -> Node:
        return _fixed(WORDS[tree.data])

    _rules: ClassVar[dict[str, Rule]] = {
        "ternary": _ternary,
        "elvis": _elvis,
        "disjunction": _disjunction,
        "conjunction": _conjunction,
        "relation": _relation,
        "sum": _sum,
        "product": _product,
        "negation": _negation,
        "sign": _sign,
        "method": _method,
        "safe_method": _safe_method,
        "item": _item,
        "group": _group,
        "constant": _constant,
        "function": _function,
        "variable": _variable,
        **dict.fromkeys(LITERALS, _literal),
        **dict.fromkeys(WORDS, _word),
    }
    """What each rule of `grammar.lark` means."""


def _fixed(value: Value) -> Node:
    return Node(lambda _scope: value, is_constant=True)

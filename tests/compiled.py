"""Templates, statements and address rules, compiled once a process and not once a test.

Half of the time of all tests would go there: every world is an application of its own, compiles
some 450 rules as it begins, and each template and statement where it first meets them.
"""

from flask import Flask
from jinja2 import BytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

_rules = {}
_statements = LRUCache(3000)


class Templates(BytecodeCache):
    """Compiled templates by name and source, for all applications of this process."""

    def __init__(self):
        self._kept = {}

    def load_bytecode(self, bucket):
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket):
        self._kept[bucket.key, bucket.checksum] = bucket.code


class KnownRule(Rule):
    """A rule that is compiled as the first of its text and defaults was, in an earlier application.

    What is compiled depends on these alone. Its builders are methods, and are bound anew.
    """

    def compile(self):
        first = _rules.setdefault((self.rule, repr(self.defaults)), self)
        if first is self:
            super().compile()
            return
        self._parts, self._trace = first._parts, first._trace
        self._converters, self.arguments = first._converters, first.arguments
        self._build = first._build.__func__.__get__(self)
        self._build_unknown = first._build_unknown.__func__.__get__(self)


def share():
    """Share compiled templates, statements and rules between all applications of this process.

    A compiled statement is cached under its dialect, of which each engine has one of its own:
    dialects of a kind are made equal, as they are alike in all that a statement depends on.
    """
    Flask.url_rule_class = KnownRule
    Flask.jinja_options = Flask.jinja_options | {"bytecode_cache": Templates()}
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)
    DefaultDialect.__hash__ = lambda self: hash(type(self))
    event.listen(Engine, "engine_connect", _share_statements)


def _share_statements(connection):
    connection.execution_options(compiled_cache=_statements)

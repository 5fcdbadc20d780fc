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

_builders = {}
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
    """A rule that builds addresses by the builder of an equal rule of an earlier application.

    The builder is a function of the rule's text and defaults alone, and is bound to it afterwards.
    """

    def _compile_builder(self, append_unknown=True):
        alike = self.rule, repr(self.defaults), append_unknown
        if alike not in _builders:
            _builders[alike] = super()._compile_builder(append_unknown)
        return _builders[alike]


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

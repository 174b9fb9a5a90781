"""Of which sort an export's papers are."""

from __future__ import annotations

from collections.abc import Mapping

from clearwork.exports.authorizations import Authorizations
from clearwork.exports.models import Export
from clearwork.exports.papers import Source
from clearwork.exports.reports import Reports
from clearwork.exports.rules import Of

SOURCES: Mapping[str, Source] = {Of.REPORTS: Reports(), Of.AUTHORIZATIONS: Authorizations()}


def source_of(export: Export) -> Source:
    return SOURCES[export.of]

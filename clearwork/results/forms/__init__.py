"""What one searches by, and fills in about a report."""

from __future__ import annotations

from clearwork.results.forms.search import SearchForm

__all__ = ["SearchForm"]

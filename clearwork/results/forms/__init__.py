"""What one searches by, and fills in about a report."""

from clearwork.results.forms.search import SearchForm

__all__ = ["SearchForm"]

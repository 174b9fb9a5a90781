"""The pages that support's lists are read by."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 25


def page_of(request: HttpRequest, listed: QuerySet[Any, Any]) -> Page[Any]:
    """The page asked for; the first for a number that makes no sense, the last beyond the end."""
    return Paginator(listed, PAGE_SIZE).get_page(request.GET.get("page"))

"""How a page with a form is asked for."""

from __future__ import annotations

from django.views.decorators.http import require_http_methods

get_or_post = require_http_methods(["GET", "HEAD", "POST"])

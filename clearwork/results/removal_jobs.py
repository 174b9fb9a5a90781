"""Destroying what was decided to be destroyed; telling of corrections to decide about. Arguments
are ids only."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from clearwork.database import scope
from clearwork.privacy.actions import QUEUE
from clearwork.results import removal
from clearwork.results.models import Report

_RETRY = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(name=removal.DESTROY_JOB, queue=QUEUE, retry=_RETRY)
def destroy_document(*, employer_id: str, report_id: str) -> None:
    with scope.acting_as(scope.employer(UUID(employer_id))):
        removal.destroy_document(Report.objects.get(pk=report_id))


@app.task(name=removal.ASK_JOB, queue=QUEUE, retry=_RETRY)
def ask_about_correction(*, employer_id: str, incident_id: str, report_id: str) -> None:
    ids = {"incident_id": UUID(incident_id), "report_id": UUID(report_id)}
    with scope.acting_as(scope.OPERATOR):
        removal.asked_about(employer_id=UUID(employer_id), **ids)

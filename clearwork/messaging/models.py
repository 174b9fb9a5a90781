"""What the mailing jobs remember."""

from __future__ import annotations

from django.db import models

from clearwork.foundation import clock


class Dispatch(models.Model):
    """One job's mail. Kept before it is sent: a job run twice mails once.

    `sent_at` stays null where the worker ended while the mail server was answering:
    whether it arrived is then unknown, and it is not sent again.
    """

    job_id = models.BigIntegerField(primary_key=True)
    started_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True)


class Watermark(models.Model):
    """Up to when one periodic job has told people what is new."""

    name = models.CharField(max_length=40, primary_key=True)
    until = models.DateTimeField()

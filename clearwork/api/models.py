"""Tokens of an employer's integrations, how often each asked, and answers kept for repeats."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clearwork.api.rules import beginning
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock


class ApiToken(TenantModel):
    """What one integration shows to be let in. Only the secret's hash is kept.

    `answers_for` is the Admin User in whose name it acts: whoever made it, or took it over
    since. It works only while that person has an Admin User's access.
    """

    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=30))
    secret_hash = models.BinaryField(max_length=32)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    answers_for = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    expires = models.DateField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(null=True)  # the nearest notice given, in days

    class Meta:
        indexes = (models.Index(fields=("employer", "-created_at"), name="api_token_newest"),)

    def __str__(self) -> str:
        return self.name

    @property
    def beginning(self) -> str:
        return beginning(self.pk)


class Requests(TenantModel):
    """How many requests of a token a minute saw.

    In several rows, one of which a request adds to by chance: until its transaction ends it
    holds that row's lock, and the others of the same token do not wait for it. The table is not
    logged: what only reads commits without the disk.
    """

    token = TenantForeignKey(ApiToken, related_name="+", db_index=False)
    minute = models.DateTimeField()
    part = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "token", "minute", "part"), name="api_requests_once"
            ),
        )
        indexes = (models.Index(fields=("minute",), name="api_requests_old"),)


class KeptAnswer(TenantModel):
    """The answer to a request with an Idempotency-Key, given again to the same request.

    `digest` is SHA-256 of the method, the address and the body.
    """

    token = TenantForeignKey(ApiToken, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField(default=clock.now)
    status = models.PositiveSmallIntegerField(default=0)
    location = models.CharField(max_length=200, blank=True, default="")
    content = models.BinaryField(default=b"")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "token", "key"), name="api_answer_once"),
        )
        indexes = (models.Index(fields=("made_at",), name="api_answer_old"),)

"""People who sign in, and which employer each may act for."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from clearwork.accounts.addresses import normal_email
from clearwork.accounts.rules import IdentityCheck, RequestState, normal_password
from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation import clock
from clearwork.foundation.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str, *, name: str = "") -> User:
        user = User(email=normal_email(email), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class Staff(models.TextChoices):
    """The network's own people, who act for no employer."""

    SUPPORT = "support", "Support"
    PRIVACY_OFFICER = "privacy_officer", "Privacy officer"


class User(AbstractBaseUser):
    """One person, one login: the work email. Belongs to no employer by itself.

    `security_stamp` is part of every session and of every link mailed: raising it
    ends them all. `is_demo` may skip the second factor where the setting allows.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    staff = models.CharField(max_length=20, choices=Staff.choices, blank=True)
    security_stamp = models.PositiveIntegerField(default=0)
    is_demo = models.BooleanField(default=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_any_case"),)

    def __str__(self) -> str:
        return self.name or self.email

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password and normal_password(raw_password))

    def check_password(self, raw_password: str | None) -> bool:
        return super().check_password(raw_password and normal_password(raw_password))

    def get_session_auth_hash(self) -> str:
        return salted_hmac(
            "clearwork.session", f"{self.password}/{self.security_stamp}", algorithm="sha256"
        ).hexdigest()


class Role(models.TextChoices):
    ADMIN = "admin", "Admin User"
    VIEW_ONLY = "view_only", "View Only User"


class PortalAccess(TenantModel):
    """A contact's right to act for the employer: a role, and what visit activity they see.

    An Admin User sees all visit activity. A View Only User sees what is granted
    here: kinds of visit, work restrictions only, all worksites or those listed.
    """

    class Notify(models.TextChoices):
        NONE = "none", "No emails"
        EACH = "each", "An email for each new result"
        DAILY = "daily", "One email a day"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey("employers.Contact", related_name="access")
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)
    sees_injury = models.BooleanField(default=False)
    sees_non_injury = models.BooleanField(default=False)
    restrictions_only = models.BooleanField(default=False)
    all_worksites = models.BooleanField(default=True)
    worksites = models.ManyToManyField(
        "employers.Worksite", through="GrantedWorksite", related_name="+"
    )
    notify = models.CharField(max_length=10, choices=Notify.choices, default=Notify.NONE)
    tell_late = models.BooleanField(default=False, db_default=False)  # of late reports, by mail
    since = models.DateTimeField(default=clock.now)
    reviewed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "user"), name="access_once_per_employer"),
        )
        indexes = (models.Index(fields=("user",), name="access_user"),)


class GrantedWorksite(TenantModel):
    """One worksite whose visit activity a View Only User may see."""

    access = TenantForeignKey(PortalAccess, on_delete=models.CASCADE, related_name="+")
    worksite = TenantForeignKey("employers.Worksite", related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("employer", "access", "worksite"), name="worksite_granted_once"
            ),
        )


class Invitation(TenantModel):
    """A single-use link that makes a contact a portal user. Only the token's hash is kept."""

    contact = TenantForeignKey("employers.Contact", related_name="+")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class AccessRequest(models.Model):
    """A "Request portal access" from someone not yet known; support decides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account_number = models.CharField(max_length=20)
    company = models.CharField(max_length=200)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField()
    phone = models.CharField(max_length=40)
    needs = models.TextField(max_length=2000)
    role = models.CharField(max_length=20, choices=Role.choices)
    requested_at = models.DateTimeField(default=clock.now)
    state = models.CharField(
        max_length=10, choices=RequestState.choices(), default=RequestState.WAITING
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decision_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (models.Index(fields=("state", "requested_at"), name="request_waiting"),)


class SignInTries(models.Model):
    """How many passwords were tried for an address today. Shared by all processes.

    Addresses are kept as keyed hashes: also unknown ones are counted alike.
    """

    address = models.BinaryField(max_length=32)
    day = models.DateField()
    tries = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("address", "day"), name="tries_once_a_day"),)


class FailedSignIn(models.Model):
    """An account's password was tried in vain from a network address; not one that then came in.

    Both are kept as keyed hashes. How many accounts one address tries tells an office, where
    people mistype, from someone who tries one password on everybody.
    """

    origin = models.BinaryField(max_length=32)
    account = models.BinaryField(max_length=32)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("origin", "account"), name="failed_once_from_origin"),
        )
        indexes = (models.Index(fields=("origin", "at"), name="failed_from_origin"),)


class EmailChange(models.Model):
    """A new sign-in address, in force once both addresses have said yes."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    new_email = models.EmailField()
    old_token_hash = models.BinaryField(max_length=32, unique=True)
    new_token_hash = models.BinaryField(max_length=32, unique=True)
    old_confirmed_at = models.DateTimeField(null=True)
    new_confirmed_at = models.DateTimeField(null=True)
    requested_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()


class SecondFactorReset(models.Model):
    """Support took away a person's second factor: who, how they made sure, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)
    identity_check = models.CharField(max_length=20, choices=IdentityCheck.choices())
    reason = models.CharField(max_length=500)

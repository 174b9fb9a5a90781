"""People who sign in, and which employer each may act for."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from clearwork.database.models import TenantForeignKey, TenantModel
from clearwork.foundation.ids import uuid7


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str, *, name: str = "") -> User:
        user = User(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One person, one login: the work email. Belongs to no employer by itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_any_case"),)

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    ADMIN = "admin", "Admin User"
    VIEW_ONLY = "view_only", "View Only User"


class PortalAccess(TenantModel):
    """A contact's right to act for the employer, as one role."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey("employers.Contact", related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("employer", "user"), name="access_once_per_employer"),
        )
        indexes = (models.Index(fields=("user",), name="access_user"),)

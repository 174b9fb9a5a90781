from __future__ import annotations

from django.db import migrations

from clearwork.database import policies

OF_OWN_AUTHORIZATION = policies.visible_parent("authorizations_authorization", "authorization_id")
# A center sees the people it was asked to treat, and no one else's.
PATIENT_OF_CENTER = (
    "EXISTS (SELECT 1 FROM authorizations_authorization ordered"
    " WHERE ordered.employee_id = people_employee.id AND ordered.employer_id = people_employee.employer_id)"
)


class Migration(migrations.Migration):
    dependencies = (
        ("authorizations", "0001_initial"),
        ("people", "0002_tenancy"),
        ("centers", "0002_catalogue"),
    )
    operations = (
        policies.tenant_table("authorizations_authorization", center_reads=policies.own_center(), center_writes=policies.own_center()),
        policies.tenant_key("authorizations_authorization", "worksite_id", "employers_worksite"),
        policies.tenant_key("authorizations_authorization", "employee_id", "people_employee"),
        policies.tenant_table("authorizations_authorizedservice", center_reads=OF_OWN_AUTHORIZATION),
        policies.tenant_key("authorizations_authorizedservice", "authorization_id", "authorizations_authorization"),
        policies.tenant_table("authorizations_authorizationevent", center_reads=OF_OWN_AUTHORIZATION, center_writes=OF_OWN_AUTHORIZATION),
        policies.tenant_key("authorizations_authorizationevent", "authorization_id", "authorizations_authorization"),
        policies.tenant_table("authorizations_delivery", center_reads=policies.own_center()),
        policies.tenant_key("authorizations_delivery", "authorization_id", "authorizations_authorization"),
        policies.center_may_read("people_employee", PATIENT_OF_CENTER),
    )

"""What goes out to supervisors: a link, a code. Never whose card it is, nor what it says."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from clearwork.messaging.mail import Mail
from clearwork.passes import tokens
from clearwork.visits import links
from clearwork.visits.link_models import SupervisorLink


def link_mail(link: SupervisorLink) -> Mail | None:
    """None where it was revoked before it went out."""
    if not link.is_usable:
        return None
    employer, network = link.employer.legal_name, settings.ENVIRONMENT.network_name
    return Mail(
        to=link.address,
        subject=f"{employer}: a work status card for you",
        paragraphs=(
            f"{employer} sends you a link to the work status of someone whose work you plan.",
            (
                "The link sends a code to this address, then shows what the person may do at work, "
                "and until when. It is for you alone: do not pass it on."
            ),
            f"It works for {links.LASTS.days} days. {network} runs it for your employer.",
        ),
        link_words="Open the card",
        link_path=reverse("visits:shared_card", kwargs={"token": tokens.token(link.pk)}),
    )


def code_mail(link: SupervisorLink) -> Mail | None:
    """None where the code is over, or the link."""
    code = links.code_of(link)
    if not code or not link.is_usable:
        return None
    return Mail(
        to=link.address,
        subject=f"{code} is your code",
        paragraphs=(
            f"The code that opens the card from {link.employer.legal_name}: {code}",
            "It works for 10 minutes. If you did not ask for it, do nothing.",
        ),
    )

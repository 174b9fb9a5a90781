"""What Help answers: questions of people who use the portal, in the portal's own words.

`{name}` stands for a setting of the network. Public topics can be read before sign-in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clearwork.foundation.choices import LabelledEnum
from clearwork.foundation.text import search_key


class Section(LabelledEnum):
    ACCESS = "access", "Getting access"
    SIGN_IN = "sign-in", "Signing in"
    PEOPLE = "people", "Who sees what"
    AUTHORIZING = "authorizing", "Authorizing care"
    RESULTS = "results", "Results and reports"
    PRIVACY = "privacy", "Privacy"
    CONTACT = "contact", "Who to contact"


@dataclass(frozen=True)
class Link:
    """A page that helps further, shown to those who may open it."""

    label: str
    url_name: str
    needs: str = ""


@dataclass(frozen=True)
class Topic:
    """`also` are words people search by that the answer does not use."""

    slug: str
    section: Section
    question: str
    answer: tuple[str, ...]
    links: tuple[Link, ...] = ()
    is_public: bool = False
    also: str = ""

    def told(self, facts: Mapping[str, str]) -> Topic:
        """With the network's own name, phones and hours in it."""
        answer = tuple(each.format_map(facts) for each in self.answer)
        question = self.question.format_map(facts)
        return Topic(
            self.slug, self.section, question, answer, self.links, self.is_public, self.also
        )

    def speaks_of(self, words: Iterable[str]) -> bool:
        text = search_key(self.question, *self.answer, self.also, self.section.label)
        return all(word in text for word in words)


def find(topics: Iterable[Topic], typed: str) -> list[Topic]:
    """The topics in which every word occurs, as typed or as a part of a longer word."""
    words = search_key(typed).split()
    return [topic for topic in topics if topic.speaks_of(words)]


def by_section(topics: Iterable[Topic]) -> list[tuple[Section, list[Topic]]]:
    found = list(topics)
    listed = [(each, [topic for topic in found if topic.section == each]) for each in Section]
    return [(section, own) for section, own in listed if own]

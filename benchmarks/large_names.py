"""Names for a million people: some common, most rare, as among real ones."""

from __future__ import annotations

_GIVEN_NAMES = """
Maria James Wei Aisha Marcus Elena Thomas Nia Luis Ruth Omar Grace Ivan Hana Paul Dana
Igor Lena Samuel Zoe Michael Jessica David Ashley Carlos Emily Daniel Sarah Jose Amanda Matthew
Linda Anthony Patricia Mark Barbara Steven Nancy Andrew Karen Kevin Lisa Brian Sandra George Donna
Edward Carol Ronald Michelle Timothy Rosa Jason Laura Jeffrey Sofia Ryan Kimberly Jacob Deborah
Gary Martha Nicholas Marisol Eric Julia Jonathan Carmen Stephen Teresa Larry Gloria Justin Mariana
Scott Janet Brandon Catherine Benjamin Frances Raymond Ann Gregory Alice Frank Marta Alexander Judy
Patrick Jean Jack Abigail Dennis Sophia Jerry Martina Tyler Diana"""
_FAMILY_NAMES = """
Smith Johnson Williams Brown Jones Miller Davis Rodriguez Martinez Hernandez Lopez
Gonzalez Wilson Anderson Taylor Moore Jackson Martin Garcia Lee Thompson White Harris Sanchez Clark
Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams
Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker
Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper
Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James
Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez
Khan Chen Petrova Okafor Garner Silva Novak Tanaka Cole Orlov Weber Moreau Rossi Haddad Garrison
Garza Marsh Marquez Mason Mathis Nakamura Lindqvist Oyelaran Kowalski Ferreira Dubois Schmidt Singh
Osei Abebe Ivanov Larsen Costa Romano Yilmaz"""
_GIVEN, _FAMILY = _GIVEN_NAMES.split(), _FAMILY_NAMES.split()
_ENDS = ("", "", "", "", "son", "man", "ez", "ton", "ski", "well")
_COMMON, _SCATTER = 1 << 10, 2_654_435_761


def name(number: int) -> tuple[str, str]:
    """First and last name of the person with this number, the same at each call."""
    given, family, end = number * 7 + 3, number * _SCATTER, number * 40_503
    first = _GIVEN[_skewed(given * _SCATTER, len(_GIVEN))]
    return first, _FAMILY[_skewed(family, len(_FAMILY))] + _ENDS[(end >> 7) % len(_ENDS)]


def _skewed(scattered: int, count: int) -> int:
    """A place from 0 to `count` - 1, the first ones far more often."""
    part = (scattered >> 11) % _COMMON
    return part * part * count // (_COMMON * _COMMON)

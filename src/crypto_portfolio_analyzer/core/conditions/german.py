"""German: the words of summaries, and how the articles of its cases follow from the nominative."""

import re

from crypto_portfolio_analyzer.core.conditions.phrases import ACCUSATIVE, DATIVE, Words
from crypto_portfolio_analyzer.core.conditions.telling import Grammar

_ARTICLES = {
    ACCUSATIVE: {"der": "den", "ein": "einen"},
    DATIVE: {"der": "dem", "das": "dem", "die": "der", "ein": "einem", "eine": "einer"},
}
_PLURAL = re.compile(r"die (\S*[Bb]änder)(?=\()")
_ADJECTIVE = re.compile(r"(\w+ [a-zäöü]+e) (?=[A-ZÄÖÜ])")


def declined(phrase: str, case: str) -> str:
    """Return a phrase in another case, by its article; names without one stay as they are."""
    if case == DATIVE and _PLURAL.match(phrase):
        return _PLURAL.sub(r"den \1n", phrase, count=1)
    article, space, rest = phrase.partition(" ")
    other = _ARTICLES.get(case, {}).get(article)
    if other is None:
        return phrase
    adjective = _ADJECTIVE.match(phrase)
    return other + (
        f" {adjective[1].partition(' ')[2]}n {phrase[adjective.end() :]}" if adjective else space + rest
    )


WORDS = Words(
    language="de",
    separators=(".", ","),
    percent="{} %",
    spans={
        "d": ("Tag", "Tagen"),
        "h": ("Stunde", "Stunden"),
        "m": ("Minute", "Minuten"),
        "s": ("Sekunde", "Sekunden"),
        "bars": ("Balken", "Balken"),
    },
    decline=declined,
    outputs={
        "upper": "die obere Linie",
        "middle": "die mittlere Linie",
        "lower": "die untere Linie",
        "width": "die Breite",
        "percent_b": "%B",
        "signal": "die Signallinie",
        "histogram": "das Histogramm",
        "k": "%K",
        "d": "%D",
        "touches": "die Zahl der Berührungen",
        "state": "der Zustand",
        "quality": "die Güte",
        "target": "das Kursziel",
        "direction": "die Richtung",
        "slope": "die Steigung",
    },
    output="der Wert {}",
    of="{} von {}",
    over="{} über {}",
    subject="{} von {}",
    on=" im {}-Chart",
    live=" (laufender Balken)",
    back=" vor {}",
    windows={
        "highest": "der höchste Wert von {} über {}",
        "lowest": "der niedrigste Wert von {} über {}",
        "avg": "der Durchschnitt von {} über {}",
        "sum": "die Summe von {} über {}",
        "stdev": "die Standardabweichung von {} über {}",
        "change": "die Änderung von {} in {}",
        "percent_change": "die prozentuale Änderung von {} in {}",
    },
    functions={"abs": "der Betrag von {}", "min": "das Kleinste von {}", "max": "das Größte von {}"},
    between=" und ",
)

GRAMMAR = Grammar(
    words=WORDS,
    is_verb_last=True,
    comparisons={
        ">": ("liegt", "über {}"),
        ">=": ("liegt", "bei mindestens {}"),
        "<": ("liegt", "unter {}"),
        "<=": ("liegt", "bei höchstens {}"),
        "==": ("liegt", "genau bei {}"),
        "!=": ("liegt", "nicht genau bei {}"),
    },
    ranges={True: ("liegt", "zwischen {} und {}"), False: ("liegt", "außerhalb von {} bis {}")},
    edges={True: ("erreicht", "den Bereich von {} bis {}"), False: ("verlässt", "den Bereich von {} bis {}")},
    crosses={
        "up": ("kreuzt", "{} nach oben"),
        "down": ("kreuzt", "{} nach unten"),
        "either": ("kreuzt", "{}"),
    },
    moves={
        "up": ("steigt", "um mindestens {} in {}"),
        "down": ("fällt", "um mindestens {} in {}"),
        "either": ("bewegt", "sich um mindestens {} in {}"),
    },
    flag=("es", "gibt", "{}"),
    both=" und ",
    either=" oder ",
    moment=", in dem Augenblick, in dem {}",
    negated="es trifft nicht zu, dass {}",
    at_least="mindestens {} davon treffen zu: {}",
    held="{}, und das seit {} ununterbrochen",
    recent="{}, und das irgendwann innerhalb von {}",
    sequence="zuerst: {}, danach innerhalb von {}: {}",
)

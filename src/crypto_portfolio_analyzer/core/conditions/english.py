"""English: the words of summaries."""

from crypto_portfolio_analyzer.core.conditions.phrases import Words
from crypto_portfolio_analyzer.core.conditions.telling import Grammar

WORDS = Words(
    language="en",
    separators=(",", "."),
    percent="{}%",
    spans={
        "d": ("day", "days"),
        "h": ("hour", "hours"),
        "m": ("minute", "minutes"),
        "s": ("second", "seconds"),
        "bars": ("bar", "bars"),
    },
    decline=lambda phrase, _case: phrase,
    outputs={
        "upper": "the upper line",
        "middle": "the middle line",
        "lower": "the lower line",
        "percent_b": "%B",
        "k": "%K",
        "d": "%D",
        "touches": "the number of touches",
    },
    output="the {}",
    of="{} of {}",
    over="{} of {}",
    subject="{} of {}",
    on=" on {}",
    live=" (forming bar)",
    back=" {} earlier",
    windows={
        "highest": "the highest value of {} over {}",
        "lowest": "the lowest value of {} over {}",
        "avg": "the average of {} over {}",
        "sum": "the sum of {} over {}",
        "stdev": "the standard deviation of {} over {}",
        "change": "the change of {} over {}",
        "percent_change": "the change in percent of {} over {}",
    },
    functions={"abs": "the size of {}", "min": "the smallest of {}", "max": "the largest of {}"},
    between=" and ",
)

GRAMMAR = Grammar(
    words=WORDS,
    is_verb_last=False,
    comparisons={
        ">": ("is", "above {}"),
        ">=": ("is", "at least {}"),
        "<": ("is", "below {}"),
        "<=": ("is", "at most {}"),
        "==": ("is", "exactly {}"),
        "!=": ("is", "not {}"),
    },
    ranges={True: ("is", "between {} and {}"), False: ("is", "outside {} to {}")},
    edges={True: ("enters", "the range from {} to {}"), False: ("leaves", "the range from {} to {}")},
    crosses={
        "up": ("crosses", "above {}"),
        "down": ("crosses", "below {}"),
        "either": ("crosses", "{}"),
    },
    moves={
        "up": ("rises", "by at least {} in {}"),
        "down": ("falls", "by at least {} in {}"),
        "either": ("moves", "by at least {} either way in {}"),
    },
    flag=("there", "is", "{}"),
    both=" and ",
    either=" or ",
    moment=", at the moment when {}",
    negated="it is not true that {}",
    at_least="at least {} of these hold: {}",
    held="{} for {} without a break",
    recent="{} at some point in the last {}",
    sequence="first {}, then within {}: {}",
)

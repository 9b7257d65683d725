"""Crypto Analyzer: live prices, alerts that fire once and on time, and the portfolio they concern."""


def __getattr__(name: str) -> str:
    if name == "__version__":  # looked up when asked for: reading package metadata slows every start by 30 ms
        from importlib.metadata import version  # noqa: PLC0415

        return version("crypto-portfolio-analyzer")
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)

"""Where settings and data lie unless told otherwise, and which addresses only this machine can reach."""

import os
from ipaddress import ip_address
from pathlib import Path


def data_home() -> Path:
    """Return where data live unless a setting says otherwise."""
    return _xdg("XDG_DATA_HOME", ".local/share")


def config_file() -> Path:
    """Return the settings file that is read if it exists."""
    return _xdg("XDG_CONFIG_HOME", ".config") / "config.toml"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach `host`."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _xdg(variable: str, fallback: str) -> Path:
    stated = Path(os.environ.get(variable, ""))
    return (stated if stated.is_absolute() else Path.home() / fallback) / "crypto-analyzer"

"""Which services Apprise may be asked for: those that send HTTPS requests, and nothing else.

Not here, and so refused: whatever runs a program, writes a file, or speaks D-Bus, syslog, SMTP, MQTT, XMPP, IRC, SSH
or a raw socket; services with a channel type of their own (Telegram, Discord, e-mail, SMS, webhooks); and Apprise's
own relays.
"""

SCHEMES: dict[str, str] = {
    "bark": "Bark",
    "barks": "Bark",
    "betterstack": "Better Stack",
    "dingtalk": "DingTalk",
    "feishu": "Feishu",
    "flock": "Flock",
    "gchat": "Google Chat",
    "gotify": "Gotify",
    "gotifys": "Gotify",
    "guilded": "Guilded",
    "hassio": "Home Assistant",
    "hassios": "Home Assistant",
    "ifttt": "IFTTT",
    "join": "Join",
    "lark": "Lark",
    "line": "LINE",
    "mastodon": "Mastodon",
    "mastodons": "Mastodon",
    "matrix": "Matrix",
    "matrixs": "Matrix",
    "mmost": "Mattermost",
    "mmosts": "Mattermost",
    "ncloud": "Nextcloud",
    "nclouds": "Nextcloud",
    "notica": "Notica",
    "noticas": "Notica",
    "notifiarr": "Notifiarr",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "opsgenie": "Opsgenie",
    "pagerduty": "PagerDuty",
    "pbul": "Pushbullet",
    "pover": "Pushover",
    "prowl": "Prowl",
    "pushdeer": "PushDeer",
    "pushdeers": "PushDeer",
    "revolt": "Revolt",
    "rocket": "Rocket.Chat",
    "rockets": "Rocket.Chat",
    "schan": "ServerChan",
    "signal": "Signal",
    "signals": "Signal",
    "signl4": "SIGNL4",
    "slack": "Slack",
    "splunk": "Splunk On-Call",
    "spush": "SimplePush",
    "squadcast": "SquadCast",
    "synology": "Synology Chat",
    "synologys": "Synology Chat",
    "threema": "Threema",
    "twist": "Twist",
    "wxteams": "Webex",
    "workflows": "Microsoft Teams",
    "zulip": "Zulip",
}
"""Scheme → the service's name."""


def scheme_of(url: str) -> str:
    """Return the scheme of a URL, in lower case; empty if there is none."""
    scheme, mark, _rest = url.partition("://")
    return scheme.strip().lower() if mark else ""

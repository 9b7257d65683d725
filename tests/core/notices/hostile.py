"""Hostile texts: what names, messages and answers may hold, for every medium they are shown in."""

_TELEGRAM = """
<b>bold</b>
<a href="tg://user?id=1">you</a>
<tg-spoiler>x</tg-spoiler>
<pre><code class="language-sh">rm</code></pre>
</b></i></blockquote>
<blockquote expandable>x
&lt;b&gt;
&amp;amp;
&#60;script&#62;
<tg-emoji emoji-id="1">x</tg-emoji>
<b
< b >
<!-- x -->
"><b>
'<b>'
<tg-time unix="1">x</tg-time>
@channelname
/start@bot
tg://resolve?domain=x
""".strip().splitlines()

_DISCORD = """
@everyone
@here
<@123456789012345678>
<@!123456789012345678>
<@&123456789012345678>
<#123456789012345678>
<:smile:123456789012345678>
<a:wave:123456789012345678>
<t:1700000000:R>
</command:123>
<id:customize>
[click](https://evil.example)
[click](<https://evil.example>)
https://evil.example/a?b=c
http://evil.example
<https://evil.example>
**bold** __under__ *it* _it_ ~~no~~
||spoiler||
`code` ``code`` ```py
> quote
>>> quote
# heading
## heading
-# small
- list
* list
+ list
1. list
\\*escaped\\*
\\\\
\\
@\\everyone
discord.gg/abc
[x]: https://evil.example
:smile:
a_b_c*d*e
""".strip().splitlines()

_HEADERS = [
    "x\r\nBcc: eve@example.org",
    "x\nBcc: eve@example.org",
    "x\rBcc: eve@example.org",
    "x\r\n\r\n<html>",
    "x\r\n.\r\nMAIL FROM:<a@b>",
    "\r\n.\r\n",
    ".",
    "..",
    "=?utf-8?q?=0D=0ABcc:_eve@example.org?=",
    "x\u2028Bcc: eve@example.org",
    "x\u2029Bcc: eve@example.org",
    "x\x0bBcc: eve@example.org",
    "x\x0cBcc: eve@example.org",
    "x\x85Bcc: eve@example.org",
    "x\x1cBcc: eve@example.org",
    "--===============boundary==",
    "Content-Type: text/html",
    "=?utf-8?b?PHNjcmlwdD4=?=",
    "a" * 2000,
    "ü" * 2000,
]

_PAGES = """
<script>alert(1)</script>
<img src=x onerror=alert(1)>
<svg/onload=alert(1)>
"><script>alert(1)</script>
' onmouseover='alert(1)
" onmouseover="alert(1)
javascript:alert(1)
<a href=javascript:alert(1)>x</a>
<iframe src=//evil.example>
<style>*{display:none}</style>
<meta http-equiv=refresh content=0;url=//evil.example>
</title><script>
]]><script>
<![CDATA[<script>]]>
{{constructor.constructor('alert(1)')()}}
${7*7}
{7*7}
%s%n%x
{0.__class__}
""".strip().splitlines()

_CELLS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A1', "=HYPERLINK(1)", "'=1", '"=1']

_SCRIPTS = [
    "\u202egnp.exe",
    "\u2066x\u2069",
    "\u200bze\u200bro",
    "e" + "\u0301" * 50,
    "\U000e0041\U000e0042",
    "\ufeffx",
    "\u00adso\u00adft",
    "\x00\x1b[31mred\x07",
    "\x9b31m",
    "👩\u200d👩\u200d👧\u200d👦",
    "🇩🇪🇩",
    "❤️\u200d🔥",
    "👍🏽",
    "a\u200db",
    "\u200d\u200d",
    "ﷺ" * 100,
    "\ud83d",
    "\U0001d54f" * 300,
    "漢字" * 300,
    "עברית",
    "\u0000",
    "",
    " ",
    "\u061cx",
]

HOSTILE = _TELEGRAM + _DISCORD + _HEADERS + _PAGES + _CELLS + _SCRIPTS

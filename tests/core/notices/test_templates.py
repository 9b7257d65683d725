"""A template is names in braces and nothing else; JSON stays JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.notices.markup import telegram
from crypto_portfolio_analyzer.core.notices.placeholders import PLACEHOLDERS
from crypto_portfolio_analyzer.core.notices.templates import LONGEST, Template
from crypto_portfolio_analyzer.errors import InvalidFields
from tests.core.notices.hostile import HOSTILE

VALUES = {"ticker": "BTCUSDT", "close": "65012.4", "open": None, "alert.name": 'a"b\n<c>'}


def faults(text, **options):
    with pytest.raises(InvalidFields) as caught:
        Template.read(text, **options)
    return caught.value.faults


def test_names_are_filled_in_and_the_rest_stays():
    template = Template.read("{{ticker}} at {{ close }} {single} }} {{open}}")

    assert template.keys == ("ticker", "close", "open")
    assert template.fill(VALUES) == "BTCUSDT at 65012.4 {single} }} –"


def test_values_are_escaped_and_the_template_is_not():
    assert (
        Template.read("<b>{{alert.name}}</b>").fill(VALUES, escape=telegram) == "<b>a&quot;b\n&lt;c&gt;</b>"
    )


def test_values_are_never_read_as_templates():
    assert Template.read("{{ticker}}").fill({"ticker": "{{close}}"}) == "{{close}}"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("tickr", "ticker"), ("alert.nam", "alert.name"), ("Close", "close"), ("why.cuase", "why.cause")],
)
def test_unknown_name_is_told_with_the_nearest_one_and_its_place(name, nearest):
    (fault,) = faults(f"at {{{{{name}}}}}", path="message")

    assert fault.path == "message"
    assert fault.problem == f"at character 4: unknown name {name!r}; did you mean {nearest!r}?"


def test_every_fault_is_told_at_once():
    assert len(faults("{{a}} {{b}} {{close}} {{c}}")) == 3


@pytest.mark.parametrize(
    "inner",
    [
        "", " ", "close.__class__", "close + 1", "close:>10", "close!r", "7*7", "close()", "alert['name']",
        "alert|upper", 'plot("a") + 1', "plot(0)", 'eval("x")', "{close", "% for x in y %", "close\n.x",
        "\uff43lose",
    ],
)  # fmt: skip
def test_nothing_but_names(inner):
    assert faults(f"{{{{{inner}}}}}")


def test_braces_must_be_closed():
    assert faults("{{close}} {{close")[0].problem == "the braces at character 11 are not closed"


def test_length_is_limited():
    assert "4001 characters" in faults("x" * (LONGEST + 1))[0].problem
    assert Template.read("x" * LONGEST).fill({})


@pytest.mark.parametrize(
    "name", ["strategy.order.action", "strategy.position_size", "strategy.order.comment"]
)
def test_there_is_no_strategy(name):
    (fault,) = faults(f"{{{{{name}}}}}")

    assert "there is no strategy here" in fault.problem
    assert fault.remedy


def test_values_of_a_condition_are_named_by_their_spelling():
    template = Template.read('{{plot("rsi(14) on 1h")}} {{why.before("price")}} {{why.value( \\"price\\" )}}')

    assert template.keys == ('plot("rsi(14) on 1h")', 'why.before("price")', 'why.value("price")')
    (fault,) = faults('{{plot("rsi(15)")}}', operands=("rsi(14)", "price"))
    assert fault.problem.endswith("unknown value 'rsi(15)'; did you mean 'rsi(14)'?")
    Template.read('{{plot("price")}}', operands=("price",))


def test_everything_tradingview_writes_is_known():
    names = "ticker exchange open high low close volume time timenow interval syminfo.currency syminfo.basecurrency"
    text = " ".join(
        f"{{{{{name}}}}}" for name in (*names.split(), *(f"plot_{number}" for number in range(20)))
    )

    assert len(Template.read(text).keys) == 32


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('{"s": "{{ticker}}", "p": {{close}}}', {"s": "BTCUSDT", "p": 65012.4}),
        ('{"s": {{ticker}}, "p": "{{close}}"}', {"s": "BTCUSDT", "p": "65012.4"}),
        ('{"a":{"p":{{close}}}}', {"a": {"p": 65012.4}}),
        ('[{{open}}, "{{open}}", {{alert.name}}]', [None, "", 'a"b\n<c>']),
        ('{"q\\"{{alert.name}}": "\\\\{{ticker}}"}', {'q"a"b\n<c>': "\\BTCUSDT"}),
    ],
)
def test_json_stays_json(text, data):
    template = Template.read(text)

    assert template.is_json
    assert json.loads(template.fill(VALUES)) == data


@given(st.one_of(st.text(), st.sampled_from(HOSTILE)))
def test_no_value_breaks_out_of_json(value):
    template = Template.read('{"a": "{{alert.name}}", "b": [{{alert.name}}], "c": 1}')
    data = json.loads(template.fill({"alert.name": value}))

    assert data.keys() == {"a", "b", "c"}
    assert data["a"] == value
    assert str(data["b"][0]).lower() == value.lower() or data["b"][0] == json.loads(value)


@pytest.mark.parametrize("text", ["{{close}}", "{not json {{close}}", "[" * 3000, "plain", '{"a": {{close}}'])
def test_other_texts_are_no_json(text):
    assert not Template.read(text).is_json


def paths_of(text):
    """Return the paths of the faults of a template."""
    try:
        Template.read(text)
    except InvalidFields as error:
        return {fault.path for fault in error.faults}
    return set()


@given(st.text())
def test_any_text_is_read_or_refused_with_a_path(text):
    assert paths_of(text) <= {"template"}
    assert paths_of(f"{{{{{text}}}}}") <= {"template"}


@given(st.lists(st.sampled_from(sorted(PLACEHOLDERS))))
def test_every_known_name_is_read(names):
    assert Template.read(" ".join(f"{{{{{name}}}}}" for name in names)).keys == tuple(dict.fromkeys(names))

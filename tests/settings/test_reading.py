"""Reading settings: where they come from, who wins, and what is said about those that cannot be used."""

import pytest

from crypto_portfolio_analyzer.errors import ConfigFaults
from crypto_portfolio_analyzer.settings import load


def faults(**sources):
    with pytest.raises(ConfigFaults) as caught:
        load(sources.get("flags"), env=sources.get("env", {}), file=sources.get("file"))
    return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "config.toml"
        path.write_text(text)
        return path

    return write


def test_defaults_need_nothing(tmp_path):
    settings = load(env={})

    assert (settings.provider, settings.port, settings.auth) == ("binance", 8000, True)
    assert settings.data_dir == tmp_path / "xdg-data" / "crypto-analyzer"
    assert settings.database_url == f"sqlite+aiosqlite:///{settings.data_dir}/analyzer.db"
    assert settings.origin("port") == "default"


def test_flag_beats_environment_beats_file_beats_default(config):
    path = config('port = 1\nhost = "127.0.0.1"\nlanguage = "de"')
    env = {"CRYPTO_ANALYZER_PORT": "2", "CRYPTO_ANALYZER_HOST": "::1"}

    settings = load({"port": 3, "host": None}, env=env, file=path)

    assert (settings.port, settings.host, settings.language) == (3, "::1", "de")
    assert settings.origin("port") == "flag --port"
    assert settings.origin("host") == "env CRYPTO_ANALYZER_HOST"
    assert settings.origin("language") == f"file language in {path}"


def test_file_is_found_in_the_config_folder_or_by_the_environment(config, tmp_path):
    found = tmp_path / "xdg-config" / "crypto-analyzer" / "config.toml"
    found.parent.mkdir(parents=True)
    found.write_text("port = 1")
    other = config("port = 2")

    assert load(env={}).port == 1
    assert load(env={"CRYPTO_ANALYZER_CONFIG": str(other)}).port == 2


def test_environment_nests_with_two_underscores():
    env = {
        "CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL": "ws://127.0.0.1:9/",
        "CRYPTO_ANALYZER_EXCHANGES__COINBASE_ADVANCED__REST_URL": "http://127.0.0.1:8",
        "CRYPTO_ANALYZER_EXCHANGES__PUMPPORTAL__API_KEY": "k",
    }

    settings = load(env=env)

    assert settings.exchange("binance").ws_url == "ws://127.0.0.1:9"
    assert settings.exchange("coinbase_advanced").rest_url == "http://127.0.0.1:8"
    assert settings.exchange("kraken").ws_url is None


def test_an_empty_variable_counts_as_not_set():
    assert load(env={"CRYPTO_ANALYZER_REDIS_URL": "", "CRYPTO_ANALYZER_PORT": ""}).port == 8000


@pytest.mark.parametrize(
    ("env", "said"),
    [
        (
            {"CRYPTO_ANALYZER_PROT": "1"},
            "CRYPTO_ANALYZER_PROT: is no setting; did you mean CRYPTO_ANALYZER_PORT?",
        ),
        (
            {"CRYPTO_ANALYZER_EXCHANGES__BINANSE__WS_URL": "ws://x"},
            "did you mean CRYPTO_ANALYZER_EXCHANGES__BINANCE__WS_URL?",
        ),
        ({"CRYPTO_ANALYZER_PORT": "x"}, "CRYPTO_ANALYZER_PORT: 'x': "),
        ({"CRYPTO_ANALYZER_PORT": "70000"}, "give 0 (any free one) to 65535"),
        ({"CRYPTO_ANALYZER_PROVIDER": "binanse"}, "did you mean 'binance'?"),
        ({"CRYPTO_ANALYZER_SYMBOLS": "BTC,%%"}, "'%%' is not a symbol"),
        ({"CRYPTO_ANALYZER_AUTH": "off", "CRYPTO_ANALYZER_HOST": "0.0.0.0"}, "would let everybody in"),
        ({"CRYPTO_ANALYZER_DATABASE_URL": "mysql://x"}, "is no database that can be used"),
        ({"CRYPTO_ANALYZER_EXCHANGES__KRAKEN__WS_URL": "http://x"}, "give ws://… or wss://…"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_would_be_right(env, said):
    (fault,) = faults(env=env)

    assert said in fault


def test_unknown_keys_of_a_file_name_the_nearest_and_the_file(config):
    path = config('prot = 1\n[exchanges.kraken]\nws_ur = "ws://x"')

    assert faults(file=path) == [
        f"prot in {path}: is no setting; did you mean port?",
        f"exchanges.kraken.ws_ur in {path}: is no setting; did you mean exchanges.kraken.ws_url?",
    ]


def test_all_faults_are_told_at_once(config):
    env = {"CRYPTO_ANALYZER_PORT": "x", "CRYPTO_ANALYZER_LANGUAGE": "fr", "CRYPTO_ANALYZER_NOPE": "1"}

    assert len(faults(env=env, flags={"provider": "binanse"}, file=config("retention_days = -1"))) == 5


@pytest.mark.parametrize("text", ["port = ", "\x00", "port = 1\nport = 2"])
def test_a_file_that_is_no_toml_says_so(config, text):
    (fault,) = faults(file=config(text))

    assert "cannot be read" in fault


def test_a_named_file_must_exist(tmp_path):
    (fault,) = faults(file=tmp_path / "gone.toml")

    assert "there is no such file" in fault


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path):
    secret = tmp_path / "key"
    secret.write_text("s3cret\n")
    variable = "CRYPTO_ANALYZER_EXCHANGES__KRAKEN__API_KEY"

    key = load(env={variable + "_FILE": str(secret)}).exchange("kraken").api_key

    assert key is not None
    assert key.get_secret_value() == "s3cret"
    assert "both as a value and as a file" in faults(env={variable: "x", variable + "_FILE": str(secret)})[0]
    assert "cannot read" in faults(env={variable + "_FILE": str(tmp_path / "gone")})[0]


def test_a_value_that_is_no_secret_cannot_stand_in_a_file():
    assert "is no setting" in faults(env={"CRYPTO_ANALYZER_PORT_FILE": "/x"})[0]


def test_a_faulty_secret_is_not_told():
    assert "hush" not in faults(env={"CRYPTO_ANALYZER_DATABASE_URL": "mysql://me:hush@db/x"})[0]


@pytest.mark.parametrize(
    "variable",
    ["TOKENS__ENABLED", "SOURCES__YAHOO__URL", "POLLING_INTERVAL_SECONDS", "ATH_FLUSH_INTERVAL"],
)
def test_settings_of_capabilities_to_come_are_known(variable):
    assert load(env={"CRYPTO_ANALYZER_" + variable: "1"}).port == 8000


def test_variables_of_our_own_tests_are_no_settings():
    assert load(env={"CRYPTO_ANALYZER_TEST_DATA": "/x"}).port == 8000

"""`config`: every setting with its origin, every fault at once."""


def test_show_tells_value_and_origin_and_masks_secrets(cli, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_PORT", "8123")
    monkeypatch.setenv("CRYPTO_ANALYZER_DATABASE_URL", "postgresql://me:hush@db/x")

    told = cli("config", "show", "--json")

    assert told.exit_code == 0
    assert told.document["port"] == {"value": "8123", "origin": "env CRYPTO_ANALYZER_PORT"}
    assert told.document["host"]["origin"] == "default"
    assert "hush" not in told.out


def test_show_is_a_table_without_colour_in_a_pipe(cli):
    told = cli("config", "show")

    assert told.out.splitlines()[0].split() == ["SETTING", "VALUE", "FROM"]
    assert "\x1b" not in told.out


def test_check_passes_good_settings(cli):
    assert cli("config", "check").exit_code == 0
    assert cli("config", "check", "--json").document["ok"] is True


def test_check_names_settings_that_nothing_uses_yet(cli, monkeypatch):
    monkeypatch.setenv("CRYPTO_ANALYZER_SOURCES__NEWSAPI__URL", "hush")

    told = cli("config", "check")

    assert told.exit_code == 0
    assert "CRYPTO_ANALYZER_SOURCES__NEWSAPI__URL" in told.out
    assert "hush" not in told.out


def test_check_reports_every_fault_with_its_fix(cli, tmp_path, monkeypatch):
    path = tmp_path / "trial.toml"
    path.write_text('prot = 1\nlanguage = "fr"')
    monkeypatch.setenv("CRYPTO_ANALYZER_SIMBOLS", "BTC")

    told = cli("--config", path, "config", "check")

    assert told.exit_code == 2
    errors = [line for line in told.err.splitlines() if line.startswith("error:")]
    fixes = [line for line in told.err.splitlines() if line.startswith("  fix  ")]
    assert len(errors) == len(fixes) == 3
    assert "did you mean CRYPTO_ANALYZER_SYMBOLS?" in told.err

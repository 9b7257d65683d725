"""German: the sentences of messages."""

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.notices.sentences import Sentences

GERMAN = Sentences(
    articles=("der ", "die ", "das ", "den "),
    price="der Preis ",
    simulated="SIM",
    late="SPÄT {}",
    repeat="(Wiederholung)",
    day="24 h {}",
    decided="entschieden nach {}",
    within="im Balken von {}",
    causes={
        Cause.LIVE: "kam verspätet von der Börse",
        Cause.GAP_BACKFILL: "beim Füllen einer Lücke im Datenstrom gefunden",
        Cause.OUT_OF_ORDER: "die Börse sandte es außer der Reihe",
        Cause.RESTART: "nach einem Neustart gefunden",
        Cause.BOUNDARY: "mit dem vorigen Balken des anderen Marktes beurteilt",
    },
    before="Davor: {}",
    revision="„{}“ Fassung {}",
    template_failed="Deine Vorlage ließ sich nicht ausfüllen; dies ist der übliche Wortlaut.",
    digest="{} Alarme in {}",
    falling="{} von {} fallen",
    rising="{} von {} steigen",
    worst="am schwächsten {}",
    best="am stärksten {}",
    further="… und {} weitere",
    test_title="Test: Dieser Kanal funktioniert",
    test_line="Was an „{}“ geht, kommt hier an.",
    simulated_line="Simulierter Markt: keine echten Preise.",
    gone="Ein Alarm wurde ausgelöst; sein Nachweis ist nicht mehr da",
    confirm_title="Ist das deine Adresse?",
    confirm_line="Jemand möchte Marktalarme hierher senden. Wenn du es warst, gib diesen Code ein: {}",
    confirm_else="Wenn du es nicht warst, tu nichts: Es kommt keine weitere Nachricht.",
    reason="Du bekommst das über deinen Kanal „{}“.",
    settings="Ändern oder beenden",
    view="Öffnen",
    quoted="„{}“",
)

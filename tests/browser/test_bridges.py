"""What other programs of a page learn of the widget, and it of them: WordPress with the plugin WP Consent API, and the
consent manager of the page's advertising.
"""

from __future__ import annotations

from playwright.sync_api import expect

from consent_widget.notice.model import Notice

from .conftest import MakeSite, MakeVisitor
from .servers import Static

#: The plugin's functions, by its readme, and another plugin that asks and listens. The bridge comes before both.
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><title>A blog</title>
<script src="{prefix}bridges/wordpress.js" data-cfasync="false"></script>
<script async src="{prefix}widget.js"></script>
<script>
const cookie = (name) => (document.cookie.match("(?:^|; )wp_consent_" + name + "=([a-z]*)") || ["", ""])[1];
function wp_has_consent(category) {{
  return !window.wp_consent_type || cookie(category) == "allow";
}}
function wp_set_consent(category, value) {{
  const before = cookie(category);
  document.cookie = "wp_consent_" + category + "=" + value + ";path=/";
  if (before != value) {{
    document.dispatchEvent(new CustomEvent("wp_listen_for_consent_change", {{ detail: {{ [category]: value }} }}));
  }}
}}
const heard = [];
document.addEventListener("wp_consent_type_defined", () => heard.push("defined " + wp_has_consent("statistics")));
document.addEventListener("wp_listen_for_consent_change", ({{ detail }}) => heard.push(detail));
</script><h1>A blog</h1>"""


def test_plugins_hear_of_each_choice_and_only_of_choices(
    make_site: MakeSite, static: Static, visit: MakeVisitor, minimal: Notice
) -> None:
    site = make_site(CONSENT_NOTICE=minimal, CONSENT_ORIGINS=[static.url])
    static.page = PAGE.format(prefix=f"{site.url}/consent/")
    visitor = visit(site)
    visitor.page.goto(static.url)

    visitor.wait_until("heard.length == 2")
    assert visitor.page.evaluate("heard.splice(0)") == ["defined false", {"functional": "allow"}]
    visitor.open_centre().set_switches("analytics").press_in_centre("save").expect_saved()
    visitor.wait_until("heard.length == 4")
    assert visitor.page.evaluate("Object.assign({}, ...heard.splice(0))") == {
        "preferences": "deny", "statistics": "allow", "statistics-anonymous": "allow", "marketing": "deny"
    }  # fmt: skip
    visitor.page.reload()
    visitor.wait_until("window.ConsentWidget?.on && heard.length")
    visitor.page.evaluate("ConsentWidget.withdraw()")
    visitor.wait_until("heard.length == 3")
    assert visitor.page.evaluate("heard.splice(0)") == [
        "defined true", {"statistics": "deny"}, {"statistics-anonymous": "deny"}
    ]  # fmt: skip


#: A consent manager as the TCF describes it, with a visitor who has answered on another page.
MANAGER = """<!doctype html><html lang=en><meta charset=utf-8><title>A magazine</title>
<script>
const listeners = [], answered = { gdprApplies: true, cmpStatus: "loaded", eventStatus: "tcloaded",
  purpose: { consents: { 1: true, 8: true, 4: false } }, vendor: { consents: {}, disclosedVendors: {} } };
function __tcfapi(command, version, listener) { listeners.push(listener); listener(answered, true); }
</script><script async src="SOURCE"></script><h1>A magazine</h1>"""


def test_what_is_refused_in_the_advertisings_own_manager_is_refused_here(
    make_site: MakeSite, static: Static, visit: MakeVisitor, minimal: Notice
) -> None:
    table = {"tcf": {"analytics": ["1", "8"], "marketing": ["1", "4"], "functional": ["1"]}, "grants": ["analytics"]}
    site = make_site(CONSENT_NOTICE=minimal, CONSENT_ORIGINS=[static.url], CONSENT_IAB=table)
    static.page = MANAGER.replace("SOURCE", f"{site.url}/consent/widget.js")
    visitor = visit(site)
    visitor.page.goto(static.url)

    visitor.wait_until("window.ConsentWidget?.on && ConsentWidget.granted('analytics')")
    expect(visitor.status).to_have_text("")
    assert [(each.action, each.surface, each.purposes) for each in site.store.export()] == [
        ("refuse", "tcf", {"marketing": False}),
        ("allow", "tcf", {"analytics": True}),
    ]
    expect(visitor.layer).to_be_visible()  # nobody has said anything about the rest
    visitor.page.evaluate("""() => {
      const now = { ...answered, eventStatus: "useractioncomplete", purpose: { consents: {} } };
      listeners.forEach((listener) => listener(now, true));
    }""")
    visitor.wait_until("!ConsentWidget.granted('analytics')")
    expect(visitor.layer).to_have_count(0)

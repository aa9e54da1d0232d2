"""The widget's own words in each locale, and which locale a visitor gets.

The words stand in `translations/`, keyed by their English text. The host's own Babel, if it has
one, is never touched: the locale is forced for the moment of the look-up (flask-babel #175).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from babel import Locale
from flask import Flask
from flask_babel import Domain, force_locale
from werkzeug.datastructures import LanguageAccept

from ..resources import TRANSLATIONS

CATALOGUES = {"zh": "zh_Hans", "en": "en"}
NAMES = {"zh-CN": "中文", "en": "English"}


def _(english: str) -> str:
    """Marks a text for translation."""
    return english


MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "accept_all": _("Accept all"),
        "reject_all": _("Reject all"),
        "choose": _("Choose"),
        "save": _("Save choices"),
        "close": _("Close"),
        "close_refusing": _("Close without agreeing"),
        "notice": _("Privacy notice"),
        "preferences": _("Privacy settings"),
        "always_on": _("Always on"),
        "when_needed": _("Asked when needed"),
        "some_on": _("{on} of {all} on"),
        "switch_group": _("Switch all of “{group}”"),
        "details": _("Details"),
        "data": _("Information used"),
        "recipients": _("Who receives it"),
        "nobody": _("Nobody else"),
        "retention": _("How long"),
        "if_refused": _("If you refuse"),
        "legal_basis": _("Legal basis"),
        "necessity": _("Why it is needed"),
        "impact": _("What it may mean for you"),
        "service": _("Service"),
        "company": _("Company"),
        "country": _("Country"),
        "cookies": _("Cookies"),
        "none": _("None"),
        "sensitive": _("Sensitive"),
        "separate": _("Separate consent"),
        "separate_none": _("No recipient is named at present. If one is, you will be asked about it by name."),
        "separate_scope": _("“Accept all” does not include what needs separate consent."),
        "lasts": _("Your choice lasts {days} days. You can change it here at any time."),
        "lasts_each": _(
            "Agreement lasts {days} days and refusal {refused} days. You can change your choice here at any time."
        ),
        "contact": _("Contact"),
        "means": _("How it is passed on"),
        "rights": _("Your rights there"),
        "saved": _("Your choices are saved."),
        "unsaved": _("Not saved yet. Everything optional stays off."),
        "unkept": _("Saved, but your browser keeps nothing for this site, so we will have to ask again."),
        "unreachable": _("This cannot be loaded just now. Please try again."),
        "framed": _("Inside a page of another site, agreeing does not count. To agree, open this page by itself."),
        "not_kept": _("This could not be saved. Everything optional stays off. Please try again."),
        "once_more": _("Nothing is switched on yet. Please check your answer, and press once more to confirm it."),
        "changed": _("The notice has changed meanwhile. Please choose again."),
        "moved": _("The choices have changed meanwhile, so this was not saved. Please check them and choose again."),
        "reloading": _("Consent withdrawn. The page reloads."),
        "gpc": _("Opt-out signal (GPC) honoured: advertising and sharing stay off."),
        "gpc_off": _("Off, because your browser sends an opt-out signal (GPC)."),
        "blocked": _("This content is {vendor}’s. If it is loaded, {vendor} receives information about your visit."),
        "load_once": _("Load once"),
        "load_always": _("Always load"),
        "version": _("Version {version}, in effect from {date}."),
        "prevails": _("If the versions differ, the {language} one prevails."),
        "zh": _("Chinese"),
        "en": _("English"),
        "contents": _("Contents"),
        "as_page": _("Open as a page, to print or keep it"),
        "functions": _("What they do for us"),
        "needed_title": _("Your consent is needed"),
        "needed_body": _("This page needs “{purpose}”, which is off. It opens if you agree; the rest works anyway."),
        "allow": _("Agree"),
        "refuse": _("Do not agree"),
        "leave_title": _("You are leaving this site"),
        "leave_to": _("The link leads to:"),
        "leave_body": _(
            "We do not run that site. What it does with your information is set out in its ow"
            "n privacy policy, which we advise you to read."
        ),
        "leave_go": _("Continue"),
        "leave_stay": _("Stay here"),
        "leave_policy": _("Its privacy policy"),
        "news": _("Our privacy notice has changed"),
        "news_body": _("Version {version} took effect on {date}. Your choices stay as they are."),
        "news_asking": _(
            "Version {version} took effect on {date}. What is new or means something else is off until you agree."
        ),
        "announced": _("Our privacy notice is going to change"),
        "announced_body": _("Version {version} takes effect on {date}. Until then everything stays as it is."),
        "transfer": _("This site is changing hands"),
        "transfer_body": _(
            "From {date}, {name} ({contact}) runs this site and receives your personal information. "
            "It is bound by this notice and must ask you before any new use."
        ),
        "see_changes": _("See the changes"),
        "seen": _("OK, seen"),
        "unseen": _("Not noted yet. It is sent again as soon as possible."),
        "changes": _("Changes to the privacy notice"),
        "from_to": _("From version {before} to version {after}, in effect from {date}."),
        "asked_again": _("What you are asked about again"),
        "told": _("For you to know"),
        "wording": _("Wording only"),
        "before": _("Before"),
        "after": _("After"),
        "absent": _("Not there"),
        "no_news": _("Nothing has changed since you last saw the notice."),
        "whole_notice": _("Read the whole notice"),
        "lifetime_days": _("Days that a choice lasts"),
        "gpc_opt_out": _("Off while the browser sends an opt-out signal (GPC)"),
        "minors": _("Also for minors"),
        "yes": _("Yes"),
        "no": _("No"),
        "opt_in": _("Off until you switch it on"),
        "ordinary": _("Ordinary consent"),
        "single_use": _("Consent to a single use"),
        "versions": _("Published versions"),
        "in_effect": _("(in effect now)"),
        "not_in_effect": _("This is version {version}. Version {current} is in effect now."),
        "text_fingerprint": _("Fingerprint of this text (SHA-256):"),
        "not_here": _(
            "This page keeps what is chosen here. What you chose on the site itself is kept there; change it there, "
            "under “Privacy settings”:"
        ),
        "with_guardian": _("With a parent’s or guardian’s consent"),
        "list_separator": _(", "),
        "gdpr": _("GDPR Art. {article}"),
        "pipl": _("PIPL Art. {article}"),
        "choices": _("My choices"),
        "choices_none": _("You have not made a choice yet. Everything optional is off."),
        "agreed_to": _("What you agreed to"),
        "refused": _("What you refused"),
        "agreed_to_nothing": _("Nothing at present."),
        "until": _("Until {date}"),
        "withdraw": _("Withdraw"),
        "withdraw_one": _("Withdraw: {what}"),
        "withdraw_all": _("Withdraw everything"),
        "history": _("History"),
        "did_accept_all": _("Accepted all"),
        "did_reject_all": _("Rejected all"),
        "did_save": _("Chose one by one"),
        "did_close": _("Closed without agreeing"),
        "did_withdraw_all": _("Withdrew everything"),
        "did_allow": _("Agreed to: {what}"),
        "did_refuse": _("Refused or withdrew: {what}"),
        "did_opt_out": _("Opted out of sale and sharing"),
        "did_acknowledge": _("Saw what changed in the notice"),
        "used_on": _("Used on {when}"),
        "notice_version": _("Notice {version}"),
        "in_language": _("In {language}"),
        "at_utc": _("{time} UTC"),
        "receipt": _("Receipt"),
        "receipt_of": _("Receipt: {what}, {when}"),
        "receipt_number": _("Receipt number"),
        "time": _("Time"),
        "action": _("What you did"),
        "language": _("Language"),
        "valid_until": _("Valid until"),
        "controller": _("Controller of your information"),
        "fingerprint": _("Fingerprint of the notice"),
        "granted": _("Agreed"),
        "denied": _("Refused"),
        "from_then_on": _("Withdrawing counts from then on. What was lawfully done before it stays lawful."),
        "as_json": _("The same as JSON"),
        "download": _("Download everything (JSON)"),
        "erase": _("Erase everything"),
        "erase_title": _("Erase everything?"),
        "erase_body": _(
            "This deletes every record of your choices on this site, ends all that you agreed to and removes the "
            "cookie that holds your choices. It cannot be undone. You will be asked again on your next visit."
        ),
        "erase_yes": _("Erase"),
        "erase_no": _("Keep everything"),
        "erased": _("Everything is erased."),
        "remainder": _(
            "The records are erased. A remainder in the database’s own log is overwritten with the next entry "
            "after the program that is reading it (for example a backup) has ended."
        ),
        "no_receipt": _("No such receipt"),
        "no_receipt_body": _("There is no such receipt, or it belongs to another browser."),
        "unreadable": _("Your records cannot be read at the moment. Please try again later."),
        "do_not_share": _("Do not sell or share my information"),
        "do_not_share_body": _(
            "Press the button and what is named below stays off: you need not say who you are, and the rest of the "
            "site works as before."
        ),
        "do_not_share_button": _("Do not sell or share"),
        "do_not_share_already": _("This is off for you at present."),
        "do_not_share_done": _("Confirmed, {when}: information from this browser is neither sold nor shared."),
        "age": _("Which age group are you in?"),
        "age_why": _("We never ask for your date of birth."),
        "age_child": _("Under {age}"),
        "age_teen": _("{age} to 17"),
        "age_adult": _("18 or over"),
        "age_needed": _("Please say first which age group you are in."),
        "keep_off": _("Keep everything off"),
        "not_granted": _("Nothing was switched on."),
        "child_note": _("You are under {age}, so only a parent or guardian can switch these on."),
        "teen_note": _("You are under 18, so some of these stay off."),
        "did_age_child": _("Gave an age group"),
        "did_age_teen": _("Gave an age group"),
        "did_age_adult": _("Gave an age group"),
        "by_guardian": _("By a parent or guardian"),
        "erase_child_body": _(
            "This deletes every record of your choices on this site and ends all that was agreed to. Your "
            "browser keeps only that you are under {age}. It cannot be undone."
        ),
        "ask_guardian": _("Ask a parent or guardian"),
        "guardian_body": _(
            "Enter the email address of a parent or guardian, together with them if you can. They get a link, "
            "see what is asked and decide. We use the address for this one message and do not keep it."
        ),
        "guardian_address": _("Email address of a parent or guardian"),
        "guardian_send": _("Send the link"),
        "guardian_sent": _("The link is on its way. It works once, within {days} days."),
        "guardian_unsent": _("The link could not be sent. Please check the address and try again."),
        "guardian_for_children": _(
            "This page is for visitors under {age}. All others decide for themselves in the privacy settings."
        ),
        "guardian_title": _("Consent for a child"),
        "guardian_asks": _(
            "A child under {age} uses the site of {site} and asks you to decide what it may do with the "
            "child’s personal information. Switch on only what you agree to."
        ),
        "guardian_sure": _("With “Save choices” you confirm that you are the child’s parent or guardian."),
        "guardian_nothing": _("There is nothing here that can be switched on for a child."),
        "guardian_saved": _("Your decision is saved."),
        "guardian_keep": _(
            "Keep this link to yourself. With it you can withdraw at any time, or have everything about the "
            "child erased; so can anybody else who has it."
        ),
        "guardian_granted": _("What you agreed to for the child"),
        "guardian_erase": _("Erase everything about the child"),
        "guardian_erase_body": _(
            "This deletes every record of the child’s choices on this site and ends all that was agreed to; "
            "nothing is sent to the child any more that needs consent. It cannot be undone, and this link "
            "stops working."
        ),
        "guardian_erased": _("The child’s records are erased. Nothing is sent any more that needs consent."),
        "guardian_no_link": _("This link does not work"),
        "guardian_no_link_body": _(
            "It may be used already, too old, or not complete. Nothing was changed. The child can have a new "
            "one sent."
        ),
    }
)  # fmt: skip


@cache
def messages(locale: str) -> Mapping[str, str]:
    """Every word of the widget in a locale, by name. Needs no request and no host Babel."""
    domain = Domain([str(TRANSLATIONS)], "consent_widget")
    with Flask(__name__).app_context(), force_locale(CATALOGUES.get(_language(locale), "en")):
        return MappingProxyType({name: str(domain.gettext(english)) for name, english in MESSAGES.items()})


@cache
def country(code: str, locale: str) -> str:
    """A country by its ISO 3166 code, as it is called in a locale. Any other text stands for itself."""
    return str(Locale.parse(CATALOGUES.get(_language(locale), "en")).territories.get(code, code))


def negotiate(locales: Sequence[str], *wishes: str | None, accept: LanguageAccept | None = None) -> str:
    """The first of `wishes` that can be met, else the best of Accept-Language, else English.

    Languages are compared by their first subtag: `zh-Hans`, `zh-SG` and `zh` all get `zh-CN`.
    """
    by_language = {_language(locale): locale for locale in reversed(locales)}
    accepted = (value for value, quality in accept or () if quality > 0)
    for wish in (*wishes, *accepted):
        if wish and wish in locales:
            return wish
        if wish and _language(wish) in by_language:
            return by_language[_language(wish)]
    return by_language.get("en", locales[0])


def _language(locale: str) -> str:
    return locale.replace("_", "-").split("-")[0].lower()

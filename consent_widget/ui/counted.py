"""Numbers in messages, with the form of the word that follows: “1 day”, “2 days”, and as many as a language has."""

from __future__ import annotations

from .i18n import catalogue_of
from .locales import babel_locale

#: The names of CLDR, in the order in which a message has the forms.
ORDER = ("zero", "one", "two", "few", "many", "other")


class Counted(int):
    """A number for a message: `{days} {days:day|days}` becomes “1 day”. Each language has its own forms of the word, in
    the order of CLDR (“день|дня|дней”); one that has a single form writes it without a place.
    """

    _at: int = -1

    def __new__(cls, number: int, locale: str) -> Counted:
        """The number in a sentence of this locale's messages."""
        made = super().__new__(cls, number)
        if data := babel_locale(catalogue_of(locale)):
            forms = [form for form in ORDER if form in data.plural_form.tags or form == "other"]
            made._at = forms.index(data.plural_form(number)) if len(forms) > 1 else -1
        return made

    def __format__(self, words: str) -> str:
        """The number; or that of the words that fits it."""
        if not words:
            return str(int(self))
        forms = words.split("|")
        # a message that is not translated has the forms of English, also in a language that has a single one
        return forms[min(self._at, len(forms) - 1)]

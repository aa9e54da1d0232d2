"""One address is one mailbox: nothing that a mail program could read as several, as an option or as a header."""

from __future__ import annotations

import string
import sys
import unicodedata

import pytest

from consent_widget.web.address import is_address, mailbox


@pytest.mark.parametrize(
    "address",
    [
        "mother@family.example", "Mother.Of-Two+school@mail.family.example", "o'brien@family.example", "_m_@x.example",
        "m@localhost", "1@2.example", "用户@例子.中国", "üser@straße.example", "अजय@डाटा.भारत", "пользователь@пример.рф",
        "m@xn--fsqu00a.xn--fiqs8s", "a" * 240 + "@shop.example",
    ],
)  # fmt: skip
def test_an_address_of_any_script_is_taken(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        # several
        "a@b,c@d", "a@b;c@d", "a@b c@d", "a@b@c", "a@b%c@d", "a%b@c", "a!b@c", "group:a@b;", "a,b@c", "a;@b",
        # a name, a comment, a quoted part, an address literal
        "<a@b>", "A <a@b>", "a(b)@c", "a@b(c)", '"a"@b', '"a\\"@b"', "a\\@b", "a@[127.0.0.1]", "a@b]", "mailto:a@b",
        # an option, a file, a program
        "-oX/tmp/x@b", "--to=a@b", "-a@b", "a@-b", ".a@b", "|cat@b", "/etc/x@b", "`id`@b", "$(id)@b", "$HOME@b", "a@b|c",
        # a header, or a line of its own
        "a@b\r\nBcc: x@y", "a@b\nBcc:x@y", "a@b%0aBcc:x", "a@b\u2028Bcc:x", "a@b\u0085c", "a@b\0", "a\t@b", "a@b\x7f",
        # look-alikes, which some program makes plain
        "ａ＠b@c", "a＠b", "a﹫b", "a@b，c@d", "a@b；c@d", "a@b；c", "a@b。c", "a@b．c", "ｍ@b", "a@b\u037ec", "ﬁ@b",
        "e\u0301@b",
        # what is not seen
        " a@b", "a@b ", "a\u00a0@b", "a\u200b@b", "a@b\u202ec", "\ufeffa@b", "a\u00ad@b", "a\ud800@b", "a@b\ue000",
        # no mailbox
        "", "@", "a", "a@", "@b", "a..b@c", "a.@b", "a@b.", "a@.b", "a@b..c", "a" * 250 + "@b.cd", "用" * 84 + "@b.cd",
    ],
)  # fmt: skip
def test_anything_but_one_address_is_refused(address: str) -> None:
    assert not is_address(address)


def test_an_address_contains_no_special_characters() -> None:
    unseen = ("Cc", "Cf", "Zs", "Zl", "Zp")
    special = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) in unseen}
    special |= set(',;:<>()[]"\\%@!|`$*/?{}^' + string.whitespace)

    for each in special:
        for address in (f"a{each}b@c.example", f"a@b{each}c.example", f"{each}a@b.example", f"a@b.example{each}"):
            assert not is_address(address), repr(address)


def test_addresses_that_reach_one_person_are_one_mailbox() -> None:
    assert len({mailbox(each) for each in ("m.other@x.example", "Mother@X.example", "mother+1@x.example")}) == 1
    assert mailbox("mother@x.example") != mailbox("father@x.example") != mailbox("father@y.example")


@pytest.mark.parametrize(
    ("script", "ascii"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "XN--Bcher-KVA.example"),
        ("mail.例子.中国", "mail.xn--fsqu00a.xn--fiqs8s"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_a_domain_is_one_in_its_own_script_and_in_ascii(script: str, ascii: str) -> None:
    assert is_address(f"a@{script}")
    assert mailbox(f"a@{script}") == mailbox(f"a@{ascii}") != mailbox(f"b@{ascii}")


@pytest.mark.parametrize("domain", ["a" * 64 + ".example", "ü" * 64 + ".example", "xn--\u00fc.example"])
def test_a_domain_without_an_ascii_form_is_still_a_mailbox(domain: str) -> None:
    assert mailbox(f"A@{domain}") == f"a@{domain}"

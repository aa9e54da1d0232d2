"""Receipts of a small log, true and false, and what every checker must say of each: the script and the page share them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "shop.example/consent/log"
NOTICE = json.dumps(
    {
        "id": "shop",
        "purposes": [
            {"id": "analytics", "label": {"en": "Statistics", "zh-CN": "访问统计"}},
            {"id": "marketing", "label": {"en": "Advertising", "zh-CN": "个性化广告"}},
            {"id": 5, "label": {"en": "no text names it"}},
            "no table",
        ],
        "recipients": {"no": "list"},
        "services": [{"id": "ga4", "name": {"en": "Google Analytics", "fr": "?", "zh-CN": None}}],
    },
    ensure_ascii=False,
    separators=(",", ":"),
)
DIGEST = hashlib.sha256(NOTICE.encode()).hexdigest()
RECORD = {
    "action": "save",
    "actor": "subject",
    "age_band": None,
    "id": "0f3c1f0e-7b7a-8d3e-9b3a-5a5b5c5d5e5f",
    "layout": "box",
    "locale": "zh-CN",
    "notice": DIGEST,
    "purposes": {"analytics": True, "marketing": False},
    "region": "CN",
    "script": "0123456789abcdef",
    "seq": 1,
    "signals": ["gpc"],
    "site": "",
    "subject": "jK2s6Nf0b3kKX1v9m1hZ5A",
    "surface": "layer",
    "time": "2026-11-29T20:00:00.000+00:00",
    "valid_until": "2027-05-28",
}
NO_JSON = hashlib.sha256(b"{").hexdigest()
SALT = bytes(range(16))
PLACE, SIZE = 4, 7


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Signer:
    """A key of a log (type 1) or a witness (type 4), as signed notes have it."""

    def __init__(self, name: str, type: int, seed: int) -> None:
        self.name, self.type = name, type
        self.private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        public = bytes([type]) + self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(name.encode(), b"\n", public)[:4]
        self.vkey = f"{name}+{self.id.hex()}+{b64(public)}"

    def line(self, text: str, moment: int = 1_780_000_000) -> str:
        message, before = text.encode(), b""
        if self.type == 4:
            message, before = f"cosignature/v1\ntime {moment}\n{text}".encode(), moment.to_bytes(8, "big")
        return f"— {self.name} {b64(self.id + before + self.private.sign(message))}\n"


LOG, OTHER = Signer(ORIGIN, 1, 1), Signer("other.example/consent/log", 1, 2)
ONE, TWO = Signer("witness.example/one", 4, 3), Signer("witness.example/two", 4, 4)
POLICY = f"# Whom we trust\nlog {LOG.vkey} https://{ORIGIN}\nquorum none\n"
WITNESSED = f"log {LOG.vkey}\nwitness one {ONE.vkey}\nwitness two {TWO.vkey}\ngroup both all one two\nquorum both\n"
ANY = WITNESSED.replace("both all", "both any")


def canonical(record: object) -> bytes:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def tree(leaves: Sequence[bytes]) -> bytes:
    """The root, by the definition in RFC 6962, 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01", tree(leaves[:k]), tree(leaves[k:]))


def path(place: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The inclusion proof, by the definition in RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1 << (len(leaves) - 1).bit_length() - 1
    if place < k:
        return [*path(place, leaves[:k]), tree(leaves[k:])]
    return [*path(place - k, leaves[k:]), tree(leaves[:k])]


def receipt(
    record: bytes | None = None, *, place: int = PLACE, size: int = SIZE, signers: Sequence[Signer] = (LOG,),
    origin: str = ORIGIN, moment: int = 1_780_000_000, extension: str = "",
) -> str:  # fmt: skip
    """A true receipt of a log that such a record is in."""
    extra = SALT + (canonical(RECORD) if record is None else record)
    leaves = [sha256(b"\0", sha256(b"entry", bytes([number]))) for number in range(size)]
    leaves[place] = sha256(b"\0", sha256(extra))
    text = f"{origin}\n{size}\n{b64(tree(leaves))}\n{extension}"
    proof = "".join(f"{b64(each)}\n" for each in path(place, leaves))
    signatures = "".join(each.line(text, moment) for each in signers)
    return f"c2sp.org/tlog-proof@v1\nextra {b64(extra)}\nindex {place}\n{proof}\n{text}\n{signatures}"


@dataclass(frozen=True)
class Case:
    """Files as a reader gives them, the code that a checker ends with, and the key of the sentence that says why."""

    name: str
    receipt: bytes
    policy: bytes | None
    code: int
    key: str
    notice: bytes | None = None


def cases() -> Iterator[Case]:
    true, lines = receipt(), receipt().split("\n")
    policy = POLICY.encode()

    def case(name: str, code: int, key: str, text: str | bytes = true, trusted: str | bytes | None = policy,
             notice: bytes | None = None) -> Case:  # fmt: skip
        data = text.encode() if isinstance(text, str) else text
        return Case(name, data, trusted.encode() if isinstance(trusted, str) else trusted, code, key, notice)

    def line(number: int, instead: str) -> str:
        """The true receipt with another line at this place, counted from 1."""
        return "\n".join([*lines[: number - 1], instead, *lines[number:]])

    yield case("a true receipt", 0, "proved")
    yield case("with the notice", 0, "proved", notice=NOTICE.encode())
    yield case("with the notice and a line end", 0, "proved", notice=NOTICE.encode() + b"\n")
    yield case("with another notice", 1, "r_notice", notice=NOTICE.encode() + b" ")
    yield case("without a key", 3, "unchecked", trusted=None)
    yield case("with a key instead of a policy", 0, "proved", trusted=LOG.vkey)
    yield case("by two witnesses", 0, "proved", receipt(signers=(LOG, ONE, TWO)), WITNESSED)
    deep = "".join(f"group g{number} all {f'g{number - 1}' if number else 'both'}\n" for number in range(1500))
    deep = WITNESSED.replace("quorum both", f"{deep}quorum g1499")
    yield case("by groups of groups", 0, "proved", receipt(signers=(LOG, ONE, TWO)), deep)
    yield case("by one of groups of groups", 1, "r_quorum", receipt(signers=(LOG, ONE)), deep)
    yield case("by one of two", 1, "r_quorum", receipt(signers=(LOG, ONE)), WITNESSED)
    yield case("by one of any", 0, "proved", receipt(signers=(LOG, ONE)), ANY)
    yield case("by one witness twice", 1, "r_quorum", receipt(signers=(LOG, ONE, ONE)), WITNESSED)
    yield case("by strangers besides", 0, "proved", receipt(signers=(LOG, OTHER, ONE)), policy)
    yield case(
        "by a stranger with a strange name", 0, "proved", receipt(signers=(LOG, Signer("w\ufeff", 4, 5))), policy
    )
    yield case("by a witness in a far future", 0, "proved", receipt(signers=(LOG, ONE), moment=2**63 - 1), ANY)
    yield case("by strangers only", 1, "r_no_signature", receipt(signers=(OTHER, ONE)), ANY)
    yield case("a policy of a Windows editor", 0, "proved", trusted="\ufeff" + POLICY.replace("\n", "\r\n"))
    yield case("a log of one entry", 0, "proved", receipt(place=0, size=1))
    yield case("a checkpoint with an extension line", 0, "proved", receipt(extension="more of it\n"))
    yield case(
        "an escape in the record", 0, "proved", receipt(canonical({**RECORD, "site": "\x1b[2J\u202egnol " + "x" * 300}))
    )
    told = {"age_band": "under_14", "signals": ["gpc", "carried:klaro", "chosen:2026-05-03"], "surface": "new"}
    told |= {"purposes": {"analytics": True, "analytics@ga4": True, "marketing@else": False, "new": False}}
    yield case(
        "values with gaps, and new ones", 0, "proved", receipt(canonical({**RECORD, **told})), notice=NOTICE.encode()
    )
    yield case(
        "new signals, and one that says too much", 0, "proved",
        receipt(canonical({**RECORD, "signals": ["gpc", "carried:a; b"], "age_band": "under_x; y"})),
    )  # fmt: skip
    yield case("a notice that is no JSON", 0, "proved", receipt(canonical({**RECORD, "notice": NO_JSON})), notice=b"{")
    yield case(
        "a record of hostile fields",
        0,
        "proved",
        receipt(canonical({"purposes": 3, "time": [], "n\u0085": (1.0).is_integer()})),
    )
    yield case(
        "a record that looks like another", 0, "proved",
        receipt(canonical({**RECORD, "Agreed to": "all", "action": "s\u0430ve", "purposes": {"analytics": 1}})),
    )  # fmt: skip
    many = {f"partner_sharing:partner_{number}": True for number in range(30)}
    yield case("a record with many answers", 0, "proved", receipt(canonical({**RECORD, "purposes": many})))
    yield case("a policy with a comment in GBK", 0, "proved", trusted="# 我们信任谁\n".encode("gbk") + policy)
    twice = json.dumps(
        {"purposes": [{"id": "ads", "label": {"en": "Ads"}}], "services": [{"id": "ads", "name": {"en": "Statistics"}}]}
    ).encode()
    ads = canonical({"notice": sha256(twice).hex(), "purposes": {"ads": True}})
    yield case("a service that is named like a purpose", 0, "proved", receipt(ads), notice=twice)
    # altered
    forged = canonical({**RECORD, "purposes": {"analytics": True, "marketing": True}})
    yield case("another record", 1, "r_inclusion", line(2, f"extra {b64(SALT + forged)}"))
    yield case("another salt", 1, "r_inclusion", line(2, f"extra {b64(bytes(16) + canonical(RECORD))}"))
    yield case("another place", 1, "r_inclusion", line(3, "index 5"))
    yield case("a place beyond the log", 1, "r_place", line(3, "index 7"))
    yield case("a place far beyond", 1, "r_place", line(3, "index 9223372036854775807"))
    yield case("a proof too short", 1, "r_inclusion", "\n".join(lines[:3] + lines[4:]))
    yield case("a proof too long", 1, "r_inclusion", line(4, f"{lines[3]}\n{lines[3]}"))
    yield case("a proof of a thousand hashes", 1, "r_inclusion", line(4, "\n".join([lines[3]] * 1000)))
    yield case("another root", 1, "r_inclusion", line(10, b64(bytes(32))))
    yield case("another size", 1, "r_inclusion", line(9, "80"))
    yield case("a size to which the same proof leads", 1, "r_signature", line(9, "8"))
    yield case("another log", 1, "r_origin", receipt(origin=OTHER.name, signers=(OTHER,)))
    yield case(
        "an origin changed after it was signed", 1, "r_origin", true.replace(f"\n{ORIGIN}\n", "\nShop.example\n")
    )
    yield case("an extension line added", 1, "r_signature", line(10, f"{lines[9]}\nmore"))
    yield case("a false signature", 1, "r_signature", line(12, f"— {ORIGIN} {b64(LOG.id + bytes(64))}"))
    yield case("a signature too short", 1, "r_signature", line(12, f"— {ORIGIN} {b64(LOG.id + bytes(63))}"))
    text = "\n".join(lines[7:10]) + "\n"
    s = (
        int.from_bytes(base64.b64decode(lines[11].split(" ")[2])[36:], "little")
        + 2**252
        + 27742317777372353535851937790883648493
    )
    doubled = base64.b64decode(lines[11].split(" ")[2])[:36] + s.to_bytes(32, "little")
    yield case(
        "a signature that stands for another (malleable)", 1, "r_signature", line(12, f"— {ORIGIN} {b64(doubled)}")
    )
    false = ONE.line(text, 5).split(" ")[2]
    moved = b64(ONE.id + (6).to_bytes(8, "big") + base64.b64decode(false)[12:])
    yield case("a witness’s time moved", 1, "r_signature", true + f"— {ONE.name} {moved}\n", ANY)
    # damaged
    yield case("a Windows editor", 2, "e_changed", true.replace("\n", "\r\n"))
    yield case("a byte order mark", 2, "e_changed", b"\xef\xbb\xbf" + true.encode())
    yield case("cut off", 2, "e_parts", true[:-40])
    yield case("cut off after the proof", 2, "e_parts", "\n".join(lines[:6]) + "\n")
    yield case("only the first line", 2, "e_parts", "c2sp.org/tlog-proof@v1\n")
    yield case("no signature", 2, "e_parts", "\n".join(lines[:10]) + "\n\n")
    yield case("a part too many", 2, "e_parts", true + "\nmore\n")
    yield case("a newer version", 2, "e_version", line(1, "c2sp.org/tlog-proof@v2"))
    yield case("no record", 2, "e_extra", "\n".join([lines[0], *lines[2:]]))
    yield case("the record after the place", 2, "e_extra", "\n".join([lines[0], lines[2], lines[1], *lines[3:]]))
    yield case("two records", 2, "e_line", line(3, f"{lines[1]}\n{lines[2]}"))
    yield case("two places", 2, "e_line", line(3, "index 4\nindex 4"))
    yield case("no base64", 2, "e_line", line(2, "extra !!!"))
    yield case("base64 without its end", 2, "e_line", line(4, lines[3].rstrip("=")))
    yield case("base64 with bits left over", 2, "e_line", line(4, lines[3][:-2] + "B="))
    yield case("base64 for addresses", 2, "e_line", line(4, "_" * 43 + "="))
    yield case("a space after the hash", 2, "e_line", line(4, lines[3] + " "))
    for number in ("+4", "-4", "04", "4.0", "", "٤", "9223372036854775808", "9" * 5000, "0x4", "4 "):
        yield case(f"the place {number[:20]!r}", 2, "e_line", line(3, f"index {number}"))
    yield case("a size with a sign", 2, "e_line", line(9, "+7"))
    yield case("a name with a plus", 2, "e_line", line(12, lines[11].replace("log ", "log+ ")))
    yield case("a hyphen for the dash", 2, "e_line", line(12, lines[11].replace("—", "-")))
    yield case("a control character", 2, "e_control", line(8, f"{ORIGIN}\x1b[31m"))
    yield case("a NUL", 2, "e_control", true.replace("index", "in\0dex"))
    yield case("bytes that are no text", 2, "e_text", true.encode().replace(b"index", b"\xff\xfe"))
    for name, record in {
        "a record with a field twice": canonical(RECORD)[:-1] + b',"action":"save"}',
        "a record with spaces": json.dumps(RECORD, sort_keys=True, ensure_ascii=False).encode(),
        "a record with a fraction": b'{"time":1.5}',
        "a record with a number beyond 2^53": b'{"time":9007199254740993}',
        "a record that is a list": b"[]",
        "a record that is no text": b"\xff",
        "half a surrogate": b'{"site":"\\ud800"}',
        "a record that is deep": b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "no record after the salt": b"",
        "NaN": b'{"time":NaN}',
    }.items():  # fmt: skip
        yield case(name, 2, "e_record", receipt(record))
    # policies
    for name, key, text in (
        ("an empty policy", "e_quorum", "# nothing\n"),
        ("a policy without a quorum", "e_quorum", f"log {LOG.vkey}\n"),
        ("two quorums", "e_quorum", POLICY + "quorum none\n"),
        ("an unknown word", "e_policy", POLICY + "trust me\n"),
        ("a control character in a policy", "e_policy", POLICY.replace(" ", "\x0b")),
        ("the same log twice", "e_policy", f"log {LOG.vkey}\n{POLICY}"),
        ("the same witness twice", "e_policy", f"witness a {ONE.vkey}\nwitness b {ONE.vkey}\n{POLICY}"),
        ("a name twice", "e_policy", f"witness a {ONE.vkey}\nwitness a {TWO.vkey}\n{POLICY}"),
        ("a quorum of nobody", "e_policy", f"log {LOG.vkey}\nquorum nobody\n"),
        ("a group of more than there are", "e_policy", WITNESSED.replace("both all", "both 3")),
        ("a group of none", "e_policy", WITNESSED.replace("both all", "both 0")),
        ("a witness in two groups", "e_policy", WITNESSED.replace("quorum both", "group c any one\nquorum c")),
        ("a key mistyped", "e_vkey", POLICY.replace(f"+{LOG.id.hex()}+", "+00000000+")),
        ("a key that is none", "e_vkey", "log shop\nquorum none\n"),
    ):
        yield case(name, 2, key, trusted=text)
    yield case("nobody’s policy", 1, "r_origin", trusted="quorum none\n")

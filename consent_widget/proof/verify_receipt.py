#!/usr/bin/env python3
"""Checks a receipt (a file that ends in .tlog-proof) without the site, the network, or anything but this file.

    python3 verify_receipt.py receipt.tlog-proof policy [notice.json]

Needs Python 3.8 or newer, and no library. The files may stand in any order. `policy` says whom you trust: a tlog-policy
(c2sp.org/tlog-policy), or one line with the key of the log (`shop.example/consent/log+…`); get it from where you trust
it, not only from the site. `notice.json` is the notice that the record names. Ends with

    0  everything that could be asked holds
    1  not proved: something was altered, or is signed by nobody whom you trust
    2  not checked: a file is missing, damaged, or something else
    3  holds as far as it was checked, but without a key nobody's signature was

What it reads: c2sp.org/tlog-proof@v1 whose `extra` is a salt of 16 bytes and the record (RFC 8785); the entry of the log
is their SHA-256. Hashes are those of RFC 6962; signatures are Ed25519 (RFC 8032) of c2sp.org/signed-note and
c2sp.org/tlog-cosignature. Other signatures are named as not checked.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import locale
import os
import re
import sys
import time
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

PROVED, WRONG, UNREADABLE, UNCHECKED = 0, 1, 2, 3
#: The most bytes that a file may have: a receipt has some 2 KB, a notice some 100 KB.
LARGEST = 4 * 1024 * 1024
LARGEST_RECEIPT = 256 * 1024
FIRST_LINE = "c2sp.org/tlog-proof@v1"
SALT = 16
#: Signature types of signed-note: of a log, and of a witness.
LOG, WITNESS = 1, 4
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
LARGEST_NUMBER = 2**63 - 1
#: Bytes with which editors of Windows begin a text.
BOM = b"\xef\xbb\xbf"
#: Names of fields and of options as records have them. Any other is shown in quotes, so that none passes for a label.
FIELD, OPTION = re.compile(r"[a-z_]+"), re.compile(r"[a-z][a-z0-9_:@.-]*")
SHOWN = 200

WORDS: Dict[str, Dict[str, str]] = {
    "en": {
        "proved": "Proved. Everything that was checked holds.",
        "unchecked": "Not fully checked. What was checked holds, but nobody’s signature was checked.",
        "wrong": "Not proved. {reason}",
        "unreadable": "Not checked. {reason}",
        "title_record": "The record",
        "title_checks": "What was checked",
        "title_proved": "What this proves",
        "title_not_proved": "What this does not prove",
        "id": "Receipt number",
        "time": "Time",
        "action": "Action",
        "purposes_granted": "Agreed to",
        "purposes_denied": "Refused",
        "notice": "Fingerprint of the notice",
        "locale": "Language",
        "valid_until": "Valid until",
        "subject": "Visitor (a random name)",
        "nothing": "nothing",
        "pair": "{name}: {value}",
        "list": ", ",
        "clauses": "; ",
        "surface": "Where it was chosen",
        "layout": "Layout",
        "actor": "Who acted",
        "signals": "What else was seen",
        "region": "Rules of",
        "age_band": "Age group",
        "site": "Name of the site",
        "seq": "Number of this visitor’s act",
        "script": "Fingerprint of the script that asked",
        "c_inclusion": "The record is entry {index} (counted from 0) of the log {origin} at its size of {size}: "
        "the hashes of the receipt lead to the root of that log.",
        "c_signed": "{name} signed this state of the log.",
        "c_witness": "The witness {name} signed it too, at {time} by its own clock.",
        "c_quorum": "These are the witnesses that the policy asks for.",
        "c_no_quorum": "The policy asks for no witness.",
        "c_unsigned": "The signature of {origin} was not checked: you gave no key and no policy.",
        "c_unknown": "Signatures that nobody here can check, by a key that you did not name or of a newer kind: {names}.",
        "c_notice": "The notice that you gave is the one that the record names.",
        "c_no_notice": "The notice was not checked: none was given.",
        "p_record": "The record above is, to the last character, the one that stands at this place of the log.",
        "p_signed": "The operator of {origin} signed a log with this record in it. They can no longer change it, date "
        "it otherwise or take it out of the log unnoticed.",
        "p_witness": "It was in the log by {time}. Witnesses say so who signed only a log that keeps all of its past: {names}.",
        "p_notice": "The text of the notice that you gave is the one that the record names, to the last character.",
        "n_person": "Who chose. The record names nobody: it is about a browser, under a random name.",
        "n_true": "That the record was right when it was made. The proof shows that it has not been changed since.",
        "n_other": "That nothing else was recorded. An earlier or a later record may say something else.",
        "n_obeyed": "That the site did what was chosen.",
        "n_key": "That the key is the operator’s. You gave it: ask yourself where you have it from.",
        "n_unsigned": "That the operator of the log signed it. Until that is checked, anybody could have made this file.",
        "n_split": "Since when the record is in the log, and that everybody is shown this same log. Only witnesses can "
        "say so, and none that you trust has signed.",
        "n_notice": "What the notice said. Give its file, and it is compared with the fingerprint in the record.",
        "r_place": "The receipt names entry {index} of a log whose size is {size}.",
        "r_inclusion": "The hashes do not lead to the root of the log: the record, its place or the receipt was altered.",
        "r_origin": "The receipt is from the log {origin}. The key or policy that you gave is of another one.",
        "r_no_signature": "No key that you trust for {origin} has signed.",
        "r_signature": "The signature of {name} is false.",
        "r_quorum": "The witnesses that the policy asks for have not signed.",
        "r_notice": "The notice that you gave is not the one that the record names.",
        "e_file": "{name} cannot be read: {why}.",
        "e_none": "No receipt is among these files. It is the one whose name ends in .tlog-proof.",
        "e_two": "There are two files of the same kind. Check one receipt at a time, with one policy and one notice.",
        "e_kind": "{name} is no receipt, policy, key or notice.",
        "e_large": "{name} is too large to be what it should be.",
        "e_text": "The receipt is not plain text (UTF-8). Take the file as it was downloaded.",
        "e_changed": "A program has changed the receipt (line ends or first bytes). Take the file as it was downloaded, "
        "not what an editor or a mail made of it.",
        "e_control": "The receipt has control characters, which no receipt has.",
        "e_version": "The receipt is of another version than tlog-proof@v1. Take a newer program to check it.",
        "e_parts": "The receipt is not whole: it must have a proof, a state of the log and signatures, with an empty line "
        "between them. Take the file afresh.",
        "e_extra": "The receipt has no record in it (its second line must begin with “extra”).",
        "e_line": "Line {line} of the receipt is damaged. Take the file afresh.",
        "e_record": "The record in the receipt is not canonical JSON (RFC 8785): it could be read in two ways.",
        "e_policy": "Line {line} of the policy or key cannot be read.",
        "e_vkey": "Line {line} of the policy or key has a key that was mistyped.",
        "e_quorum": "The policy has no line that begins with “quorum”, or two of them.",
        "e_browser": "This browser cannot check Ed25519 signatures. Take a newer one, or verify_receipt.py.",
        "e_crypto": "This browser lets no page at this address compute hashes. Save this page as a file and open that, or "
        "take an address that begins with https.",
    },
    "zh": {
        "proved": "已证实。所核对的各项均成立。",
        "unchecked": "未完全核对。已核对的部分成立，但没有核对任何签名。",
        "wrong": "未能证实。{reason}",
        "unreadable": "未核对。{reason}",
        "title_record": "记录内容",
        "title_checks": "核对了什么",
        "title_proved": "证明了什么",
        "title_not_proved": "没有证明什么",
        "id": "回执编号",
        "time": "时间",
        "action": "操作",
        "purposes_granted": "已同意",
        "purposes_denied": "已拒绝",
        "notice": "隐私声明的指纹",
        "locale": "语言",
        "valid_until": "有效期至",
        "subject": "访问者（随机名称）",
        "nothing": "无",
        "pair": "{name}：{value}",
        "list": "、",
        "clauses": "；",
        "surface": "选择的位置",
        "layout": "布局",
        "actor": "操作者",
        "signals": "其他情况",
        "region": "适用规则",
        "age_band": "年龄段",
        "site": "站点名称",
        "seq": "该访问者的第几次操作",
        "script": "询问所用脚本的指纹",
        "c_inclusion": "本记录是日志 {origin} 的第 {index} 条（从 0 数起），当时日志共有 {size} 条："
        "由回执中的哈希值可以算出该日志的根哈希值。",
        "c_signed": "{name} 对日志的这一状态作了签名。",
        "c_witness": "见证方 {name} 也作了签名，按其自己的时钟是 {time}。",
        "c_quorum": "这些见证方符合信任策略的要求。",
        "c_no_quorum": "信任策略不要求见证方签名。",
        "c_unsigned": "没有核对 {origin} 的签名：您没有提供公钥或信任策略。",
        "c_unknown": "以下签名无法核对，因为您没有提供其公钥，或签名种类较新：{names}。",
        "c_notice": "您提供的隐私声明就是记录所指的那一份。",
        "c_no_notice": "没有核对隐私声明：没有提供其文件。",
        "p_record": "上面的记录与日志中这一位置的记录完全相同，一字不差。",
        "p_signed": "{origin} 的运营者对含有本记录的日志作了签名。此后他们若修改本记录、改动其日期或将其从日志中去除，都会被发现。",
        "p_witness": "最迟在 {time}，本记录已在日志中。这由以下见证方证明，它们只对完整保留以往内容的日志签名：{names}。",
        "p_notice": "您提供的隐私声明与记录所指的文本完全相同，一字不差。",
        "n_person": "是谁作的选择。记录中没有任何人的身份：它只涉及一个使用随机名称的浏览器。",
        "n_true": "记录在产生时是否属实。证明只能表明它此后没有被改动。",
        "n_other": "没有其他记录。更早或更晚的记录可能有不同的内容。",
        "n_obeyed": "网站是否按照所作的选择行事。",
        "n_key": "公钥确实属于该运营者。公钥是您提供的，请考虑它的来源是否可靠。",
        "n_unsigned": "日志的运营者作了签名。在核对签名之前，任何人都可能做出这样的文件。",
        "n_split": "记录从何时起在日志中，以及所有人看到的是否是同一份日志。只有见证方能证明这一点，而您信任的见证方都没有签名。",
        "n_notice": "隐私声明写了什么。提供其文件后，即可与记录中的指纹比对。",
        "r_place": "回执称记录是第 {index} 条（从 0 数起），而日志只有 {size} 条。",
        "r_inclusion": "由这些哈希值算不出日志的根哈希值：记录、其位置或回执被改动过。",
        "r_origin": "回执来自日志 {origin}，而您提供的公钥或信任策略属于另一份日志。",
        "r_no_signature": "您信任的 {origin} 的公钥都没有签名。",
        "r_signature": "{name} 的签名是假的。",
        "r_quorum": "信任策略所要求的见证方没有签名。",
        "r_notice": "您提供的隐私声明不是记录所指的那一份。",
        "e_file": "无法读取 {name}：{why}。",
        "e_none": "这些文件中没有回执。回执的文件名以 .tlog-proof 结尾。",
        "e_two": "有两个同类的文件。请每次只核对一份回执，最多配一份信任策略和一份隐私声明。",
        "e_kind": "{name} 不是回执、信任策略、公钥或隐私声明。",
        "e_large": "{name} 过大，不可能是所需的文件。",
        "e_text": "回执不是纯文本（UTF-8）。请使用下载时的原文件。",
        "e_changed": "回执被某个程序改动过（换行符或文件开头）。请使用下载时的原文件，不要用编辑器或邮件处理过的文件。",
        "e_control": "回执中有控制字符，真正的回执中不会有。",
        "e_version": "回执的版本不是 tlog-proof@v1。请用更新的程序核对。",
        "e_parts": "回执不完整：它必须有证明、日志状态和签名三部分，以空行隔开。请重新获取文件。",
        "e_extra": "回执中没有记录（第二行必须以“extra”开头）。",
        "e_line": "回执第 {line} 行已损坏。请重新获取文件。",
        "e_record": "回执中的记录不是规范的 JSON（RFC 8785），可能有两种读法。",
        "e_policy": "无法读懂信任策略或公钥的第 {line} 行。",
        "e_vkey": "信任策略或公钥的第 {line} 行中，公钥有误。",
        "e_quorum": "信任策略中没有以“quorum”开头的行，或有两行。",
        "e_browser": "此浏览器不能核对 Ed25519 签名。请使用更新的浏览器，或使用 verify_receipt.py。",
        "e_crypto": "此浏览器不允许该地址的网页计算哈希值。请将本页另存为文件后打开，或使用以 https 开头的地址。",
    },
}
#: What values of a record say, by field and value. `*` is any text, which fills the gap.
VALUES: Dict[str, Dict[str, str]] = {
    "en": {
        "action.accept_all": "Accepted all",
        "action.reject_all": "Rejected all",
        "action.save": "Chosen one by one",
        "action.close": "Closed without agreeing",
        "action.withdraw_all": "Withdrew everything",
        "action.allow": "Agreed to one thing",
        "action.refuse": "Refused one thing",
        "action.opt_out": "Opted out of sale and sharing",
        "action.acknowledge": "Saw a change of the notice",
        "action.age_child": "Age: child",
        "action.age_teen": "Age: teenager",
        "action.age_adult": "Age: adult",
        "surface.layer": "First layer",
        "surface.centre": "Preference centre",
        "surface.placeholder": "In the place of an embed",
        "surface.ask": "Question in a page",
        "surface.page": "Page of the settings",
        "surface.api": "The site’s own page",
        "surface.bar": "Bar that announces a change",
        "surface.again": "Question after a change",
        "surface.tcf": "Advertising consent manager (TCF)",
        "surface.gpp": "Advertising consent manager (GPP)",
        "surface.guardian": "Page for guardians",
        "surface.account": "Age by the account",
        "surface.signal": "Opt-out signal of the browser",
        "surface.carried": "Carried over from an earlier tool",
        "surface.taken_over": "Taken over when signing in",
        "layout.box": "Card",
        "layout.bar": "Bar",
        "layout.modal": "Dialog",
        "actor.subject": "The visitor",
        "actor.guardian": "A parent or guardian",
        "signals.gpc": "The browser sent an opt-out signal (GPC)",
        "signals.gpc_conflict_confirmed": "Allowed in spite of that signal, after a question",
        "signals.scripted": "A script pressed, not a person",
        "signals.account": "The visitor was signed in: it holds on all their devices",
        "signals.shared": "Earlier acts are on another host of the same domain",
        "signals.carried:*": "Carried over from {rest}",
        "signals.chosen:*": "Chosen there on {rest}",
        "locale.zh-CN": "Chinese",
        "locale.en": "English",
        "age_band.under_*": "Under {rest}",
        "age_band.*_to_17": "{rest} to 17",
        "age_band.18_or_over": "18 or over",
    },
    "zh": {
        "action.accept_all": "全部接受",
        "action.reject_all": "全部拒绝",
        "action.save": "逐项选择",
        "action.close": "未同意，直接关闭",
        "action.withdraw_all": "全部撤回",
        "action.allow": "同意单项",
        "action.refuse": "拒绝单项",
        "action.opt_out": "要求不出售、不共享信息",
        "action.acknowledge": "已阅声明变更",
        "action.age_child": "年龄：儿童",
        "action.age_teen": "年龄：青少年",
        "action.age_adult": "年龄：成年人",
        "surface.layer": "首屏提示",
        "surface.centre": "隐私设置",
        "surface.placeholder": "嵌入内容的位置",
        "surface.ask": "页面中的单独询问",
        "surface.page": "隐私设置页面",
        "surface.api": "网站自己的页面",
        "surface.bar": "声明变更提示条",
        "surface.again": "声明变更后的询问",
        "surface.tcf": "广告同意管理工具（TCF）",
        "surface.gpp": "广告同意管理工具（GPP）",
        "surface.guardian": "监护人页面",
        "surface.account": "账号所示年龄",
        "surface.signal": "浏览器的退出信号",
        "surface.carried": "从先前的工具沿用",
        "surface.taken_over": "登录时沿用",
        "layout.box": "卡片",
        "layout.bar": "横栏",
        "layout.modal": "对话框",
        "actor.subject": "访问者本人",
        "actor.guardian": "家长或其他监护人",
        "signals.gpc": "浏览器发出了退出信号（GPC）",
        "signals.gpc_conflict_confirmed": "经询问确认，在有退出信号时仍然允许",
        "signals.scripted": "由脚本操作，并非本人点击",
        "signals.account": "访问者已登录，适用于其所有设备",
        "signals.shared": "此前的操作保存在同一域名的另一台主机上",
        "signals.carried:*": "沿用自 {rest}",
        "signals.chosen:*": "当时的选择日期：{rest}",
        "locale.zh-CN": "中文",
        "locale.en": "英文",
        "age_band.under_*": "未满 {rest} 岁",
        "age_band.*_to_17": "{rest} 至 17 岁",
        "age_band.18_or_over": "已满 18 岁",
    },
}
#: Regions with rules of their own. Of others the code is shown.
REGIONS = {
    "en": "CN China; US United States; US-CA California; IN India; BR Brazil; JP Japan; GB United Kingdom; UK "
    "United Kingdom; EU European Union; AT Austria; BE Belgium; BG Bulgaria; CY Cyprus; CZ Czechia; DE "
    "Germany; DK Denmark; EE Estonia; ES Spain; FI Finland; FR France; GR Greece; HR Croatia; HU Hungary; "
    "IE Ireland; IS Iceland; IT Italy; LI Liechtenstein; LT Lithuania; LU Luxembourg; LV Latvia; MT "
    "Malta; NL Netherlands; NO Norway; PL Poland; PT Portugal; RO Romania; SE Sweden; SI Slovenia; SK "
    "Slovakia; ZZ Unknown Region",
    "zh": "CN 中国; US 美国; US-CA 加利福尼亚州; IN 印度; BR 巴西; JP 日本; GB 英国; UK 英国; "
    "EU 欧盟; AT 奥地利; BE 比利时; BG 保加利亚; CY 塞浦路斯; CZ 捷克; DE 德国; DK 丹麦; "
    "EE 爱沙尼亚; ES 西班牙; FI 芬兰; FR 法国; GR 希腊; HR 克罗地亚; HU 匈牙利; IE 爱尔兰; "
    "IS 冰岛; IT 意大利; LI 列支敦士登; LT 立陶宛; LU 卢森堡; LV 拉脱维亚; MT 马耳他; "
    "NL 荷兰; NO 挪威; PL 波兰; PT 葡萄牙; RO 罗马尼亚; SE 瑞典; SI 斯洛文尼亚; SK 斯洛伐克; "
    "ZZ 未知地区",
}
for _lang, _text in REGIONS.items():
    VALUES[_lang].update(
        ("region." + code, name) for code, _, name in (each.partition(" ") for each in _text.split("; "))
    )
#: The fields of a record, in the order in which they are shown. Others follow under their own name.
FIELDS = (
    *("id", "time", "action", "actor", "purposes", "valid_until", "surface", "layout", "locale", "signals", "age_band"),
    *("region", "site", "notice", "script", "subject", "seq"),
)
#: What may fill the gap in a value.
GAP = re.compile("[0-9a-z_-]{1,40}")
#: A time as records have it.
MOMENT = re.compile(r"([0-9-]{10})T([0-9:]{8}\.[0-9]{3})\+00:00")


class Stop(Exception):  # noqa: N818 - it is an outcome
    """Nothing more can be checked: why, by the key of a sentence, and what fills its gaps."""

    def __init__(self, code: int, key: str, **gaps: object) -> None:
        super().__init__(key)
        self.code, self.key, self.gaps = code, key, gaps


class Key(NamedTuple):
    """A verifier key (vkey) of c2sp.org/signed-note."""

    name: str
    id: bytes
    type: int
    key: bytes


class Group(NamedTuple):
    """So many of these witnesses and groups."""

    needed: int
    members: Tuple[str, ...]


class Policy(NamedTuple):
    """Whom the reader trusts (c2sp.org/tlog-policy)."""

    logs: Tuple[Key, ...]
    witnesses: Dict[str, Key]
    groups: Dict[str, Group]
    quorum: str


class Receipt(NamedTuple):
    """What a file of c2sp.org/tlog-proof@v1 says."""

    extra: bytes
    record: Dict[str, Any]
    place: int
    proof: Tuple[bytes, ...]
    origin: str
    size: int
    root: bytes
    #: The text of the checkpoint, which is what was signed.
    signed: bytes
    #: Who signed, the id of their key, and the signature.
    signatures: Tuple[Tuple[str, bytes, bytes], ...]


# --- Ed25519 (RFC 8032, 5.1): verifies only, so nothing here has to be secret or to take the same time always

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = Tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(one: Point, other: Point) -> Point:
    """The sum of two points (extended coordinates)."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """A multiple of a point."""
    result = NEUTRAL
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def point_of(encoded: bytes) -> Optional[Point]:
    """The point that 32 bytes stand for. None if they stand for none (5.1.3)."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def same_point(one: Point, other: Point) -> bool:
    """Are two points the same?"""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Is this an Ed25519 signature of the message by the key (5.1.7, without the cofactor, as OpenSSL does)?"""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, first, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if public is None or first is None or s >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same_point(times(s, BASE), add(first, times(challenge, public)))


# --- Reading


def from_base64(text: str) -> Optional[bytes]:
    """The bytes of base64 (RFC 4648, 4) as one program alone writes it, else None."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode("ascii") == text else None


def number_of(text: str) -> Optional[int]:
    """A number without a sign and without leading zeros, else None."""
    return int(text) if NUMBER.fullmatch(text) and int(text) <= LARGEST_NUMBER else None


def clean(text: str) -> str:
    """Text that a terminal shows as it is: nothing in it moves a cursor or turns the direction of writing."""
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return shown if len(shown) <= SHOWN else shown[:SHOWN] + "…"


def literal(value: object) -> str:
    """A value to the last character, in ASCII: letters that only look alike, and signs that are not seen, are told from
    others. Texts have no quotes around them.
    """
    text = json.dumps(value, separators=(",", ":"))
    return text[1:-1] if isinstance(value, str) else text


def canonical(value: object) -> bytes:
    """JSON by RFC 8785, for what records are made of: texts, whole numbers, lists and tables."""

    def key_order(pairs: List[Tuple[str, object]]) -> Dict[str, object]:
        return dict(sorted(pairs, key=lambda pair: pair[0].encode("utf-16-be")))

    def ordered(value: object) -> object:
        if isinstance(value, dict):
            return key_order([(key, ordered(item)) for key, item in value.items()])
        if isinstance(value, list):
            return [ordered(item) for item in value]
        if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
            raise ValueError
        return value

    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def record_of(data: bytes) -> Dict[str, Any]:
    """The record in its canonical form: whoever reads it reads the same."""
    try:
        record = json.loads(data.decode("utf-8"))
        if isinstance(record, dict) and canonical(record) == data:
            return record
    except (ValueError, RecursionError):
        pass
    raise Stop(UNREADABLE, "e_record")


def read_receipt(data: bytes) -> Receipt:
    """Read a receipt, strictly."""
    if data.startswith(BOM) or b"\r" in data:
        raise Stop(UNREADABLE, "e_changed")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Stop(UNREADABLE, "e_text") from None
    if any(char < " " and char != "\n" for char in text):
        raise Stop(UNREADABLE, "e_control")
    if text.split("\n", 1)[0] != FIRST_LINE:
        raise Stop(UNREADABLE, "e_version")
    parts = text.split("\n\n")
    if len(parts) != 3 or not text.endswith("\n"):
        raise Stop(UNREADABLE, "e_parts")
    lines, state, signatures = (part.split("\n") for part in parts)
    signatures.pop()  # after the last line end

    def need(value: Any, line: int) -> Any:
        if value is None:
            raise Stop(UNREADABLE, "e_line", line=line)
        return value

    def field(position: int, name: str) -> Optional[str]:
        line = lines[position] if position < len(lines) else ""
        return line[len(name) + 1 :] if line.startswith(name + " ") else None

    extra = field(1, "extra")
    if extra is None:
        raise Stop(UNREADABLE, "e_extra")
    extra_data = need(from_base64(extra), 2)
    index = need(number_of(need(field(2, "index"), 3)), 3)
    proof = [need(hash_of(line), number) for number, line in enumerate(lines[3:], 4)]
    first = len(lines) + 2
    if len(state) < 3 or not all(state) or not signatures:
        raise Stop(UNREADABLE, "e_parts")
    size, root = need(number_of(state[1]), first + 1), need(hash_of(state[2]), first + 2)
    first += len(state) + 1
    signed = [need(signature_of(line), first + number) for number, line in enumerate(signatures)]
    record = record_of(extra_data[SALT:])
    return Receipt(
        extra_data, record, index, tuple(proof), state[0], size, root, (parts[1] + "\n").encode("utf-8"), tuple(signed)
    )


def hash_of(text: str) -> Optional[bytes]:
    """A SHA-256 in base64, else None."""
    data = from_base64(text)
    return data if data is not None and len(data) == 32 else None


def signature_of(line: str) -> Optional[Tuple[str, bytes, bytes]]:
    """A line of a signed note, else None."""
    words = line.split(" ")
    data = from_base64(words[2]) if len(words) == 3 else None
    if words[0] != "—" or data is None or len(data) < 5 or not is_name(words[1]):
        return None
    return words[1], data[:4], data[4:]


def is_name(text: str) -> bool:
    """May a key be called so?"""
    return bool(text) and not any(char == "+" or char.isspace() for char in text)


def is_text(text: str) -> bool:
    """Were these bytes UTF-8?"""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def read_key(text: str, line: int) -> Key:
    """A vkey: name, id and key, which must agree."""
    name, _, rest = text.partition("+")
    id, _, encoded = rest.partition("+")
    data = from_base64(encoded)
    if not is_name(name) or not is_text(name) or not re.fullmatch("[0-9a-f]{8}", id) or not data:
        raise Stop(UNREADABLE, "e_vkey", line=line)
    ours = hashlib.sha256(name.encode("utf-8") + b"\n" + data).digest()[:4]
    if data[0] in (LOG, WITNESS) and (bytes.fromhex(id) != ours or len(data) != 33):
        raise Stop(UNREADABLE, "e_vkey", line=line)
    return Key(name, bytes.fromhex(id), data[0], data[1:])


def read_policy(data: bytes) -> Policy:
    """Read a policy, strictly; or one line with the key of a log."""
    logs: List[Key] = []
    witnesses: Dict[str, Key] = {}
    groups: Dict[str, Group] = {}
    members: List[str] = []
    quorum: List[str] = []
    lines = data[3 * data.startswith(BOM) :].replace(b"\r\n", b"\n").split(b"\n")  # as forms and editors have it
    for number, raw in enumerate(lines, 1):
        text = raw.decode("utf-8", "surrogateescape")  # a comment may be in another encoding, and a name is just bytes
        words = [word for word in re.split("[ \t]+", text) if word]
        if any(char < " " and char != "\t" for char in text) or "\x7f" in text:
            raise Stop(UNREADABLE, "e_policy", line=number)
        if not words or words[0].startswith("#"):
            continue
        kind, rest = words[0], words[1:]
        new = rest and rest[0] not in ("none", *witnesses, *groups)
        known = [*witnesses, *groups]
        if kind == "log" and len(rest) in (1, 2):
            logs.append(read_key(rest[0], number))
            fine = len({key.key for key in logs}) == len(logs)
        elif kind == "witness" and len(rest) in (2, 3) and new:
            witnesses[rest[0]] = read_key(rest[1], number)
            fine = len({key.key for key in witnesses.values()}) == len(witnesses)
        elif kind == "group" and len(rest) > 2 and new:
            listed = rest[2:]
            needed = {"any": 1, "all": len(listed)}.get(rest[1], number_of(rest[1]) or 0)
            fine = 1 <= needed <= len(listed) and all(each in known and each not in members for each in listed)
            fine = fine and len(set(listed)) == len(listed)
            members += listed
            groups[rest[0]] = Group(needed, tuple(listed))
        elif kind == "quorum" and len(rest) == 1:
            quorum.append(rest[0])
            fine = rest[0] in ("none", *known)
        elif "+" in kind and not rest and not logs:
            logs.append(read_key(kind, number))
            quorum.append("none")
            fine = True
        else:
            fine = False
        if not fine:
            raise Stop(UNREADABLE, "e_policy", line=number)
    if len(quorum) != 1:
        raise Stop(UNREADABLE, "e_quorum")
    return Policy(tuple(logs), witnesses, groups, quorum[0])


def kind_of(data: bytes) -> str:
    """What a file seems to be: receipt, notice or policy; empty for anything else."""
    head = data[:4096].replace(BOM, b"", 1)
    if b"c2sp.org/tlog-proof" in head[:64]:
        return "receipt"
    if head.lstrip().startswith(b"{"):
        return "notice"
    words = (line.split() for line in head.split(b"\n"))
    first = next((line for line in words if line and not line[0].startswith(b"#")), [])
    is_policy = first and (
        first[0] in (b"log", b"witness", b"group", b"quorum") or (len(first) == 1 and b"+" in first[0])
    )
    return "policy" if is_policy else ""


# --- Checking


def root_from(leaf: bytes, index: int, size: int, proof: Tuple[bytes, ...]) -> Optional[bytes]:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2). None if it is too short or too long."""
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def verified(receipt: Receipt, key: Key) -> Tuple[bool, int]:
    """Has this key signed, and when (of a witness; else 0)? Stops at a signature that claims so and is false."""
    signed, moment = False, 0
    for name, id, signature in receipt.signatures:
        if (name, id) != (key.name, key.id):
            continue
        message = receipt.signed
        if key.type == WITNESS:
            moment = int.from_bytes(signature[:8], "big")
            message, signature = b"cosignature/v1\ntime %d\n" % moment + message, signature[8:]
        if not is_signed(key.key, message, signature) or moment > LARGEST_NUMBER:
            raise Stop(WRONG, "r_signature", name=name)
        signed = True
    return signed, moment


def reached(policy: Policy, signed: Dict[str, int]) -> bool:
    """Have the witnesses signed that the policy asks for? Each group names only what stands before it."""
    have = {"none", *signed}
    for name, group in policy.groups.items():
        if sum(each in have for each in group.members) >= group.needed:
            have.add(name)
    return policy.quorum in have


def moment_of(seconds: int) -> str:
    """A time in UTC as people read it."""
    if not 0 <= seconds < 253402300800:  # the year 10000
        return str(seconds)
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


class Report:
    """What was found, in one language: checks with their mark (yes, no, open), and what it all comes to."""

    def __init__(self, lang: str) -> None:
        self.lang, self.words, self.values = lang, WORDS[lang], VALUES[lang]
        self.code, self.verdict = UNREADABLE, ""
        self.record: List[Tuple[str, str]] = []
        self.checks: List[Tuple[str, str]] = []
        self.proved: List[str] = []
        self.not_proved: List[str] = []

    def say(self, key: str, **gaps: object) -> str:
        """A sentence."""
        return self.words[key].format(**{name: clean(str(value)) for name, value in gaps.items()})

    def check(self, mark: str, key: str, **gaps: object) -> None:
        """Note a check."""
        self.checks.append((mark, self.say(key, **gaps)))

    def prove(self, key: str, **gaps: object) -> None:
        """Note what is proved."""
        self.proved.append(self.say(key, **gaps))

    def leave_open(self, *keys: str) -> None:
        """Note what is not proved."""
        self.not_proved += [self.say(key) for key in keys]


def check(receipt: bytes, policy: Optional[bytes], notice: Optional[bytes], lang: str) -> Report:
    """Check a receipt, and say what comes of it."""
    report = Report(lang)
    try:
        trusted = read_policy(policy) if policy is not None else None
        check_receipt(report, read_receipt(receipt), trusted, notice)
    except Stop as stop:
        stopped(report, stop)
    return report


def stopped(report: Report, stop: Stop) -> None:
    """The end of a check that stopped."""
    reason = report.say(stop.key, **stop.gaps)
    if stop.code == WRONG:
        report.checks.append(("no", reason))
    report.code, report.proved, report.not_proved = stop.code, [], []
    report.verdict = report.words["wrong" if stop.code == WRONG else "unreadable"].format(reason=reason)


def check_receipt(report: Report, receipt: Receipt, policy: Optional[Policy], notice: Optional[bytes]) -> None:
    """Check what was read: first the place in the log, then who signed it, then the notice."""
    report.record = record_lines(report, receipt.record, {})
    place = {"index": receipt.place, "size": receipt.size, "origin": receipt.origin}
    if receipt.place >= receipt.size:
        raise Stop(WRONG, "r_place", **place)
    leaf = hashlib.sha256(b"\x00" + hashlib.sha256(receipt.extra).digest()).digest()
    if root_from(leaf, receipt.place, receipt.size, receipt.proof) != receipt.root:
        raise Stop(WRONG, "r_inclusion")
    report.check("yes", "c_inclusion", **place)
    report.prove("p_record")
    witnessed = check_signatures(report, receipt, policy)
    digest = receipt.record.get("notice")
    if notice is None:
        report.check("open", "c_no_notice")
    elif hashlib.sha256(notice).hexdigest() != digest and hashlib.sha256(notice.rstrip(b"\n")).hexdigest() != digest:
        raise Stop(WRONG, "r_notice")
    else:
        report.check("yes", "c_notice")
        report.prove("p_notice")
        report.record = record_lines(report, receipt.record, labels_of(notice, report.lang))
    report.leave_open("n_person", "n_true", "n_other", "n_obeyed", "n_key" if policy else "n_unsigned")
    report.leave_open(*([] if witnessed else ["n_split"]), *(["n_notice"] if notice is None else []))
    report.code = PROVED if policy else UNCHECKED
    report.verdict = report.words["proved" if policy else "unchecked"]


def check_signatures(report: Report, receipt: Receipt, policy: Optional[Policy]) -> bool:
    """Check who signed the state of the log. Did a witness whom the policy names?"""
    origin = receipt.origin
    if policy is None:
        report.check("open", "c_unsigned", origin=origin)
        return False
    keys = [key for key in policy.logs if key.name == origin]
    if not keys:
        raise Stop(WRONG, "r_origin", origin=origin)
    signatures = [verified(receipt, key)[0] for key in keys if key.type == LOG]  # all of them: none may be false
    if not any(signatures):
        raise Stop(WRONG, "r_no_signature", origin=origin)
    report.check("yes", "c_signed", name=origin)
    report.prove("p_signed", origin=origin)
    signed = {}
    for name, key in policy.witnesses.items():
        has, moment = verified(receipt, key) if key.type == WITNESS else (False, 0)
        if has:
            signed[name] = moment
            report.check("yes", "c_witness", name=key.name, time=moment_of(moment))
    known = {(key.name, key.id) for key in (*keys, *policy.witnesses.values()) if key.type in (LOG, WITNESS)}
    unknown = [name for name, id, _ in receipt.signatures if (name, id) not in known]
    if unknown:
        report.check("open", "c_unknown", names=", ".join(unknown))
    if not reached(policy, signed):
        raise Stop(WRONG, "r_quorum")
    report.check("yes", "c_no_quorum" if policy.quorum == "none" else "c_quorum")
    if signed:
        names = ", ".join(policy.witnesses[name].name for name in signed)
        report.prove("p_witness", time=moment_of(max(signed.values())), names=names)
    return bool(signed)


def record_lines(report: Report, record: Dict[str, Any], labels: Dict[str, str]) -> List[Tuple[str, str]]:
    """The record for people to read: each field with its name, and nothing left out of it. `labels` name purposes,
    recipients and services.
    """
    words, lines = report.words, []
    for name in (*(each for each in FIELDS if each in record), *(each for each in record if each not in FIELDS)):
        value = record[name]
        if name == "purposes" and isinstance(value, dict) and all(map(is_answer, value.items())):
            for granted, label in ((True, "purposes_granted"), (False, "purposes_denied")):
                keys = [clean(option_name(key, labels)) for key, answer in value.items() if answer is granted]
                lines.append((words[label], words["list"].join(keys) or words["nothing"]))
        elif value not in (None, "", [], {}):
            label = name if FIELD.fullmatch(name) else json.dumps(name)
            lines.append((words[name] if name in FIELDS and name in words else label, said(report, name, value)))
    return lines


def is_answer(item: Tuple[str, object]) -> bool:
    """Is this an option, and yes or no?"""
    return OPTION.fullmatch(item[0]) is not None and isinstance(item[1], bool)


def said(report: Report, name: str, value: object) -> str:
    """A value in words. Where there are none for it, or for a part of it, it stands for itself, to the last character."""
    parts = value if name == "signals" and isinstance(value, list) else [value]
    told = [in_words(report, name, each) for each in parts]
    return literal(value) if None in told else report.words["clauses"].join(map(str, told))


def in_words(report: Report, name: str, value: object) -> Optional[str]:
    """What a text in a field says, if it is one that has words."""
    if not isinstance(value, str):
        return None
    moment = MOMENT.fullmatch(value) if name == "time" else None
    if moment:
        return "{} {} UTC".format(*moment.groups())
    for key, text in report.values.items():
        before, gap, after = key.partition("*")
        whole = "{}.{}".format(name, value)
        if whole == key:
            return text
        rest = whole[len(before) : len(whole) - len(after)]
        if gap and GAP.fullmatch(rest) and before + rest + after == whole:
            return text.replace("{rest}", rest)
    return None


def option_name(key: str, labels: Dict[str, str]) -> str:
    """A purpose in the words of the notice, with its recipient or service if it has one; or its key."""
    purpose = re.split("[:@]", key, maxsplit=1)[0]
    mark, party = key[len(purpose) :][:1], key[len(purpose) + 1 :]
    if purpose not in labels or (mark and mark + party not in labels):
        return key
    return labels[purpose] + (" · " + labels[mark + party] if mark else "")


def labels_of(notice: bytes, lang: str) -> Dict[str, str]:
    """What the notice calls its purposes, recipients (:id) and services (@id), in this language as far as it has it."""
    try:
        parts = json.loads(notice.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    labels = {}
    for kind, field, mark in (("purposes", "label", ""), ("recipients", "name", ":"), ("services", "name", "@")):
        listed = parts.get(kind) if isinstance(parts, dict) else None
        for each in listed if isinstance(listed, list) else []:
            found = each.get(field) if isinstance(each, dict) else None
            names = found if isinstance(found, dict) else {}
            for tag in sorted(names):
                if tag.split("-")[0] == lang and isinstance(names[tag], str) and isinstance(each.get("id"), str):
                    labels[mark + each["id"]] = names[tag]
    return labels


# --- The command


def read_files(names: List[str], key: str) -> Dict[str, bytes]:
    """The files by what they are."""
    found: Dict[str, bytes] = {"policy": key.encode("utf-8")} if key else {}
    for name in names:
        try:
            with open(name, "rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise Stop(UNREADABLE, "e_file", name=name, why=error.strerror or type(error).__name__) from None
        kind = kind_of(data)
        if len(data) > (LARGEST if kind == "notice" else LARGEST_RECEIPT):
            raise Stop(UNREADABLE, "e_large", name=name)
        if not kind:
            raise Stop(UNREADABLE, "e_kind", name=name)
        if kind in found:
            raise Stop(UNREADABLE, "e_two")
        found[kind] = data
    if "receipt" not in found:
        raise Stop(UNREADABLE, "e_none")
    return found


def lines_of(report: Report) -> List[str]:
    """The report as lines of text."""
    marks = {"yes": "[+]", "no": "[x]", "open": "[ ]"}
    lists = (
        ("title_record", [report.words["pair"].format(name=name, value=value) for name, value in report.record]),
        ("title_checks", [f"{marks[mark]} {text}" for mark, text in report.checks]),
        ("title_proved", [f"- {text}" for text in report.proved]),
        ("title_not_proved", [f"- {text}" for text in report.not_proved]),
    )
    lines = [report.verdict]
    for title, each in lists:
        if each:
            lines += ["", report.words[title], *(f"  {line}" for line in each)]
    return lines


def own_language() -> str:
    """The language that this machine is set to."""
    name = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    if not name and os.name == "nt":
        locale.setlocale(locale.LC_CTYPE, "")
        name = locale.setlocale(locale.LC_CTYPE)
    return "zh" if (name or "").lower().startswith(("zh", "chinese")) else "en"


def main() -> int:
    """Check the files that the command names."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    parser = argparse.ArgumentParser(description="Checks a receipt (.tlog-proof) offline. 离线核对回执。")
    parser.add_argument("files", nargs="+", metavar="FILE", help="receipt, policy and notice, in any order")
    parser.add_argument("--key", default="", help="the key of the log, instead of a policy")
    parser.add_argument("--lang", choices=sorted(WORDS), help="en or zh")
    parser.add_argument("--json", action="store_true", help="for programs")
    options = parser.parse_args()
    lang = options.lang or own_language()
    try:
        found = read_files(options.files, options.key)
        report = check(found["receipt"], found.get("policy"), found.get("notice"), lang)
    except Stop as stop:
        report = Report(lang)
        stopped(report, stop)
    if options.json:
        del report.lang, report.words, report.values
        print(json.dumps(vars(report), ensure_ascii=True, indent=1))
    else:
        print("\n".join(lines_of(report)))
    return report.code


if __name__ == "__main__":
    sys.exit(main())

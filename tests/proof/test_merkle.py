"""The tree is that of RFC 6962: as others computed it, and as its definition says."""

from __future__ import annotations

import json
from base64 import b64decode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_widget.errors import ProofError
from consent_widget.proof import merkle
from consent_widget.proof.tiles import Tile, bundle, hashes_from, tiles_for, tiles_of, width_at

from ..support.log import entries_in
from .trees import Tree, naive_consistency, naive_inclusion, naive_root

HERE = Path(__file__).parent
#: Made by Go's golang.org/x/mod/sumdb/tlog 0.7.0 and note; see "made_by" and "leaf" there.
GO: dict[str, Any] = json.loads((HERE / "tlog-vectors.json").read_text("utf-8"))
#: The trees of Certificate Transparency's own tests, computed by a program of another author.
CT: dict[str, Any] = json.loads((HERE / "merkle-vectors.json").read_text("utf-8"))
SIZES = st.integers(0, 600)
FEW = settings(max_examples=40, deadline=None)


def entries(size: int) -> list[bytes]:
    return [b"record %d" % number for number in range(size)]


@cache
def tree() -> Tree:
    return Tree(entries(70_000))


def read(size: int) -> merkle.Read:
    return hashes_from(tree(), size)


@pytest.mark.parametrize("size", GO["roots"])
def test_the_root_is_that_of_go(size: str) -> None:
    assert merkle.root(int(size), read(int(size))) == b64decode(GO["roots"][size])


@pytest.mark.parametrize("proof", GO["inclusion"], ids=lambda each: f"{each['index']} of {each['size']}")
def test_an_inclusion_proof_is_that_of_go(proof: dict[str, Any]) -> None:
    index, size = proof["index"], proof["size"]
    path = merkle.inclusion(index, size, read(size))

    assert path == [b64decode(each) for each in proof["hashes"]]
    merkle.check_inclusion(merkle.leaf_hash(b"record %d" % index), index, size, path, merkle.root(size, read(size)))


@pytest.mark.parametrize("proof", GO["consistency"], ids=lambda each: f"{each['old']} to {each['new']}")
def test_a_consistency_proof_is_that_of_go(proof: dict[str, Any]) -> None:
    old, new = proof["old"], proof["new"]
    path = merkle.consistency(old, new, read(new))

    assert path == [b64decode(each) for each in proof["hashes"]]
    merkle.check_consistency(old, new, merkle.root(old, read(old)), merkle.root(new, read(new)), path)


def test_the_tiles_are_those_of_go() -> None:
    for each in GO["tiles_of_70000"]:
        tile = Tile.parse(each["path"])
        assert tile, each["path"]
        assert (len(tree()(tile)), sha256(tree()(tile)).hexdigest()) == (each["bytes"], each["sha256"]), tile


def test_the_trees_of_certificate_transparency_are_the_same() -> None:
    leaves = [bytes.fromhex(each) for each in CT["leaves_hex"]]
    small = Tree(leaves)
    roots = [merkle.root(size, hashes_from(small, size)) for size in range(len(leaves) + 1)]

    assert [root.hex() for root in roots] == CT["roots"]
    for each in CT["inclusion"]:
        path = merkle.inclusion(each["leaf_index"], each["tree_size"], hashes_from(small, each["tree_size"]))
        assert [hash.hex() for hash in path] == each["path"]
    for each in CT["consistency"]:
        path = merkle.consistency(each["first"], each["second"], hashes_from(small, each["second"]))
        assert [hash.hex() for hash in path] == each["path"]


@given(size=SIZES, data=st.data())
@FEW
def test_roots_and_proofs_follow_the_definition(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    assert merkle.root(size, read(size)) == naive_root(leaves)
    old = data.draw(st.integers(0, size))
    wanted = naive_consistency(old, leaves) if old else []
    assert merkle.consistency(old, size, read(size)) == wanted
    if size:
        index = data.draw(st.integers(0, size - 1))
        assert merkle.inclusion(index, size, read(size)) == naive_inclusion(index, leaves)


@given(size=st.integers(1, 600), data=st.data())
@FEW
def test_a_wrong_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.inclusion(index, size, read(size)), merkle.root(size, read(size))
    leaf = merkle.leaf_hash(b"record %d" % index)
    merkle.check_inclusion(leaf, index, size, path, root)
    wrong = [
        (bytes(32), index, size, path, root),
        (leaf, index, size, path, bytes(32)),
        (leaf, index, size, [*path, bytes(32)], root),
        (leaf, size, size, path, root),
        (leaf, -1, size, path, root),
        *[(leaf, index, size, path[:-1], root)][: len(path)],
        *[(leaf, index, size, [*path[:at], bytes(32), *path[at + 1 :]], root) for at in range(len(path))],
        *[(leaf, other, size, path, root) for other in {0, size - 1, size // 2} - {index}],
    ]
    for case in wrong:
        with pytest.raises(ProofError):
            merkle.check_inclusion(*case)


@given(new=st.integers(1, 600), data=st.data())
@FEW
def test_a_wrong_consistency_proof_is_refused(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    path = merkle.consistency(old, new, read(new))
    before, after = merkle.root(old, read(old)), merkle.root(new, read(new))
    merkle.check_consistency(old, new, before, after, path)
    wrong = [
        (old, new, bytes(32), after, path),
        (old, new, before, bytes(32), path),
        (old, new, before, after, [*path, bytes(32)]),
        (new + 1, new, before, after, path),
        *[(old, new, before, after, path[:-1])][: len(path)],
        *[(old, new, before, after, [*path[:at], bytes(32), *path[at + 1 :]]) for at in range(len(path))],
    ]
    for case in wrong:
        with pytest.raises(ProofError):
            merkle.check_consistency(*case)


def test_nothing_is_proved_of_trees_that_are_not_there() -> None:
    with pytest.raises(ProofError, match="no entry 5"):
        merkle.inclusion(5, 5, read(5))
    with pytest.raises(ProofError, match="does not extend"):
        merkle.consistency(6, 5, read(6))
    merkle.check_consistency(0, 5, merkle.EMPTY, merkle.root(5, read(5)), [])
    with pytest.raises(ProofError, match="not consistent"):
        merkle.check_consistency(0, 5, bytes(32), merkle.root(5, read(5)), [])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 70_000])
def test_a_tree_needs_exactly_the_tiles_that_are_listed(size: int) -> None:
    listed = list(tiles_of(size))
    needed = set()

    def noting(tile: Tile) -> bytes:
        needed.add(tile)
        return tree()(tile)

    for index in {0, size // 2, size - 1} if size else ():
        before = set(needed)
        needed.clear()
        merkle.inclusion(index, size, hashes_from(noting, size))
        assert set(tiles_for(lambda read, index=index: merkle.inclusion(index, size, read), size)) == needed
        needed |= before

    assert needed <= set(listed)
    assert len({each.path for each in listed}) == len(listed)
    assert all(each.width == width_at(each.level, each.index, size) > 0 for each in listed)
    assert not any(width_at(each.level, each.index + 1, size) and each.width < 256 for each in listed)


def test_the_example_of_the_specification_has_its_tiles() -> None:
    widths: dict[int, list[int]] = {}
    for tile in tiles_of(70_000):
        widths.setdefault(tile.level, []).append(tile.width)

    assert widths == {
        0: [256] * 273 + [112],
        1: [256, 17],
        2: [1],
        -1: [256] * 273 + [112],
    }
    assert [tile.path for tile in tiles_of(256)] == ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]


@given(since=SIZES, more=SIZES)
@FEW
def test_what_is_new_since_a_size_and_what_was_there_make_the_whole(since: int, more: int) -> None:
    new = set(tiles_of(since + more, since))
    every = set(tiles_of(since + more))

    assert new | (set(tiles_of(since)) & every) == every
    assert not new & set(tiles_of(since))


@given(st.integers(-1, 63), st.integers(0, 10**15), st.integers(1, 256))
@FEW
def test_a_path_says_its_tile(level: int, index: int, width: int) -> None:
    tile = Tile(level, index, width)

    assert Tile.parse(tile.path) == tile


def test_the_path_of_the_specification_is_written_so() -> None:
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000",
        "tile/-1/000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/x001/x002", "tile/0/000.p/0",
        "tile/0/000.p/256", "tile/0/000.p/257", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p", "/tile/0/000",
        "tile/0/000/", "tile/0/000\n", "tile/0/００１", "tile/0/+01", "tile/0/../0/000", "tile/entry/000",
        "tile/8/entries/000", "tile/0/X001/000", "tile/0/000.p/1.p/1", "tile/0/" + "x001/" * 99 + "000",
    ],
)  # fmt: skip
def test_any_other_path_is_none(path: str) -> None:
    assert Tile.parse(path) is None


def test_a_tile_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ProofError, match=r"tile/0/000.p/5: has 128 bytes, and must have 160"):
        merkle.root(5, hashes_from(lambda tile: tree()(tile)[:-32], 5))


@given(st.lists(st.binary(max_size=70), max_size=260))
@FEW
def test_a_bundle_holds_its_entries(each: list[bytes]) -> None:
    assert entries_in(bundle(each)) == each

import base64
import hmac
import pickle
import threading
import timeit
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from storage import sealed
from storage.sealed import (
    KeyIdTwice,
    KeyIdUnusable,
    KeyMissing,
    KeyNotBase64,
    KeyRing,
    KeysUnreadable,
    KeyWrongLength,
    NoKeyGiven,
    NoKeys,
    SameKeyTwice,
    SealBroken,
    bound,
    joined,
)


def entry(kid: str, seed: int) -> str:
    return f"{kid}:{base64.b64encode(bytes(range(seed, seed + 32))).decode()}"


OLD, NEW = entry("k0", 0), entry("k1", 100)
RING = KeyRing.parse(f"{NEW},{OLD}")
NIK = "5271010101870001"
HERE = bound("ntb", "member", "nik_sealed", 17)

texts = st.text(st.characters(exclude_categories=()))  # half characters (surrogates) too
places = st.tuples(texts, texts, texts, texts | st.integers())


# Sealing and opening


@given(plain=st.binary(), place=places)
def test_what_is_sealed_opens_in_its_place(plain, place):
    here = bound(*place)
    assert RING.open(RING.seal(plain, here), here) == plain
    assert RING.open_bytes(RING.seal_bytes(plain, here), here) == plain


@given(texts)
@example("\ud83d")
def test_any_text_comes_back(text):
    assert RING.open_text(RING.seal_text(text, HERE), HERE) == text


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_json_comes_back(value):
    assert RING.open_json(RING.seal_json(value, HERE), HERE) == value


def test_a_sealed_text_names_its_version_and_key_and_is_plain_ascii():
    version, kid, nonce, ciphertext = RING.seal_text(NIK, HERE).split(".")
    assert (version, kid, len(nonce)) == ("v1", "k1", 16)
    assert (nonce + ciphertext).replace("-", "").replace("_", "").isalnum()


def test_sealed_bytes_are_hardly_longer_than_the_file():
    assert len(RING.seal_bytes(bytes(1000), HERE)) == 1000 + 2 + len("k1") + 12 + 16


def test_the_same_value_is_never_sealed_the_same_way_twice():
    assert len({RING.seal_text(NIK, HERE) for _ in range(100)}) == 100


def test_nothing_of_the_value_shows():
    assert NIK not in RING.seal_text(NIK, HERE)
    assert NIK.encode() not in RING.seal_bytes(NIK.encode(), HERE)


@given(here=places, there=places)
def test_a_value_moved_to_another_place_does_not_open(here, there):
    assume(list(map(str, here)) != list(map(str, there)))
    for seal, open_ in ((RING.seal, RING.open), (RING.seal_bytes, RING.open_bytes)):
        with pytest.raises(SealBroken):
            open_(seal(b"made up", bound(*here)), bound(*there))


@pytest.mark.parametrize("mark", list("|,:1a"))
def test_no_part_of_a_place_can_move_into_the_next(mark):
    assert bound("ntb", f"a{mark}b", "c", 1) != bound("ntb", "a", f"b{mark}c", 1)
    assert joined(f"a{mark}", "b") != joined("a", f"{mark}b")
    assert joined("a", "b") != joined(f"a{mark}b")


@given(parts=st.lists(texts), others=st.lists(texts))
def test_joined_parts_are_equal_only_if_each_part_is(parts, others):
    assert (joined(*parts) == joined(*others)) == (parts == others)


@given(at=st.integers(0), letter=st.characters())
def test_one_changed_letter_anywhere_and_it_does_not_open(at, letter):
    whole = RING.seal_text(NIK, HERE)
    at %= len(whole)
    assume(whole[at] != letter)
    with pytest.raises((SealBroken, KeyMissing)):
        RING.open(whole[:at] + letter + whole[at + 1 :], HERE)


def test_one_letter_more_anywhere_and_it_does_not_open():
    whole = RING.seal_text(NIK, HERE)
    for at in range(len(whole) + 1):
        for letter in "!=\n.A":
            with pytest.raises((SealBroken, KeyMissing)):
                RING.open(whole[:at] + letter + whole[at:], HERE)


def test_of_all_last_letters_one_opens():
    whole, opened = RING.seal_text(NIK, HERE), 0
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        with suppress(SealBroken):
            RING.open(whole[:-1] + letter, HERE)
            opened += 1
    assert opened == 1


@given(at=st.integers(0), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_and_a_file_does_not_open(at, bit):
    whole = bytearray(RING.seal_bytes(b"made up", HERE))
    whole[at % len(whole)] ^= 1 << bit
    with pytest.raises((SealBroken, KeyMissing)):
        RING.open_bytes(bytes(whole), HERE)


@given(st.text() | st.from_regex(r"v1\.k1\.[\w-]*\.[\w-]*", fullmatch=True))
def test_what_was_never_sealed_does_not_open(text):
    with pytest.raises((SealBroken, KeyMissing)):
        RING.open(text, HERE)


@given(st.binary() | st.binary().map(lambda rest: b"\x01\x02k1" + rest))
def test_what_was_never_a_sealed_file_does_not_open(data):
    with pytest.raises((SealBroken, KeyMissing)):
        RING.open_bytes(data, HERE)


def test_every_cut_of_a_sealed_value_is_refused():
    text, file = RING.seal_text(NIK, HERE), RING.seal_bytes(NIK.encode(), HERE)
    for length in range(len(text)):
        with pytest.raises((SealBroken, KeyMissing)):
            RING.open(text[:length], HERE)
    for length in range(len(file)):
        with pytest.raises((SealBroken, KeyMissing)):
            RING.open_bytes(file[:length], HERE)


# Rotation


def test_a_new_key_in_front_seals_and_the_old_one_still_opens():
    before = KeyRing.parse(OLD).seal_text(NIK, HERE)
    assert RING.open_text(before, HERE) == NIK
    assert RING.seal_text(NIK, HERE).startswith("v1.k1.")


def test_only_what_another_key_sealed_needs_to_be_sealed_again():
    old = KeyRing.parse(OLD)
    assert RING.needs_reseal(old.seal_text(NIK, HERE))
    assert RING.needs_reseal(old.seal_bytes(b"photo", HERE))
    assert not RING.needs_reseal(RING.seal_text(NIK, HERE))
    assert not RING.needs_reseal(RING.seal_bytes(b"photo", HERE))


@pytest.mark.parametrize("never", ["", "v2.k1.a.b", "v1.K1.a.b", "v1.k1\n.a.b", NIK, b"", b"\x02\x02k1"])
def test_whether_it_needs_a_new_seal_is_not_asked_of_what_was_never_sealed(never):
    with pytest.raises(SealBroken):
        RING.needs_reseal(never)


def test_a_key_removed_too_early_fails_closed_and_is_named():
    text, file = RING.seal_text(NIK, HERE), RING.seal_bytes(b"photo", HERE)
    for open_ in (lambda ring: ring.open_text(text, HERE), lambda ring: ring.open_bytes(file, HERE)):
        with pytest.raises(KeyMissing, match="key k1 is not in the ring") as missing:
            open_(KeyRing.parse(OLD))
        assert missing.value.kid == "k1"


def test_another_key_under_the_same_id_does_not_open():
    with pytest.raises(SealBroken):
        KeyRing.parse(entry("k1", 50)).open(RING.seal_text(NIK, HERE), HERE)


def test_a_value_is_found_while_keys_rotate():
    stored_before = KeyRing.parse(OLD).blind_index("ntb", "nik", NIK)
    stored_after = RING.blind_index("ntb", "nik", NIK)
    assert RING.indexes("ntb", "nik", NIK) == [stored_after, stored_before]
    assert RING.blind_index("ntb", "nik", NIK, kid="k0") == stored_before


def test_no_index_is_made_under_a_key_that_is_gone():
    with pytest.raises(KeyMissing):
        RING.blind_index("ntb", "nik", NIK, kid="k9")


def test_turns_go_on_sealing_and_opening_while_the_ring_is_changed(in_use):
    ring, failed, done = KeyRing.parse(OLD), [], threading.Event()
    sealed.use_keys(ring)

    def talk() -> None:
        while not done.is_set():
            try:
                assert RING.open_text(sealed.keys().seal_text(NIK, HERE), HERE) == NIK
            except Exception as error:
                failed.append(error)

    turns = [threading.Thread(target=talk) for _ in range(2)]
    for turn in turns:
        turn.start()
    for _ in range(200):
        sealed.use_keys(RING)
        sealed.use_keys(ring)
    done.set()
    for turn in turns:
        turn.join()
    assert failed == []


# Looking up without opening


def test_the_index_is_equal_for_the_same_value_and_kind_in_the_same_association_only():
    same = RING.blind_index("ntb", "nik", NIK)
    assert RING.blind_index("ntb", "nik", NIK) == same
    others = {
        RING.blind_index("bali", "nik", NIK),
        RING.blind_index("ntb", "kpj", NIK),
        RING.blind_index("ntb", "nik", "5271010101870002"),
        RING.blind_index("ntbn", "ik", NIK),
        RING.blind_index("ntb", "nik", NIK, kid="k0"),
    }
    assert len(others) == 5
    assert same not in others


def test_an_index_is_short_and_shows_nothing():
    index = RING.blind_index("ntb", "nik", NIK)
    assert len(index) == 43
    assert NIK not in index


def test_the_derived_keys_are_what_hkdf_says_they_are():
    """RFC 5869 in HMACs: extract with no salt, then expand one block under the label."""
    extracted = hmac.digest(bytes(32), bytes(range(100, 132)), "sha256")
    index, reference = (hmac.digest(extracted, label + b"\x01", "sha256") for label in (b"index", b"reference"))
    by_index = hmac.digest(index, b"3:ntb,3:nik,16:" + NIK.encode() + b",", "sha256")
    by_reference = hmac.digest(reference, NIK.encode(), "sha256")
    assert RING.blind_index("ntb", "nik", NIK) == base64.urlsafe_b64encode(by_index).decode().rstrip("=")
    assert RING.reference(NIK) == base64.b32encode(by_reference).decode()[:12].lower()


def test_a_reference_is_short_steady_and_shows_nothing():
    reference = RING.reference("telegram:9001")
    assert reference == RING.reference("telegram:9001") != RING.reference("telegram:9002")
    assert len(reference) == 12
    assert reference.isalnum()
    assert "9001" not in reference


# The ring as it is written


def test_a_fresh_key_is_a_ring():
    fresh = KeyRing.generate()
    assert KeyRing.parse(fresh).kids == (fresh.partition(":")[0],)
    assert KeyRing.generate() != fresh


def test_a_fresh_key_goes_in_front_of_the_others():
    fresh = KeyRing.generate()
    assert KeyRing.parse(f"{fresh},{NEW},{OLD}").kids == (fresh.partition(":")[0], "k1", "k0")


@pytest.mark.parametrize(
    "rewrite", [lambda text: text.replace("/", "_").replace("+", "-"), lambda text: text.rstrip("=")]
)
def test_either_base64_alphabet_with_or_without_padding_is_the_same_key(rewrite: Callable[[str], str]):
    key = base64.b64encode(bytes([0xFB, 0xEF, 0xFF] * 10 + [1, 2])).decode()
    text = KeyRing.parse(f"k1:{key}").seal_text(NIK, HERE)
    assert KeyRing.parse(f" k1:{rewrite(key)} ").open_text(text, HERE) == NIK


SECRET = base64.b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("", NoKeyGiven),
        (" ", NoKeyGiven),
        (f"{NEW},", NoKeyGiven),
        (f"{NEW},,{OLD}", NoKeyGiven),
        (SECRET, KeyIdUnusable),
        (f":{SECRET}", KeyIdUnusable),
        ("k1:", KeyIdUnusable),
        (f"K1:{SECRET}", KeyIdUnusable),
        (f"k_1:{SECRET}", KeyIdUnusable),
        (f"k1 :{SECRET}", KeyIdUnusable),
        (f"{'k' * 17}:{SECRET}", KeyIdUnusable),
        (f"{SECRET}:k1", KeyIdUnusable),
        (f"k1:{SECRET[:-4]}*{SECRET[-4:]}", KeyNotBase64),
        (f"k1:{SECRET}ñ", KeyNotBase64),
        (f"k1:{SECRET[:20]}", KeyWrongLength),
        (f"k1:{SECRET[:40]}{SECRET}", KeyWrongLength),
        (f"k1:{SECRET},k1:{NEW.partition(':')[2]}", KeyIdTwice),
        (f"k1:{SECRET},k2:{SECRET}", SameKeyTwice),
    ],
)
def test_a_ring_that_is_not_written_right_is_refused_with_the_fact_and_without_the_key(text, refused):
    with pytest.raises(refused) as error:
        KeyRing.parse(text)
    assert isinstance(error.value, KeysUnreadable)
    said = f"{error.value!r} {error.value.__cause__!r} {error.value.__context__!r}"
    assert not any(SECRET[at : at + 5] in said for at in range(len(SECRET) - 5))


def test_no_repr_shows_a_key():
    key = RING._primary
    shown = f"{RING!r} {RING} {key!r}"
    assert repr(RING) == "KeyRing(k1, k0)"
    for secret in (key.index, key.reference, bytes(range(100, 132)), bytes(range(32))):
        assert repr(secret)[2:-1] not in shown
        assert secret.hex() not in shown
        assert base64.b64encode(secret).decode() not in shown


def test_a_ring_does_not_travel():
    with pytest.raises(TypeError):
        pickle.dumps(RING)


def test_no_error_of_opening_shows_the_value():
    with pytest.raises(SealBroken) as error:
        RING.open(RING.seal_text(NIK, HERE), bound("ntb", "member", "nik_sealed", 18))
    assert NIK not in repr(error.value)
    assert "nik_sealed" in str(error.value)


# The ring in use


@pytest.fixture
def in_use(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sealed._InUse, "ring", None)
    yield


def test_nothing_is_sealed_before_a_ring_is_in_use(in_use):
    with pytest.raises(NoKeys):
        sealed.keys()


def test_the_ring_in_use_is_the_one_given_last(in_use):
    sealed.use_keys(KeyRing.parse(OLD))
    sealed.use_keys(RING)
    assert sealed.keys() is RING
    sealed.use_keys(None)
    with pytest.raises(NoKeys):
        sealed.keys()


# How fast


def test_sealing_and_opening_a_nik_take_less_than_eight_microseconds_each():
    text = RING.seal_text(NIK, HERE)
    for work in (lambda: RING.seal_text(NIK, HERE), lambda: RING.open_text(text, HERE)):
        assert min(timeit.repeat(work, number=200, repeat=25)) / 200 < 8e-6

"""What a code on a certificate is worth: every way of being wrong, and no text that can do harm."""

from __future__ import annotations

import random
from dataclasses import replace

import base45
import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.certificates import Claims, Ended, Finding, Outcome, PublicKey, Why, judge, kid_of
from sync.central import sealer
from sync.central.keys import SigningKey
from tests.sync.seal_kit import register

ISSUED, EXPIRES = 1772412120, 1780243199
CLAIMS = Claims("campus:1", ISSUED, EXPIRES, "ZD-2026-0302-0042", "enrolment", "张*", bytes(16))
KEY = SigningKey("certificate", 1, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {1: PublicKey(KEY.public)}
CODE = sealer.seal(CLAIMS, KEY)
VALID = Finding(Outcome.VALID, None, CLAIMS)


def test_a_code_is_good_until_its_last_second() -> None:
    assert judge(CODE, register(KEYS), ISSUED) == judge(CODE, register(KEYS), EXPIRES) == VALID
    assert judge(CODE, register(KEYS), EXPIRES + 1) == Finding(Outcome.EXPIRED, None, CLAIMS)
    assert kid_of(CODE) == 1


def test_no_code_with_a_flipped_bit_is_believed() -> None:
    """Forged where it still has the form of a code, otherwise unreadable; its content is told in neither case."""
    signed, seen = base45.b45decode(CODE), set[Outcome]()
    for place in range(len(signed) * 8):
        broken = bytearray(signed)
        broken[place // 8] ^= 1 << place % 8
        found = judge(base45.b45encode(bytes(broken)).decode(), register(KEYS), ISSUED)
        assert found.claims is None
        seen.add(found.outcome)
    assert seen == {Outcome.FORGED, Outcome.UNREADABLE}


def test_what_ended_counts_no_more_also_when_it_has_expired() -> None:
    for outcome in (Outcome.REVOKED, Outcome.SUPERSEDED):
        known = register(KEYS, {CLAIMS.serial: Ended(outcome, 5.0)})
        assert judge(CODE, known, ISSUED) == judge(CODE, known, EXPIRES + 1) == Finding(outcome, None, CLAIMS, 5.0)


def test_keys_rotate_and_a_revoked_one_takes_along_what_it_signed() -> None:
    second = SigningKey("certificate", 2, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    both = {**KEYS, 2: PublicKey(second.public)}
    assert judge(CODE, register(both), ISSUED) == judge(sealer.seal(CLAIMS, second), register(both), ISSUED) == VALID
    gone = register({**both, 1: PublicKey(KEY.public, revoked=True)})
    assert judge(CODE, gone, ISSUED) == Finding(Outcome.FORGED, Why.KEY_REVOKED, CLAIMS)
    assert judge(sealer.seal(CLAIMS, second), gone, ISSUED) == VALID


def test_a_key_nobody_knows_is_a_forgers_once_the_list_of_keys_is_newer_than_the_paper() -> None:
    code = sealer.seal(CLAIMS, replace(KEY, kid=7))
    assert judge(code, register(KEYS, keys_at=ISSUED + 3600), ISSUED) == Finding(Outcome.FORGED, Why.NO_SUCH_KEY)
    assert judge(code, register(KEYS, keys_at=ISSUED + 60), ISSUED) == Finding(Outcome.UNKNOWN, Why.NEW_KEY)
    assert judge(CODE, register({1: PublicKey(bytes(32))}), ISSUED) == Finding(Outcome.FORGED, Why.SIGNATURE)


def test_who_knows_too_little_says_so_instead_of_valid() -> None:
    assert judge(CODE, register({}), ISSUED) == Finding(Outcome.UNKNOWN, Why.NO_KEYS)
    assert judge(CODE, register(KEYS, ended_at=0.0), ISSUED) == Finding(Outcome.UNKNOWN, Why.NO_REVOCATIONS, CLAIMS)
    other = replace(CLAIMS, issuer="campus:2")
    found = judge(sealer.seal(other, KEY), register(KEYS), ISSUED)
    assert found == Finding(Outcome.UNKNOWN, Why.OTHER_CAMPUS, other)


def test_what_is_no_code_is_unreadable() -> None:
    mac = base45.b45encode(cbor2.dumps(cbor2.CBORTag(17, cbor2.loads(base45.b45decode(CODE)).value))).decode()
    for text in ("", "💥", "0" * 4000, CODE[:-1], CODE + "0", "K1:" + CODE, "BB8", "%69 VD", CODE.lower(), mac):
        assert judge(text, register(KEYS), ISSUED) == Finding(Outcome.UNREADABLE)
        assert kid_of(text) is None


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200) | st.recursive(st.none() | st.integers() | st.binary(max_size=9), st.lists).map(cbor2.dumps)
)
def test_no_bytes_do_harm(data: bytes) -> None:
    assert judge(base45.b45encode(data).decode(), register(KEYS), ISSUED).claims is None


def test_claims_of_a_strange_shape_do_no_harm() -> None:
    """A COSE_Sign1 that anybody can make, around whatever they like."""
    draw = random.Random(1)
    strange = (None, [], {}, {1: []}, {"h": b"", 4: "x", 6: 1e300}, {"h": 3}, cbor2.CBORTag(1, 10**18), draw.random())
    for payload in strange:
        parts = [cbor2.dumps({1: -8, 4: b"\1"}), {}, cbor2.dumps(payload), bytes(64)]
        code = base45.b45encode(cbor2.dumps(cbor2.CBORTag(18, parts))).decode()
        assert judge(code, register(KEYS), ISSUED) == Finding(Outcome.UNREADABLE)

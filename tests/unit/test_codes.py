"""The personal code: every way to be wrong has its reason, and only the true one opens anything."""

from __future__ import annotations

import struct
from collections.abc import Callable

import base45
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.codes import CodeAccepted, CodeRefused, Reason, check, issue

NOW = 1_772_412_120.0  # Monday 2026-03-02 08:42 on campus
PERSON = "00112233aabbccdd"
NONCE = b"nonce1"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {7: PRIVATE.public_key().public_bytes_raw()}
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def never(_nonce: bytes) -> bool:
    return False


def code(**changes: object) -> str:
    ask: dict[str, object] = {"person_id": PERSON, "campus": 1, "kid": 7, "now": NOW, "nonce": NONCE, **changes}
    return issue(private_key=PRIVATE, **ask)  # type: ignore[arg-type]


def reason(text: str, now: float = NOW, seen: Callable[[bytes], bool] = never) -> Reason | None:
    verdict = check(text, KEYS, 1, now, seen)
    return verdict.reason if isinstance(verdict, CodeRefused) else None


def packed(payload: bytes, signature: bytes | None = None) -> str:
    proof = PRIVATE.sign(b"campus-code-v1" + payload) if signature is None else signature
    return "K1:" + str(base45.b45encode(payload + proof), "ascii")


def payload(version: int = 1, kid: int = 7) -> bytes:
    return struct.pack(">BBH8sIB6s", version, kid, 1, bytes.fromhex(PERSON), int(NOW), 6, NONCE)


def test_code_of_a_person_is_accepted_and_says_how_long_to_remember_its_nonce() -> None:
    assert check(code(), KEYS, 1, NOW, never) == CodeAccepted(PERSON, NONCE, NOW + 60 + 90)


def test_code_is_134_characters_as_the_format_says() -> None:
    assert len(code()) == 134


def test_layout_is_the_written_one_byte_for_byte() -> None:
    assert code() == packed(payload())


@pytest.mark.parametrize("offset", [-90, 0, 60, 150])
def test_clocks_ninety_seconds_apart_still_agree(offset: int) -> None:
    assert reason(code(), now=NOW + offset) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Reason.LENGTH),
        ("K1:", Reason.LENGTH),
        ("1" * 4000, Reason.LENGTH),
        ("https://example.com/pay?to=1", Reason.ALPHABET),
        ("HTTPS://EXAMPLE.COM/PAY", Reason.ALPHABET),
        ("K2:" + code()[3:], Reason.ALPHABET),
        (code().lower(), Reason.ALPHABET),
        (code() + "\n", Reason.ALPHABET),
        (code()[:60] + "\0" + code()[61:], Reason.ALPHABET),
        ("\\000026" + code()[:100], Reason.ALPHABET),
        ("K1:学号20230001", Reason.ALPHABET),
        ("K1:" + "٣" * 20, Reason.ALPHABET),
        ("\udc80" * 20, Reason.ALPHABET),
        ("K1::::", Reason.ENCODING),
        ("K1:A", Reason.ENCODING),
        (code()[:-1], Reason.ENCODING),
        (code()[:-3], Reason.ENCODING),
        (code() + "0", Reason.SIZE),
        (packed(payload(), PRIVATE.sign(b"")[:63]), Reason.SIZE),
        (packed(payload(), PRIVATE.sign(b"") + b"\0"), Reason.SIZE),
        (packed(payload(version=2)), Reason.VERSION),
        (packed(payload(kid=8)), Reason.KEY),
        (code(kid=9), Reason.KEY),
        (packed(payload(), bytes(64)), Reason.SIGNATURE),
        (packed(payload(), PRIVATE.sign(payload())), Reason.SIGNATURE),
        (code(campus=2), Reason.CAMPUS),
        (code(now=NOW + 91), Reason.FUTURE),
        (code(now=NOW - 151), Reason.EXPIRED),
    ],
)
def test_each_kind_of_bad_code_has_its_reason(text: str, expected: Reason) -> None:
    assert reason(text) == expected


def test_forger_with_another_key_is_refused() -> None:
    forger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert reason(issue(PERSON, 1, 7, forger, NOW, NONCE)) == Reason.SIGNATURE


def test_nonce_that_was_used_is_refused_and_asked_for_last() -> None:
    asked: list[bytes] = []

    def used(nonce: bytes) -> bool:
        asked.append(nonce)
        return True

    assert reason(code(now=NOW - 151), seen=used) == Reason.EXPIRED
    assert reason(code(campus=2), seen=used) == Reason.CAMPUS
    assert asked == []
    assert reason(code(), seen=used) == Reason.REPLAYED
    assert asked == [NONCE]


@given(st.text())
def test_any_text_is_refused_without_raising(text: str) -> None:
    assert reason(text) is not None


@given(st.text(ALPHABET, max_size=210))
def test_any_text_of_the_alphabet_is_refused_without_raising(text: str) -> None:
    assert reason("K1:" + text) is not None


@given(st.binary(min_size=87, max_size=87))
def test_any_87_bytes_are_refused_without_raising(data: bytes) -> None:
    assert reason("K1:" + base45.b45encode(data).decode()) is not None


@given(st.integers(0, 133), st.sampled_from(ALPHABET))
def test_any_flipped_character_is_refused(at: int, other: str) -> None:
    true = code()
    changed = true[:at] + other + true[at + 1 :]
    assert (reason(changed) is None) == (changed == true)


@given(st.integers(0, 86), st.integers(1, 255))
def test_any_flipped_byte_is_refused(at: int, mask: int) -> None:
    data = bytearray(base45.b45decode(code()[3:]))
    data[at] ^= mask
    assert reason("K1:" + base45.b45encode(bytes(data)).decode()) is not None


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=6, max_size=6), st.integers(0, 65535))
def test_every_issued_code_is_accepted_where_it_belongs(person: bytes, nonce: bytes, campus: int) -> None:
    text = issue(person.hex(), campus, 7, PRIVATE, NOW, nonce)
    assert check(text, KEYS, campus, NOW, never) == CodeAccepted(person.hex(), nonce, NOW + 150)


@pytest.mark.parametrize(
    "changes", [{"person_id": "00"}, {"nonce": b"5byte"}, {"life_s": 65}, {"life_s": 2560}, {"kid": 256}, {"now": -1.0}]
)
def test_issuing_what_does_not_fit_is_an_error(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"person|range"):
        code(**changes)

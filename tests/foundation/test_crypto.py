import base64

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection

from foundation.crypto import DecryptionError, blind_index, decrypt, digest_token, encrypt, reencrypt
from tests.foundation.ledger import Secret

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.BIHUAN_KEYS = [OLD]


def stored(secret):
    """The bytes in the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM ledgertests_secret WHERE id = %s", [secret.pk])
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("text", ["", "13800138000", "广东省深圳市 \U0001f600", "a" * 10_000, "with\0nul"])
def test_decrypt_gives_back_what_was_encrypted(text):
    assert decrypt(encrypt(text)) == text


def test_encrypt_never_repeats_itself():
    assert encrypt("13800138000") != encrypt("13800138000")


def test_encrypted_field_holds_no_plain_text_in_the_table(tables):
    secret = Secret.objects.create(phone="13800138000", note=None)

    assert b"1380" not in stored(secret)
    assert Secret.objects.values_list("phone", "note").get() == ("13800138000", None)


def test_encrypted_field_can_be_updated_in_bulk(tables):
    secret = Secret.objects.create(phone="1")
    Secret.objects.update(phone="2")

    assert decrypt(stored(secret)) == "2"


@pytest.mark.parametrize("lookup", ["phone", "phone__startswith", "phone__in", "phone__gt", "phone__regex", "phone__lower"])
def test_encrypted_field_refuses_to_be_searched(tables, lookup):
    with pytest.raises(FieldError):
        Secret.objects.filter(**{lookup: "1"}).count()


def test_encrypted_field_can_be_asked_whether_it_is_there(tables):
    Secret.objects.create(note=None)

    assert Secret.objects.filter(note__isnull=True).count() == 1


def test_the_first_key_encrypts_and_every_key_decrypts(settings):
    blob = encrypt("old")
    settings.BIHUAN_KEYS = [NEW, OLD]

    assert decrypt(blob) == "old"
    assert encrypt("new")[1:5] != blob[1:5]


def test_a_missing_key_is_named_and_nothing_is_lost(settings, tables):
    secret = Secret.objects.create(phone="13800138000")
    settings.BIHUAN_KEYS = [NEW]

    with pytest.raises(DecryptionError, match="BIHUAN_KEYS"):
        Secret.objects.get(pk=secret.pk)

    settings.BIHUAN_KEYS = [NEW, OLD]
    assert Secret.objects.get(pk=secret.pk).phone == "13800138000"


@pytest.mark.parametrize("position", [0, 3, 8, 20, -1])
def test_an_altered_value_is_refused(position):
    blob = bytearray(encrypt("13800138000"))
    blob[position] ^= 1

    with pytest.raises(DecryptionError):
        decrypt(bytes(blob))


@pytest.mark.parametrize("length", [0, 3, 10, 18])
def test_a_value_cut_short_is_refused(length):
    with pytest.raises(DecryptionError):
        decrypt(encrypt("13800138000")[:length])


@pytest.mark.parametrize("keys", [[], ["short"], ["not base64!"], [OLD, base64.b64encode(b"x" * 31).decode()], ["é"]])
def test_a_bad_key_ring_is_named(settings, keys):
    settings.BIHUAN_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="BIHUAN_KEYS"):
        encrypt("x")


def test_reencrypt_moves_every_row_to_the_first_key_step_by_step(settings, tables):
    secrets = [Secret.objects.create(phone=str(number), note=None) for number in range(3)]
    settings.BIHUAN_KEYS = [NEW, OLD]

    first = reencrypt(Secret, limit=2)
    second = reencrypt(Secret, after=first, limit=2)
    end = reencrypt(Secret, after=second, limit=2)

    assert (first, second, end) == (secrets[1].pk, secrets[2].pk, None)
    settings.BIHUAN_KEYS = [NEW]
    assert list(Secret.objects.order_by("pk").values_list("phone", "note")) == [("0", None), ("1", None), ("2", None)]


def test_blind_index_depends_on_value_purpose_and_key(settings):
    first = blind_index("13800138000", purpose="phone")
    others = [blind_index("13800138001", purpose="phone"), blind_index("13800138000", purpose="tail")]
    settings.BIHUAN_INDEX_KEY = "another"
    others.append(blind_index("13800138000", purpose="phone"))

    assert len({first, *others}) == 4
    assert len(first) == 32


def test_blind_index_is_the_same_each_time():
    assert blind_index("13800138000", purpose="phone") == blind_index("13800138000", purpose="phone")


def test_blind_index_of_nothing_matches_nothing():
    assert blind_index("", purpose="phone") == ""


def test_digest_token_takes_any_text():
    assert digest_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(digest_token("\ud800\0")) == 64

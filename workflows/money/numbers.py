"""The number of a refund: it is its key for ever, so it is made once, before anything is sent."""

import secrets
import time

PREFIX = "RF"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32, as a ULID is written: nothing that can be misread
LENGTH, BITS_OF_CHANCE = 26, 80


def make_refund_no() -> str:
    """RF and a ULID: 48 bits of the time in milliseconds, so that numbers sort by age, and 80 bits of chance."""
    number = time.time_ns() // 1_000_000 << BITS_OF_CHANCE | secrets.randbits(BITS_OF_CHANCE)
    return PREFIX + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))

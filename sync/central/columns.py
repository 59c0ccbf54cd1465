"""What the centre's tables are made of. `campus_id` leads every key; times are Unix seconds."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

Column = sa.Column[int]


def campus() -> Column:
    return sa.Column("campus_id", sa.Integer, primary_key=True, autoincrement=False)


def time(name: str, *, known: bool = True) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=not known)


def text(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=False)


def number(name: str, *, key: bool = False) -> Column:
    return sa.Column(name, sa.BigInteger, primary_key=key, autoincrement=False, nullable=False)

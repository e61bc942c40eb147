"""The rows of one period as numbers, four bytes a value: what fits in memory however many there are."""

from array import array
from collections.abc import Iterable, Sequence

import numpy as np


class Sheet:
    """Columns of numbers, each with the names that the numbers stand for."""

    def __init__(self, rows: Iterable[Sequence[str]], width: int) -> None:
        books: list[dict[str, int]] = [{} for _column in range(width)]
        cells = [array("i") for _column in range(width)]
        for row in rows:
            for book, column, value in zip(books, cells, row, strict=True):
                column.append(book.setdefault(value, len(book)))
        self.names = [list(book) for book in books]
        self.columns = [np.frombuffer(column, dtype=np.int32) if column else np.zeros(0, np.int32) for column in cells]

    def __len__(self) -> int:
        return len(self.columns[0])

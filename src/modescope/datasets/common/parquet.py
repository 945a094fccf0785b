"""Points from the columns of a Parquet file, by PyArrow: the extra `parquet`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modescope.datasets.common.arrays import MOST
from modescope.datasets.common.columns import LARGEST, Column, UnfitError, indices

INDEX = "__index_level_"  # how pandas names an index that has no name


def read(path: Path, columns: Sequence[Column] | None) -> tuple[NDArray[np.float64], list[str]]:
    """The chosen columns, (n, columns), all finite, and how the file was understood. Raises UnfitError and OSError.

    The file alone is read: the folder's name adds no column, as a dataset of `key=value` folders would.
    """
    try:
        from pyarrow import lib, parquet, types
    except ImportError:
        raise UnfitError("Parquet needs PyArrow: pip install 'modescope[parquet]', or use CSV") from None
    try:
        with path.open("rb") as source, parquet.ParquetFile(source) as file:
            schema = file.schema_arrow
            names = [str(name) for name in schema.names]
            index = [i for i, name in enumerate(names) if name.startswith(INDEX)]
            chosen = [i for i in indices(columns, names, len(names)) if columns is not None or i not in index]
            for i in chosen:
                if not (types.is_integer(schema.types[i]) or types.is_floating(schema.types[i])):
                    raise UnfitError(f"column {names[i]} holds {schema.types[i]}; allowed: numbers; choose columns")
            rows = file.metadata.num_rows
            if rows * len(chosen) > MOST:
                raise UnfitError(f"{rows:,} rows of {len(chosen)} numbers; at most {MOST:,} numbers are read")
            if len({*names}) < len(names):
                raise UnfitError(f"two columns have one name; allowed: a name for each; found: {', '.join(names[:20])}")
            if not rows or not chosen:
                raise UnfitError("no rows of numbers")
            table = file.read(columns=[names[i] for i in chosen], use_threads=False)
            points = np.stack([_column(table.column(names[i])) for i in chosen], axis=1)
    except UnfitError:
        raise
    except (lib.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError) as error:
        raise UnfitError(f"not a Parquet file, or a damaged one ({str(error)[:80]})") from None
    if not (fine := np.abs(points) <= LARGEST).all():  # false for NaN, too
        row, column = (int(i) for i in np.argwhere(~fine)[0])
        empty = table.column(names[chosen[column]])[row].as_py() is None
        shown = "empty" if empty else str(points[row, column])
        raise UnfitError(f"row {row + 1}, column {names[chosen[column]]}: {shown}; allowed: finite numbers")
    return points, [f"column {names[i]} is an index, left out" for i in index if columns is None]


def _column(column: Any) -> NDArray[np.float64]:
    """The numbers of a column, NaN where it is empty."""
    return np.asarray(column.to_numpy(), np.float64)

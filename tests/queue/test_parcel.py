"""How a task is packed for a worker: large arrays apart, under a name of what they hold."""

import io
import pickle
import types

import numpy as np
import pytest

from modescope.executors import WORKER_ENVIRONMENT
from modescope.queue import parcel


def unpack(packed, arrays):
    return parcel._Unpickler(io.BytesIO(packed), arrays).load()


def large(**changes):
    return np.full(**({"shape": (parcel.LARGE // 4, 1), "fill_value": 1.5, "dtype": np.float32} | changes))


def test_a_large_array_travels_apart_and_once():
    one, other = large(), large(fill_value=2.0)
    content = {"train": one, "again": one, "copy": one.copy(), "other": other, "small": np.arange(3)}
    packed, arrays = parcel.Packer().pack(content)
    assert len(packed) < 2000
    assert len(arrays) == 2
    back = unpack(packed, arrays)
    assert back.keys() == content.keys()
    for name, array in content.items():
        np.testing.assert_array_equal(back[name], array)
    assert back["train"] is back["again"]


def test_an_array_is_read_once(monkeypatch):
    packer, array = parcel.Packer(), large()
    first = packer.pack(array)
    monkeypatch.setattr(parcel.hashlib, "blake2b", lambda *_: pytest.fail("read again"))
    assert packer.pack(array)[0] == first[0]


def test_the_name_is_that_of_the_content():
    rows = large(shape=(parcel.LARGE // 8, 2))
    alike = [rows, rows.copy()]
    unlike = [rows + 1, rows.reshape(-1), rows.reshape(2, -1), np.asfortranarray(rows), rows.view(np.int32)]
    names = [next(iter(parcel.Packer().pack(array)[1])) for array in alike + unlike]
    assert names[0] == names[1]
    assert len(set(names)) == 1 + len(unlike)


@pytest.mark.parametrize("array", [np.zeros(3), np.array([None] * parcel.LARGE)], ids=["small", "objects"])
def test_other_arrays_stay_in_the_parcel(array):
    packed, arrays = parcel.Packer().pack(array)
    assert arrays == {}
    np.testing.assert_array_equal(unpack(packed, arrays), array)


def test_what_cannot_be_pickled_says_so():
    with pytest.raises((pickle.PicklingError, AttributeError)):
        parcel.Packer().pack(lambda: None)


def test_the_allocator_is_set_as_that_of_local_workers(monkeypatch):
    """Every allocator setting of the environment has its number in malloc.h; a C library without them is left alone."""
    assert set(parcel.MALLOPT) == {name for name in WORKER_ENVIRONMENT if name.startswith("MALLOC_")}
    called = []
    for library in (types.SimpleNamespace(mallopt=lambda *pair: called.append(pair)), types.SimpleNamespace()):
        monkeypatch.setattr(parcel.ctypes, "CDLL", lambda _, library=library: library)
        parcel._keep_freed_memory.__wrapped__()
    assert sorted(called) == [(-3, 1 << 30), (-2, 1 << 26), (-1, 1 << 30)]

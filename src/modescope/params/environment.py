"""The environment variables that say where trainings run: what each may be. They are no part of params.yaml."""

from __future__ import annotations

import os
import re

from modescope.params.config import ConfigError

DEVICE = "MODESCOPE_DEVICE"
TF32 = "MODESCOPE_TF32"
JOBS = "MODESCOPE_JOBS"
SCHEDULER = "DASK_SCHEDULER_ADDRESS"

# What a value must be, and the same in words; an unset or empty variable leaves the default.
ALLOWED = {
    DEVICE: (
        r"cpu|cuda(:\d{1,3})?",
        "must be cpu, cuda, or cuda:N for the GPU of that number; unset, a GPU is used if there is one",
    ),
    TF32: ("0|1", "must be 1, which allows TF32 on a GPU, or 0"),
    JOBS: (r"[1-9]\d{0,3}", "must be a whole number above zero, 9,999 at most; unset, every core is used"),
    SCHEDULER: (
        r"(\w+://)?([\w.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?",
        "must be the address of a Dask scheduler, such as tcp://127.0.0.1:8786; unset, this machine is used",
    ),
}


def value(variable: str) -> str:
    """What the variable is set to, or nothing. Raises ConfigError, one line with what is allowed, for anything else."""
    given = os.environ.get(variable, "")
    pattern, rule = ALLOWED[variable]
    if given and not re.fullmatch(pattern, given, re.ASCII):
        shown = given if given.isprintable() and len(given) <= 80 else repr(given)[:80]
        raise ConfigError(f"{variable}={shown}: {rule}")
    return given


def check() -> None:
    """Raises ConfigError for the first of the variables that is set to what it may not be."""
    for variable in ALLOWED:
        value(variable)

"""How a process of the project begins and ends: on a signal, with the one that started it, one at a time."""

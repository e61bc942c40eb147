"""CPU time of processes as the operating system counted it."""

import psutil


def cpu_ms(root: psutil.Process) -> float:
    """CPU milliseconds (user and system) of a process, its living descendants and its ended children."""
    spent = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
        if process == root:
            spent += times.children_user + times.children_system
    return spent * 1000


class Meter:
    """CPU milliseconds spent by named groups of processes while the ``with`` block ran."""

    def __init__(self, groups: dict[str, int]):
        self.roots = {name: psutil.Process(pid) for name, pid in groups.items()}
        self.spent: dict[str, float] = {}

    def __enter__(self) -> "Meter":
        self._before = {name: cpu_ms(root) for name, root in self.roots.items()}
        return self

    def __exit__(self, *_) -> None:
        self.spent = {name: cpu_ms(root) - self._before[name] for name, root in self.roots.items()}

"""What a server reads again and again, remembered while it is the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any


class Memory:
    """The last things that were asked for, at most so many, shared by the threads of a server."""

    def __init__(self, most: int) -> None:
        self.most, self.lock = most, Lock()
        self.kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()

    def get(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """What is known by this key, made when it is not known."""
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
                return self.kept[key]
        return self.put(key, make())

    def put(self, key: tuple[Any, ...], made: Any) -> Any:
        """Remember this by the key; returns it."""
        with self.lock:
            self.kept[key] = made
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)
        return made

    def known(self, key: tuple[Any, ...]) -> Any:
        """What is known by this key; None when nothing is."""
        with self.lock:
            return self.kept.get(key)

"""What the cells of one notebook have put out, kept as nbclient keeps what a kernel sends."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

Output = dict[str, Any]


class Outputs:
    """The outputs of the cell that runs, and those of earlier cells that may still change."""

    def __init__(self) -> None:
        self.cell, self.now = -1, list[Output]()
        self._shown: dict[str, list[tuple[int, Output]]] = defaultdict(list)  # displays that have a name
        self._past: dict[int, list[Output]] = {}
        self._changed: set[int] = set()
        self._clear_next = False

    def begin(self, cell: int) -> None:
        """Start the outputs of a cell."""
        if any(number == self.cell for rows in self._shown.values() for number, _ in rows):
            self._past[self.cell] = self.now
        self.cell, self.now, self._clear_next = cell, [], False
        self._changed.clear()

    def changed(self) -> dict[int, list[Output]]:
        """Give the outputs of earlier cells that this one has changed."""
        return {cell: self._past[cell] for cell in sorted(self._changed)}

    def stream(self, name: str, text: str) -> None:
        """Add to a stream, to the last output if it is of this stream."""
        last = self.now[-1] if self.now else {}
        if text and last.get("name") == name and not self._clear_next:
            last["text"] += text
        elif text:
            self.add({"output_type": "stream", "name": name, "text": text})

    def add(self, output: Output, name: str | None = None) -> None:
        """Add an output; of displays of one name all show what the last of them does."""
        if name:
            self.update(name, output["data"], output["metadata"])
        if self._clear_next:
            self.clear()
        self.now.append(output)
        if name:
            self._shown[name].append((self.cell, output))

    def update(self, name: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Change every display of a name."""
        for cell, output in self._shown[name]:
            output.update(data=data, metadata=metadata)
            if cell != self.cell:
                self._changed.add(cell)

    def clear(self, *, wait: bool = False) -> None:
        """Forget the outputs of this cell, at once or as soon as another comes."""
        self._clear_next = wait
        if wait:
            return
        self.now.clear()
        for rows in self._shown.values():
            rows[:] = [row for row in rows if row[0] != self.cell]

"""Writes deal-registry.jsonl from the newest edition's registry: run it after `make report`, commit what it writes."""

import os
from pathlib import Path

from toolkit import registry
from toolkit.brief import evaluate, parse

ROOT = Path(__file__).parents[1]


def main():
    """Keep the figures that the example brief can cite, as the newest edition has them."""
    home = Path(os.environ.get("TOOLKIT_HOME", ROOT))
    held = registry.load(home / "reports" / "latest" / "registry.jsonl")
    cited = parse(ROOT / "briefs" / "us-japan-deal.md").spans
    for span in cited:
        evaluate(span.figure, held)  # one that is lacking is an error
    (ROOT / "tests" / "deal-registry.jsonl").write_text(registry.dumps(held), encoding="utf-8")
    print(len([*held]), "figures", len(cited), "cited")


if __name__ == "__main__":
    main()

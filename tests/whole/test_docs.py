"""The documents name what there is, and nothing leads nowhere."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from toolkit.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "reports" / "README.md", *sorted(ROOT.glob("docs/*.md"))]


def commands(group, words=("toolkit",)):
    for name in group.list_commands(None):
        command = group.commands.get(name)
        if isinstance(command, click.Group) and command.commands:  # those of `data fetch` are in a table
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name))


@pytest.mark.parametrize("command", list(commands(main)))
def test_readme_names_every_command(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_names_every_make_target():
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [target for target in targets if f"make {target}" not in text] == []


def test_no_file_of_this_machine_or_of_a_registry_is_named():
    try:
        listed = subprocess.run(
            ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    hosts = re.compile(
        "|".join(["py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.org", "/ro" + "ot/", "/ho" + r"me/\w"])
    )
    named = [n for n in listed if n.endswith((".py", ".md", ".toml", ".lock", ".yml", ".ipynb", ".csv", ".json"))]
    assert [n for n in named if hosts.search((ROOT / n).read_text(encoding="utf-8"))] == []

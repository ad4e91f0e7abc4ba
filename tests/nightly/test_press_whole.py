"""Nights as users run them: two clones give the same bytes, two at once give one winner, what is unchanged is quick."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toolkit import warm

ROOT = Path(__file__).parents[2]
NIGHT = ["-m", "toolkit", "nightly", "--date", "2025-10-28"]


def night(home, *words, **variables):
    environment = {**os.environ, "TOOLKIT_HOME": str(home), "PYTHONPATH": str(ROOT), **variables}
    command = [sys.executable, *NIGHT, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=home, env=environment)


def prints(home):
    shown = (home / "reports" / "latest").resolve()
    files = (path for path in shown.rglob("*") if path.is_file())
    return {"": shown.name} | {
        path.relative_to(shown).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


@pytest.mark.slow
@pytest.mark.skipif(not warm.available(), reason="no fork of a warm process on this system")
def test_two_clones_of_other_folders_users_and_time_zones_give_the_same_bytes_warm_and_cold(tmp_path):
    clones = [tmp_path / "a", tmp_path / "a much longer folder" / "b"]
    for home in clones:
        home.mkdir(parents=True)
        for name in ("data", "seeds", "briefs"):
            shutil.copytree(ROOT / name, home / name)
        (home / "notebooks").mkdir()
        for name in ("pledges", "bilateral_trade"):
            shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", home / "notebooks")
        text = "".join(f'[[report]]\nnotebook = "notebooks/{name}.ipynb"\n' for name in ("pledges", "bilateral_trade"))
        (home / "notebooks" / "nightly.toml").write_text('seeds = ["seeds/*.txt"]\n' + text)
    first = night(clones[0], "--sample", "0", TZ="Asia/Tokyo", USER="one", LOGNAME="one", HOME=str(tmp_path / "h1"))
    second = night(clones[1], "--cold", "--jobs", "1", TZ="America/Lima", USER="two", LANG="de_DE.UTF-8")
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + second.stdout
    assert prints(clones[0]) == prints(clones[1])
    assert len(prints(clones[0])) > 10


def test_of_nights_at_once_one_wins_and_the_others_say_who(project, notebook):
    notebook("one")
    (project / "notebooks" / "nightly.toml").write_text("")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = (
        "import sys, time\nfrom datetime import date\nfrom toolkit import nightly\nfrom toolkit.errors import ToolkitError\n"
        "true = nightly.edition._inputs\n"
        "nightly.edition._inputs = lambda *given: (time.sleep(1.5), true(*given))[1]\n"
        "try:\n    nightly.run(date(2025, 10, 28))\nexcept ToolkitError as error:\n    sys.exit(str(error))\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    ended = [(process.communicate()[1], process.returncode) for process in started]
    assert sum(code == 0 for _, code in ended) == 1, ended
    assert all("is in use by process" in said and "edition of 2025-10-28" in said for said, code in ended if code)
    assert not [path for path in (project / "reports").iterdir() if path.name.startswith((".building", ".latest"))]


def test_a_night_in_which_nothing_changed_imports_nothing_heavy(project, press):
    from datetime import date

    from toolkit import nightly

    nightly.run(date(2025, 10, 28))
    heavy = "pandas numpy matplotlib papermill nbformat IPython rich pypandoc statsmodels zmq"
    code = (
        "import sys\nfrom toolkit.__main__ import main\n"
        "try:\n    main(['nightly', '--date', sys.argv[1]])\n"
        f"finally:\n    print(sorted(set(sys.modules) & set({heavy.split()!r})))"
    )
    for day in ("2025-10-28", "2025-10-29"):
        command = [sys.executable, "-c", code, day]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
        )
        assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr
    assert press.ran.count("one") == 1
    assert json.loads((project / "reports" / "latest" / "edition.json").read_text())["folder"].startswith("2025-10-29")


@pytest.mark.slow
def test_a_new_file_in_a_folder_that_a_report_lists_makes_it_run_again(project, notebook):
    from datetime import date

    from toolkit import nightly

    (project / "seeds").mkdir()
    (project / "seeds" / "one.txt").write_text("Trade fell.")
    notebook("lists", "from pathlib import Path\nsorted(path.name for path in Path('seeds').glob('*.txt'))")
    notebook("does-not", "1")
    rows = (f'[[report]]\nnotebook = "notebooks/{name}.ipynb"\n' for name in ("lists", "does-not"))
    (project / "notebooks" / "nightly.toml").write_text("".join(rows))
    assert sorted(nightly.run(date(2025, 10, 28)).ran) == ["does-not", "lists"]
    (project / "seeds" / "two.txt").write_text("Trade rose.")
    again = nightly.run(date(2025, 10, 29))
    assert again.ran == ("lists",)
    assert again.items[0].why == "the list of files in seeds changed"


@pytest.mark.slow
def test_a_report_that_breaks_keeps_its_last_good_page_marked_with_since_when(project, notebook):
    from datetime import date

    from toolkit import nightly

    notebook("one", "print('all is well')")
    (project / "notebooks" / "nightly.toml").write_text('[[report]]\nnotebook = "notebooks/one.ipynb"\n')
    assert not nightly.run(date(2025, 10, 28)).failed
    notebook("one", "1 / 0")
    broken = nightly.run(date(2025, 10, 29))
    assert [item.stale_since for item in broken.failed] == ["2025-10-29"]
    page = (broken.folder / broken.failed[0].pages[0]).read_text()
    assert "all is well" in page
    assert "29 October 2025" in page

"""What a notebook can put out, twenty kinds; in a fork of the warm process and in a kernel it must be the same."""

import json
from datetime import date

from conftest import cell

from toolkit import report

RAISES = "#raises\n"  # heads a cell that is expected to

PARTS = {
    "values, and the ones before them": (
        "1 + 1",
        "_ * 10, In[-2], Out, _ih[-2], __name__\n",
        "x = 3; x",
        "{'b': 1, 'a': {2, 3}}, 1e-300, b'x', None, ...",
        "None",
        "'hidden';",
    ),
    "printed, past Python too": (
        "import sys, os, subprocess\nprint('a'); print('b', file=sys.stderr); print('c', end=''); print('d', flush=True)",
        "print('before'); sys.stdout.flush(); os.write(1, b'straight\\n');",
        "subprocess.run(['sh', '-c', 'echo out']);",  # where a result would stand beside it is chance in a kernel
        "subprocess.run(['sh', '-c', 'echo err >&2']);",
        "print('10 %\\r20 %\\r30 %'); print('a\\bb')\nsys.stdout.writelines(['x\\n', 'y\\n'])",
        "sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable(), sys.stdout.errors, sys.stdin.read()",
    ),
    "tables": (
        ("import pandas as pd, numpy as np\n"
        "frame = pd.DataFrame(np.arange(300).reshape(100, 3) / 7, columns=list('abc')); frame"),
        "pd.DataFrame(np.arange(120).reshape(4, 30))",
        "frame.a.describe()",
        "frame.set_index(['a', 'b']).head(3).T",
        "print(frame.head(2)); frame.info()",
        "pd.get_option('display.max_columns'), pd.get_option('display.width'), pd.get_option('display.notebook_repr_html')",
        ("with pd.option_context('display.max_rows', 4, 'display.precision', 2, 'display.float_format', '{:.1f}'.format):\n"
        "    display(frame)"),
        "pd.options.display.html.border = 0\nframe.head(1)",
        "pd.Series(['NA', None, 'ñ'], dtype='category')",
    ),
    "styled tables": (
        "frame.head(3).style.format('{:.2f}').highlight_max(color='red').set_caption('C')",
        "frame.head(2).style.background_gradient().set_table_styles([{'selector': 'th', 'props': 'color: red'}])",
    ),
    "summaries of models": (
        ("import statsmodels.api as sm, statsmodels.formula.api as smf\n"
        "data = pd.DataFrame({'y': np.arange(20.0) ** 1.5, 'x': np.arange(20.0)})\n"
        "smf.ols('y ~ x', data=data).fit().summary()"),
        "print(sm.OLS(data.y, sm.add_constant(data.x)).fit().summary2())",
        "sm.GLM(data.y, sm.add_constant(data.x)).fit().params",
    ),
    "charts": (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]); plt.title('T')",
        "fig, ax = plt.subplots(figsize=(3, 2)); ax.bar([1, 2], [3, 4]); fig",
        "fig, ax = plt.subplots(); ax.pie([1, 2]); plt.show(); print('between'); plt.figure(); plt.scatter([1], [2]); plt.show()",
        "frame.plot(); plt.close()",
        "plt.rcParams['figure.figsize'], plt.rcParams['figure.dpi'], plt.rcParams['savefig.bbox'], plt.get_backend()",
    ),
    "charts of other forms": (
        "%matplotlib inline\n%config InlineBackend.figure_formats = ['svg']\nplt.plot([1, 4]);",
        ("from matplotlib_inline.backend_inline import set_matplotlib_formats\nset_matplotlib_formats('png', 'pdf', dpi=50)\n"
        "plt.plot([2, 1]);"),
        "%config InlineBackend.figure_formats = ['retina']\nplt.plot([2, 5]);",
        "%config InlineBackend.figure_formats = ['png']\n%config InlineBackend.close_figures = False\nplt.plot([1, 2]);",
        "plt.plot([3, 4]);",
        "plt.close('all')\n%config InlineBackend.close_figures = True",
    ),
    "forms of display": (
        ("from IPython.display import HTML, JSON, SVG, Code, Image, Javascript, Latex, Markdown, Math, Pretty, display\n"
        "display(HTML('<b>x</b>'), Markdown('# x'), Latex('$x$'), Math('x^2'), Pretty('x'))"),
        "display(JSON({'a': [1, None]}), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'), Javascript('1'), Code('x = 1'))",
        "display({'text/plain': 'p', 'application/x+json': {'a': 1}}, raw=True, metadata={'k': 1})",
        "Image(data=bytes.fromhex('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489'), width=10)",
        "HTML('<i>last</i>')",
    ),
    "reprs of one's own": (
        ("class Rich:\n"
        "    def _repr_html_(self): return '<u>r</u>'\n"
        "    def _repr_latex_(self): return '$r$'\n"
        "    def _repr_png_(self): return b'\\x89PNG', {'width': 3}\n"
        "    def __repr__(self): return 'r'\n"
        "class Bundle:\n"
        "    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/x': 'b'}, {'text/x': {'m': 1}}\n"
        "    def __repr__(self): return 'b'\n"
        "class Own:\n"
        "    def _ipython_display_(self): print('own')\n"
        "display(Rich(), Bundle(), Own()); Rich()"),
        "Bundle()",
        "Own()",
        "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\nPoint(1), [Point(2)] * 2, Point, print, lambda: 1",
    ),
    "displays that change": (
        "handle = display('one', display_id='id'); display('two'); handle.update('three')",
        "handle.update(HTML('<b>four</b>')); print('changed above')",
        "display('five', display_id='id')",
        "nameless = display('n', display_id=True); nameless.update('m'); print(type(nameless).__name__)",
        "from IPython.display import ProgressBar\nfor _ in ProgressBar(3): pass",
    ),
    "outputs taken back": (
        "from IPython.display import clear_output\nprint('gone'); clear_output(); print('stays')",
        "print('gone'); display(1); clear_output(wait=True); print('stays')",
        "print('stays: nothing came after'); clear_output(wait=True)",
        "for i in range(3):\n    clear_output(wait=True)\n    display(i)",
    ),
    "warnings": (
        "import warnings\nwarnings.warn('careful')",
        "def old():\n    warnings.warn('old', DeprecationWarning, stacklevel=2)\nold()\nfor _ in range(2): warnings.warn('again', FutureWarning)",
        "np.array([1.0]) / 0, np.log(np.array([-1.0]))",
        "int('1') is 1",
        "with warnings.catch_warnings(record=True) as caught:\n    warnings.simplefilter('always'); warnings.warn('w')\nlen(caught)",
    ),
    "exceptions": (
        "#raises\n1 / 0",
        "#raises\ndef f(x):\n    return g(x)\ndef g(x):\n    raise ValueError('bad\\nsecond line') from KeyError('k')\nf(1)",
        "#raises\nfor = 1",
        "#raises\n  indented\nwrong",
        "#raises\nprint('before'); display(1); undefined_name",
        "#raises\npd.DataFrame({'a': [1]})['b']",
        "#raises\nimport nothing_of_this_name",
        "#raises\nraise SystemExit(3)",
        "#raises\nassert x == 4, 'x'",
        "#raises\nraise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
        "#raises\nclass Bad:\n    def __repr__(self): raise RuntimeError('no repr')\nBad()",
        "#raises\nclass BadHtml:\n    def _repr_html_(self): raise RuntimeError('no html')\n    def __repr__(self): return 'plain'\nBadHtml()",
        "import traceback\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    traceback.print_exc()\n    print(traceback.format_exc(limit=0))",
    ),
    "magic words": (
        "%pwd\n%precision 2\n3.14159",
        "%precision %r\n3.14159",
        "%%capture caught\nprint('in'); display(1); plt.plot([1]); plt.show()",
        "caught.stdout, len(caught.outputs)",
        "caught.show()",
        "%who int",
        "%env TZ",
        "%xmode Plain\n%alias_magic t time",
        "%xmode Context",
        "%%html\n<b>html</b>",
        "%%latex\n$x$",
        "%history -n 1-2",
        "%rerun 1",
        "x?\n",
        "pd.NA??",
        "%%python\nprint('another')",
        "#raises\n%no_such_magic",
    ),
    "commands of the system": (
        "!echo one\n!echo two >&2; exit 3",
        "_exit_code",
        "lines = !printf 'a\\nb\\n'\nlines, type(lines).__name__",
        "!echo {x} $x \\\n  three",
        "%%bash\necho bash; echo error >&2",
        "%sx echo sx",
        "os.system('echo by os');",
        "subprocess.run('echo caught', shell=True, capture_output=True, text=True).stdout",
    ),
    "await": (
        "import asyncio\nawait asyncio.sleep(0); 'slept'",
        "async def work(n):\n    await asyncio.sleep(0)\n    print('work', n)\n    return n\nawait asyncio.gather(work(1), work(2))",
        "task = asyncio.create_task(asyncio.sleep(0, 'done')); 'made'",
        "await task",
        "#raises\nnever = work(4)\ntry:\n    asyncio.run(never)\nfinally:\n    never.close()  # else it is told when it is collected, which is any time",
        "asyncio.get_running_loop() is not None",
        ("import contextlib\n"
        "@contextlib.asynccontextmanager\nasync def held():\n    yield 5\nasync with held() as five: print(five)"),
        "#raises\nawait asyncio.wait_for(asyncio.sleep(9), 0.01)",
    ),
    "random numbers, hashes, time zone, language": (
        "import random\nrandom.random(), np.random.rand(), np.random.RandomState().rand() < 1, hash('x'), {'a', 'b', 'c'}",
        "import time, locale, datetime as dt\ntime.tzname, locale.getlocale(), dt.datetime.fromtimestamp(0), f'{1234.5:n}'",
        "sorted(name for name in os.environ if name.isupper() and 'JPY' not in name and 'PYDEVD' not in name)",
        "sys.flags.hash_randomization, sys.getrecursionlimit(), os.environ['TERM'], os.environ['PAGER']",
    ),
    "logging": (
        "import logging\nlogging.warning('w'); logging.info('i'); logging.getLogger('own').error('e')",
        "logging.getLogger().handlers, logging.getLogger().level",
        "logging.basicConfig(level='INFO', force=True, stream=sys.stdout); logging.info('now')",
        "#raises\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.exception('caught'); raise",
    ),
    "who asks": (
        "type(get_ipython()).__name__, hasattr(get_ipython(), 'kernel'), 'ipykernel' in sys.modules",
        "import rich.jupyter, rich.console\nrich.console.Console().print('[bold]x[/bold]', [1, 2])",
        "#raises\ninput('?')",
        "#raises\nimport getpass\ngetpass.getpass()",
        "try:\n    import ipywidgets\nexcept ImportError as error:\n    print(error)",
        "__builtins__ is not None, '__file__' in globals(), sys.argv[0].endswith('x')",
        "copyright.__class__.__name__, get_ipython().user_ns is globals(), sys.modules['__main__'].__name__",
    ),
    "threads and processes": (
        "import threading\nthread = threading.Thread(target=lambda: print('from a thread'))\nthread.start(); thread.join()",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, -2])))",
        "import multiprocessing as mp\ndef square(n): return n * n\nwith mp.get_context('fork').Pool(2) as pool: print(pool.map(square, [1, 2]))",
        "import inspect\nprint(inspect.getsource(square)); square.__module__, square.__code__.co_name",
        "import pickle\npickle.loads(pickle.dumps(square))(3)",
    ),
}  # fmt: skip


def write(path):
    """Write the notebook of all parts; give the kind of each of its cells."""
    cells, kinds = [cell("markdown", "# Kinds of output", 0), cell("code", "", 1, ["parameters"])], ["", ""]
    for kind, sources in PARTS.items():
        for source in sources:
            tags = ["raises-exception"] * source.startswith(RAISES)
            cells.append(cell("code", source.removeprefix(RAISES), len(cells), tags))
            kinds.append(kind)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return kinds


def executed(path, folder, server):
    """Run the notebook; give its cells."""
    limits = report.Limits(output_mb=80)
    report.run(path, {}, folder, edition_date=date(2025, 10, 28), limits=limits, server=server)
    return json.loads((folder / "report.ipynb").read_text())["cells"]


def unequal(path, folder, server):
    """Run the notebook warm and cold; give the cells that differ, by kind, sources and both outputs."""
    kinds = write(path)
    warm, cold = executed(path, folder / "warm", server), executed(path, folder / "cold", None)
    differ = [(kind, one, two) for kind, one, two in zip(kinds, warm, cold, strict=True) if one != two]
    return {kind: [row[1:] for row in differ if row[0] == kind] for kind in PARTS}

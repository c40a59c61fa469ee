#!/bin/sh
# Installs what the tests of LaTeX and PDF need, where this is Debian or Ubuntu and the user is root;
# elsewhere names the packages. The tests that need them are skipped with that reason.
set -u
packages="texlive-latex-base texlive-latex-recommended lmodern poppler-utils"
missing=""
command -v pdflatex >/dev/null 2>&1 && command -v kpsewhich >/dev/null 2>&1 &&
    kpsewhich xcolor.sty >/dev/null && kpsewhich lmodern.sty >/dev/null || missing=yes
command -v pdftotext >/dev/null 2>&1 || missing=yes
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing $packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages >/dev/null && exit 0
    echo "apt-get could not install them" >&2
    [ -n "${CI:-}" ] && exit 1
fi
echo "The tests that need TeX or pdftotext will be skipped; install: $packages" >&2
[ -z "${CI:-}" ]

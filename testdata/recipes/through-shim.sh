#!/bin/sh
set -e
dir=$(safepublish shim "${XDG_CACHE_HOME:-$HOME/.cache}/safepublish/bin")
PATH=$dir:$PATH
exec "$@"

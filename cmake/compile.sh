#!/bin/sh
# Starts a compiler, or ccache with one. A header that is to be precompiled (*.gch) is taken away first: the preprocessor would
# read the earlier one in place of its source, and ccache would keep that under the name of every later one.
output=
for argument; do
    case $output in -o) case $argument in *.gch) rm -f "$argument" ;; esac ;; esac
    output=$argument
done
exec "$@"

#!/bin/sh
# Starts a compiler, or ccache with one. A header that is to be precompiled (*.gch) is taken away first: the preprocessor would
# read the earlier one in place of its source, and ccache would keep that under the name of every later one. And ccache goes by the
# text of each header then, not by what the preprocessor makes of it: GCC knows a header that stands in a precompiled one by its
# text, comments and blanks included, and reads it a second time if those have changed.
output=
for argument; do
    case $output in
    -o)
        case $argument in
        *.gch)
            rm -f "$argument"
            CCACHE_DEPEND=1 CCACHE_NAMESPACE=by-text
            export CCACHE_DEPEND CCACHE_NAMESPACE
            ;;
        esac
        ;;
    esac
    output=$argument
done
exec "$@"

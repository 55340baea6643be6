# shellcheck shell=bash
# ./dev fonts: makes the fonts of the canvas, shell/fonts/*. They are committed; this is how they came about, and how a
# character is added: Debian's fonts reduced to the characters below, without hinting and layout tables.

FONT_CHARACTERS=(
    U+0020-007E,U+00A0,U+00A7,U+00B0,U+00B1,U+00B2,U+00B3,U+00B5,U+00B7,U+00BD,U+00D7   # ASCII, · × ± ° µ
    U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2026,U+2039,U+203A                      # – — ‘ ’ “ ” … ‹ ›
    U+2190-2195,U+21B5,U+2212,U+221E,U+2248,U+2260,U+2264,U+2265                        # arrows, − ∞ ≈ ≠ ≤ ≥
    U+2500-257F,U+2588,U+258C,U+2591-2593                                               # boxes and shades
    U+25A0,U+25A1,U+25B2,U+25B6,U+25B8,U+25BC,U+25C0,U+25C2,U+25CB,U+25CF,U+2713,U+2717 # ■ □ ▲ ▶ ▼ ◀ ● ✓ ✗
    U+FFFD
)

make_fonts() {
    need_packages fonts
    local fonts=/usr/share/fonts
    subset_font "$fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf" "$ROOT/shell/fonts/mono.ttf"
    subset_font "$fonts/opentype/inter/Inter-Regular.otf" "$ROOT/shell/fonts/words.otf"
    ls -l "$ROOT"/shell/fonts/*.?tf
}

subset_font() {
    local characters
    characters=$(IFS=, && echo "${FONT_CHARACTERS[*]}")
    # Time stamps of the original, so that the same input gives the same bytes.
    /usr/bin/python3 -m fontTools.subset "$1" --output-file="$2" --unicodes="$characters" \
        --layout-features= --no-hinting --desubroutinize --notdef-outline --no-recalc-timestamp \
        --drop-tables+=GSUB,GPOS,GDEF,DSIG
}

#pragma once
// The two typefaces of the canvas, small subsets (see ./dev fonts for the characters). main.cpp loads them in this
// order; sizes are free: ImGui::PushFont(shell::font_mono(), 11.0f). The Chinese characters of what the canvas says
// (shell/fonts/chinese-from.txt), which complete both, are a file that the page fetches.
#include <imgui.h>

namespace shell {

inline ImFont* font_words() { return ImGui::GetIO().Fonts->Fonts[0]; } // Inter
inline ImFont* font_mono() { return ImGui::GetIO().Fonts->Fonts[1]; }  // JetBrains Mono: addresses and numbers

} // namespace shell

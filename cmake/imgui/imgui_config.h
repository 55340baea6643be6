// Dear ImGui as the page needs it: nothing for developers of Dear ImGui itself, no files, our own fonts.
#pragma once

#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_DISABLE_DEMO_WINDOWS
#define IMGUI_DISABLE_DEBUG_TOOLS
#define IMGUI_DISABLE_DEFAULT_FONT
#define IMGUI_DISABLE_FILE_FUNCTIONS
#define IMGUI_DISABLE_DEFAULT_SHELL_FUNCTIONS

// A map of memory has more than 65,536 corners, and WebGL2 cannot shift the base of 16-bit indices.
#define ImDrawIdx unsigned int

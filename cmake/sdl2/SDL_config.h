/* SDL's configuration for Emscripten, less what the page does not use. It is found before SDL's own SDL_config.h and
   has its include guard. */
#ifndef SDL_config_h_
#define SDL_config_h_

#include "SDL_config_emscripten.h"

#define SDL_LEAN_AND_MEAN 1
#define SDL_AUDIO_DISABLED 1
#define SDL_FILE_DISABLED 1
#define SDL_JOYSTICK_DISABLED 1
#define SDL_LOADSO_DISABLED 1
#define SDL_POWER_DISABLED 1
#define SDL_RENDER_DISABLED 1
#define SDL_SENSOR_DISABLED 1

/* The WebGL context is ours (shell/main.cpp). */
#undef SDL_VIDEO_OPENGL_EGL
#undef SDL_VIDEO_OPENGL_ES2
#undef SDL_VIDEO_RENDER_OGL_ES2

#endif

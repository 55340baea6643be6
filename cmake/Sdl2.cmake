# SDL2 for the page, and only what the page uses: a window on a canvas, mouse and touch.
# SDL's own CMake asks several hundred questions of the compiler whose answers are known for Emscripten.

FetchContent_MakeAvailable(sdl2)

set(sdl2_files
  SDL.c SDL_assert.c SDL_error.c SDL_guid.c SDL_hints.c SDL_list.c SDL_log.c SDL_utils.c
  atomic/SDL_atomic.c atomic/SDL_spinlock.c cpuinfo/SDL_cpuinfo.c
  events/SDL_clipboardevents.c events/SDL_displayevents.c events/SDL_dropevents.c events/SDL_events.c
  events/SDL_gesture.c events/SDL_keyboard.c events/SDL_keysym_to_scancode.c events/SDL_mouse.c events/SDL_quit.c
  events/SDL_scancode_tables.c events/SDL_touch.c events/SDL_windowevents.c
  file/SDL_rwops.c misc/SDL_url.c misc/emscripten/SDL_sysurl.c
  stdlib/SDL_crc16.c stdlib/SDL_crc32.c stdlib/SDL_getenv.c stdlib/SDL_iconv.c stdlib/SDL_malloc.c
  stdlib/SDL_qsort.c stdlib/SDL_stdlib.c stdlib/SDL_string.c stdlib/SDL_strtokr.c
  thread/SDL_thread.c thread/generic/SDL_syscond.c thread/generic/SDL_sysmutex.c thread/generic/SDL_syssem.c
  thread/generic/SDL_systhread.c thread/generic/SDL_systls.c
  timer/SDL_timer.c timer/unix/SDL_systimer.c
  video/SDL_RLEaccel.c video/SDL_blit.c video/SDL_blit_0.c video/SDL_blit_1.c video/SDL_blit_A.c video/SDL_blit_N.c
  video/SDL_blit_auto.c video/SDL_blit_copy.c video/SDL_blit_slow.c video/SDL_bmp.c video/SDL_clipboard.c
  video/SDL_fillrect.c video/SDL_pixels.c video/SDL_rect.c video/SDL_shape.c video/SDL_stretch.c video/SDL_surface.c
  video/SDL_video.c video/SDL_yuv.c
  video/emscripten/SDL_emscriptenevents.c video/emscripten/SDL_emscriptenframebuffer.c
  video/emscripten/SDL_emscriptenmouse.c video/emscripten/SDL_emscriptenvideo.c)
list(TRANSFORM sdl2_files PREPEND ${sdl2_SOURCE_DIR}/src/)

add_library(SDL2 STATIC ${sdl2_files} ${PROJECT_SOURCE_DIR}/cmake/sdl2/absent.c)
target_include_directories(SDL2
  PRIVATE ${PROJECT_SOURCE_DIR}/cmake/sdl2
  SYSTEM PUBLIC ${sdl2_SOURCE_DIR}/include)
target_compile_options(SDL2 PRIVATE -w -sUSE_SDL=0)

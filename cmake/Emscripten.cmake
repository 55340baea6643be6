# Toolchain file: finds Emscripten's own through EMSDK or through emcc on the PATH.

if(DEFINED ENV{EMSDK})
  set(emscripten_root $ENV{EMSDK}/upstream/emscripten)
else()
  find_program(EMCC_PROGRAM emcc NO_CMAKE_FIND_ROOT_PATH)
  if(NOT EMCC_PROGRAM)
    message(FATAL_ERROR "emcc is not on the PATH and EMSDK is not set. ./dev build sets Emscripten up on Debian; "
      "elsewhere see https://emscripten.org/docs/getting_started/downloads.html")
  endif()
  get_filename_component(emscripten_root ${EMCC_PROGRAM} REALPATH)
  get_filename_component(emscripten_root ${emscripten_root} DIRECTORY)
endif()
include(${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake)

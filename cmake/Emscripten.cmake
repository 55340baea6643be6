# Toolchain file: finds Emscripten's own through emcc on the PATH or through EMSDK.

find_program(EMCC_PROGRAM emcc PATHS ENV EMSDK PATH_SUFFIXES upstream/emscripten NO_CMAKE_FIND_ROOT_PATH)
if(NOT EMCC_PROGRAM)
  message(FATAL_ERROR "emcc is not on the PATH and EMSDK is not set. ./dev build sets Emscripten up on Debian 12; "
    "elsewhere see https://emscripten.org/docs/getting_started/downloads.html")
endif()
get_filename_component(emscripten_root ${EMCC_PROGRAM} REALPATH)
get_filename_component(emscripten_root ${emscripten_root} DIRECTORY)
include(${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake)

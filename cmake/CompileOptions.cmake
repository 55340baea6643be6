# What every target of ours is compiled with: linking to mmscope_options brings it.
# mmscope_terminal is for programs that run in a terminal; as WebAssembly that means node with the real file system.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Where ./dev keeps what it downloads, and the compiler cache.
set(MMSCOPE_CACHE $ENV{HOME}/.cache/mmscope)
if(DEFINED ENV{MMSCOPE_CACHE})
  set(MMSCOPE_CACHE $ENV{MMSCOPE_CACHE})
endif()

add_library(mmscope_options INTERFACE)
target_compile_features(mmscope_options INTERFACE cxx_std_20)
target_compile_options(mmscope_options INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  -fno-exceptions
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # wrong in GCC 12 for "text" + std::string: GCC bug 105651
  $<$<BOOL:${MMSCOPE_WERROR}>:-Werror>)
set(CMAKE_CXX_EXTENSIONS OFF)

# Paths in messages and in debug information are relative to the project: two clones compile to the same bytes and share
# one ccache, which itself makes paths relative to the build folder.
file(RELATIVE_PATH up ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR})
target_compile_options(mmscope_options INTERFACE
  -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${up}=)

if(MMSCOPE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # A check before nearly every access, and a quarter of the time that GCC takes. AddressSanitizer finds what of these matters
  # here; the fuzzers, which clang compiles, keep them.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=null,alignment,object-size,vptr>)
  add_link_options(-fsanitize=address,undefined)
endif()

if(EMSCRIPTEN)
  target_compile_options(mmscope_options INTERFACE -fno-rtti)
endif()

# A function of more than 100 bytes that is called in one place stays a function: what calls it then comes with the page's first
# part without it (tools/split-page.mjs). Smaller ones are not worth the time of a call.
set(page_inlining -sBINARYEN_EXTRA_PASSES=--one-caller-inline-max-function-size=100)

add_library(mmscope_terminal INTERFACE)
if(EMSCRIPTEN)
  target_link_options(mmscope_terminal INTERFACE
    # Links fast. A target that is measured is linked as the page is: wasm-opt runs behind the linker.
    $<IF:$<BOOL:$<TARGET_PROPERTY:MEASURED>>,-O2,-O1> $<$<BOOL:$<TARGET_PROPERTY:MEASURED>>:${page_inlining}>
    -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1
    -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=4MB)
endif()

# One compiler cache for all clones: paths inside a clone are hashed relative to it. emcc starts the compiler itself, so
# it is told to start ccache instead.
find_program(CCACHE_PROGRAM ccache NO_CMAKE_FIND_ROOT_PATH)
if(CCACHE_PROGRAM)
  set(launcher ${CMAKE_COMMAND} -E env
    CCACHE_DIR=${MMSCOPE_CACHE}/ccache CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=2G
    CCACHE_SLOPPINESS=pch_defines,time_macros)
  if(EMSCRIPTEN)
    list(APPEND launcher EM_COMPILER_WRAPPER=${CCACHE_PROGRAM})
  else()
    list(APPEND launcher sh ${PROJECT_SOURCE_DIR}/cmake/compile.sh ${CCACHE_PROGRAM})
  endif()
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

# precompile(TARGET HEADER...): the headers that nearly every file of a target reads are read once. Native builds with GCC alone:
# the others compile each file with its own includes, so that a missing one is found.
function(precompile target)
  if(EMSCRIPTEN OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  target_precompile_headers(${target} PRIVATE <bit> ${ARGN})
  target_compile_options(${target} PRIVATE -fpch-preprocess) # for ccache
endfunction()

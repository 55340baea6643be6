# What every target of ours is compiled with: linking to mmscope_options brings it.
# mmscope_terminal is for programs that run in a terminal; as WebAssembly that means node with the real file system.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

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
  add_link_options(-fsanitize=address,undefined)
endif()

if(EMSCRIPTEN)
  target_compile_options(mmscope_options INTERFACE -fno-rtti)
endif()

add_library(mmscope_terminal INTERFACE)
if(EMSCRIPTEN)
  target_link_options(mmscope_terminal INTERFACE
    -O1 -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1
    -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=4GB -sSTACK_SIZE=4MB)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT EMSCRIPTEN)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

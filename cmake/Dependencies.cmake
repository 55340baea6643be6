# Third-party sources, each pinned. They are looked for in this order:
#   -DFETCHCONTENT_SOURCE_DIR_IMGUI=... and so on, CMake's own way to say where they are
#   the cache that ./dev fills, ${MMSCOPE_CACHE}/src
#   Debian's packages nlohmann-json3-dev, googletest and, for native builds, zlib1g-dev (elsewhere: the system's zlib)
#   GitHub

include(FetchContent)
include(Versions)

# SOURCE_SUBDIR names a folder that does not exist: we want the files, not the project's own CMake.
function(declare_source name version url tag)
  string(TOUPPER ${name} upper)
  if(NOT FETCHCONTENT_SOURCE_DIR_${upper} AND EXISTS ${MMSCOPE_CACHE}/src/${name}-${version})
    set(FETCHCONTENT_SOURCE_DIR_${upper} ${MMSCOPE_CACHE}/src/${name}-${version} CACHE PATH "Sources of ${name}")
  endif()
  FetchContent_Declare(${name} GIT_REPOSITORY ${url} GIT_TAG ${tag} GIT_SHALLOW ON SOURCE_SUBDIR none)
endfunction()

declare_source(imgui ${IMGUI_VERSION} https://github.com/ocornut/imgui.git v${IMGUI_VERSION})
declare_source(sdl2 ${SDL2_VERSION} https://github.com/libsdl-org/SDL.git release-${SDL2_VERSION})
declare_source(json ${JSON_VERSION} https://github.com/nlohmann/json.git v${JSON_VERSION})
declare_source(googletest ${GOOGLETEST_VERSION} https://github.com/google/googletest.git release-${GOOGLETEST_VERSION})
declare_source(benchmark ${BENCHMARK_VERSION} https://github.com/google/benchmark.git v${BENCHMARK_VERSION})
declare_source(zlib ${ZLIB_VERSION} https://github.com/madler/zlib.git v${ZLIB_VERSION})

# Debian's JSON headers are copied to a folder of their own: /usr/include on the search path breaks a cross compiler.
if(NOT FETCHCONTENT_SOURCE_DIR_JSON AND EXISTS /usr/include/nlohmann/json.hpp)
  file(COPY /usr/include/nlohmann DESTINATION ${PROJECT_BINARY_DIR}/json/include)
  set(FETCHCONTENT_SOURCE_DIR_JSON ${PROJECT_BINARY_DIR}/json)
endif()
if(NOT FETCHCONTENT_SOURCE_DIR_GOOGLETEST AND EXISTS /usr/src/googletest/googletest/src/gtest-all.cc)
  set(FETCHCONTENT_SOURCE_DIR_GOOGLETEST /usr/src/googletest)
endif()

FetchContent_MakeAvailable(json)
add_library(nlohmann_json INTERFACE)
target_include_directories(nlohmann_json SYSTEM INTERFACE ${json_SOURCE_DIR}/include)

# zlib unpacks recordings: the system's, or for WebAssembly and where there is none what unpacking needs of its sources.
if(NOT EMSCRIPTEN)
  find_package(ZLIB QUIET)
endif()
if(NOT ZLIB_FOUND)
  FetchContent_MakeAvailable(zlib)
  set(zlib_files adler32.c crc32.c inffast.c inflate.c inftrees.c zutil.c)
  list(TRANSFORM zlib_files PREPEND ${zlib_SOURCE_DIR}/)
  add_library(zlib_inflate STATIC ${zlib_files})
  target_include_directories(zlib_inflate SYSTEM PUBLIC ${zlib_SOURCE_DIR})
  target_compile_options(zlib_inflate PRIVATE -w)
  add_library(ZLIB::ZLIB ALIAS zlib_inflate)
endif()

if(MMSCOPE_VIEWS)
  FetchContent_MakeAvailable(imgui)
  add_library(imgui STATIC
    ${imgui_SOURCE_DIR}/imgui.cpp ${imgui_SOURCE_DIR}/imgui_draw.cpp
    ${imgui_SOURCE_DIR}/imgui_tables.cpp ${imgui_SOURCE_DIR}/imgui_widgets.cpp)
  target_include_directories(imgui SYSTEM PUBLIC ${imgui_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/cmake/imgui)
  target_compile_definitions(imgui PUBLIC IMGUI_USER_CONFIG="imgui_config.h")
  target_compile_features(imgui PUBLIC cxx_std_20)
  target_compile_options(imgui PRIVATE -w -fno-exceptions $<$<BOOL:${EMSCRIPTEN}>:-fno-rtti>)
endif()

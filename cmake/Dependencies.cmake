# Third-party sources, each pinned. Where a package manager has put the sources on the machine, those are used:
#   -DFETCHCONTENT_SOURCE_DIR_IMGUI=...  -DFETCHCONTENT_SOURCE_DIR_SDL2=...  and so on (./dev passes them).
# SOURCE_SUBDIR names a folder that does not exist: we want the files, not the project's own CMake.

include(FetchContent)
set(FETCHCONTENT_QUIET OFF)

FetchContent_Declare(json
  GIT_REPOSITORY https://github.com/nlohmann/json.git GIT_TAG v3.11.2 GIT_SHALLOW ON
  SOURCE_SUBDIR none)
FetchContent_Declare(imgui
  GIT_REPOSITORY https://github.com/ocornut/imgui.git GIT_TAG v1.92.2b GIT_SHALLOW ON
  SOURCE_SUBDIR none)
FetchContent_Declare(sdl2
  GIT_REPOSITORY https://github.com/libsdl-org/SDL.git GIT_TAG release-2.32.4 GIT_SHALLOW ON
  SOURCE_SUBDIR none)
FetchContent_Declare(googletest
  GIT_REPOSITORY https://github.com/google/googletest.git GIT_TAG release-1.12.1 GIT_SHALLOW ON
  SOURCE_SUBDIR none)
FetchContent_Declare(benchmark
  GIT_REPOSITORY https://github.com/google/benchmark.git GIT_TAG v1.7.1 GIT_SHALLOW ON
  SOURCE_SUBDIR none)

# Debian's packages nlohmann-json3-dev and googletest. The JSON headers are copied to a folder of their own, because
# /usr/include on the search path of a cross compiler breaks it.
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

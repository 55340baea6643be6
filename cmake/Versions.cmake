# Versions of third-party sources, for CMake and for tools/setup.sh, which reads the same lines.
set(IMGUI_VERSION 1.92.2b)
set(SDL2_VERSION 2.32.4)
set(JSON_VERSION 3.11.2)
set(GOOGLETEST_VERSION 1.12.1)
set(BENCHMARK_VERSION 1.7.1)
set(ZLIB_VERSION 1.2.13)

# The page: the engine, Dear ImGui and the shell as WebAssembly, put together with web/ and scenarios/ in
# build/web/dist, a static folder that runs from any path of any host.

include(EmbedFile)
include(Sdl2)

embed_files(${PROJECT_BINARY_DIR}/generated/embedded_fonts.h
  FONT_WORDS=${PROJECT_SOURCE_DIR}/shell/fonts/words.otf
  FONT_MONO=${PROJECT_SOURCE_DIR}/shell/fonts/mono.ttf)

add_library(imgui_backends STATIC
  ${imgui_SOURCE_DIR}/backends/imgui_impl_sdl2.cpp ${imgui_SOURCE_DIR}/backends/imgui_impl_opengl3.cpp)
# Its questions about the state of the context are answered by shell/main.cpp.
target_compile_definitions(imgui_backends PRIVATE IMGUI_IMPL_OPENGL_ES3 glGetIntegerv=canvas_gl_state)
target_compile_options(imgui_backends PRIVATE -w -fno-exceptions -fno-rtti)
target_link_libraries(imgui_backends PUBLIC imgui SDL2)

add_executable(mmscope-web ${page_only_sources})
set_target_properties(mmscope-web PROPERTIES
  OUTPUT_NAME mmscope
  RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/page)
target_include_directories(mmscope-web PRIVATE ${PROJECT_BINARY_DIR}/generated)
target_link_libraries(mmscope-web PRIVATE mmscope_shell imgui_backends)

# mmscope.js is an ES module: import createMmscope from './mmscope.js'; const mm = await createMmscope({canvas}).
# -sDYNAMIC_EXECUTION=0: no eval, so a strict Content-Security-Policy needs only 'wasm-unsafe-eval'.
target_link_options(mmscope-web PRIVATE
  -sENVIRONMENT=web -sMODULARIZE=1 -sEXPORT_ES6=1 -sEXPORT_NAME=createMmscope -sDYNAMIC_EXECUTION=0
  -sMIN_WEBGL_VERSION=2 -sMAX_WEBGL_VERSION=2 -sGL_ENABLE_GET_PROC_ADDRESS=0 -sFILESYSTEM=0
  -sALLOW_MEMORY_GROWTH=1 -sMAXIMUM_MEMORY=2GB -sSTACK_SIZE=1MB
  ${page_inlining}
  -sEXPORTED_RUNTIME_METHODS=UTF8ToString,stringToNewUTF8,stackSave,stackRestore
  -sEXPORTED_FUNCTIONS=_main,_malloc,_free,_late_text_missing
  -Wl,-Map=${PROJECT_BINARY_DIR}/page/mmscope.map)

# split/: the program in two files, what the first picture calls and the rest. wasm-split is a part of Binaryen, which
# Emscripten brings.
find_program(NODE_PROGRAM node REQUIRED NO_CMAKE_FIND_ROOT_PATH)
execute_process(COMMAND ${EMSCRIPTEN_ROOT_PATH}/em-config BINARYEN_ROOT
  OUTPUT_VARIABLE binaryen_root OUTPUT_STRIP_TRAILING_WHITESPACE)
find_program(WASM_SPLIT_PROGRAM wasm-split HINTS ${binaryen_root}/bin REQUIRED NO_CMAKE_FIND_ROOT_PATH)
file(GLOB_RECURSE scenario_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*)
set(chinese ${PROJECT_SOURCE_DIR}/shell/fonts/chinese.ttf)
set(split ${PROJECT_BINARY_DIR}/split)
add_custom_command(
  OUTPUT ${split}/mmscope.wasm
  COMMAND ${NODE_PROGRAM} ${PROJECT_SOURCE_DIR}/tools/split-page.mjs
    --wasm-split ${WASM_SPLIT_PROGRAM} --page ${PROJECT_BINARY_DIR}/page --objects ${PROJECT_BINARY_DIR}
    --scenarios ${PROJECT_SOURCE_DIR}/scenarios --chinese ${chinese} --out ${split}
  DEPENDS mmscope-web ${scenario_files} ${chinese}
    ${PROJECT_SOURCE_DIR}/tools/split-page.mjs ${PROJECT_SOURCE_DIR}/tools/stand-in-browser.mjs
    ${PROJECT_SOURCE_DIR}/tools/wasm-data.mjs ${PROJECT_SOURCE_DIR}/tools/wasm-objects.mjs
  VERBATIM)

# dist/: what is served. tools/dist.mjs copies, stamps the build id into the text files and writes the notices.
file(GLOB_RECURSE page_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/*)
set(dist ${PROJECT_BINARY_DIR}/dist)
add_custom_command(
  OUTPUT ${dist}/build.json
  COMMAND ${NODE_PROGRAM} ${PROJECT_SOURCE_DIR}/tools/dist.mjs
    --out ${dist} --version ${PROJECT_VERSION}
    --script ${PROJECT_BINARY_DIR}/page/mmscope.js --split ${split} --chinese ${chinese}
    --web ${PROJECT_SOURCE_DIR}/web --scenarios ${PROJECT_SOURCE_DIR}/scenarios
    --notice "Dear ImGui=${imgui_SOURCE_DIR}/LICENSE.txt"
    --notice "SDL=${sdl2_SOURCE_DIR}/LICENSE.txt"
    --notice "JSON for Modern C++=${PROJECT_SOURCE_DIR}/cmake/notices/nlohmann_json.txt"
    --notice "Emscripten and musl=${PROJECT_SOURCE_DIR}/cmake/notices/emscripten.txt"
    --notice "Inter and JetBrains Mono (subsets)=${PROJECT_SOURCE_DIR}/shell/fonts/LICENSE.txt"
    --notice "WenQuanYi Micro Hei (subset)=${PROJECT_SOURCE_DIR}/shell/fonts/LICENSE-chinese.txt"
  DEPENDS ${split}/mmscope.wasm ${page_files} ${scenario_files} ${chinese} ${PROJECT_SOURCE_DIR}/docs/ops.md
    ${PROJECT_SOURCE_DIR}/tools/dist.mjs ${PROJECT_SOURCE_DIR}/tools/copies.mjs ${PROJECT_SOURCE_DIR}/tools/find.mjs
    ${PROJECT_SOURCE_DIR}/shell/fonts/LICENSE.txt ${PROJECT_SOURCE_DIR}/shell/fonts/LICENSE-chinese.txt
    ${PROJECT_SOURCE_DIR}/LICENSE
  VERBATIM)
add_custom_target(dist ALL DEPENDS ${dist}/build.json)

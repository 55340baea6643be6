// The exported C functions: all that JavaScript can call besides the canvas's own callback. Texts are UTF-8; a reply
// is valid until the next call.
#include <emscripten.h>

#include "bridge/bridge.h"
#include "frame.h"
#include "views/views.h"

namespace shell {

Bridge& the_bridge() {
    static Bridge bridge(views());
    return bridge;
}

void tell_page() {
    EM_ASM({
        if (Module['onCanvas']) Module['onCanvas']();
    });
}

namespace {

const char* reply(std::string text) {
    Bridge& bridge = the_bridge();
    bridge.last_reply = std::move(text);
    return bridge.last_reply.c_str();
}

// For what changes the picture.
const char* reply_and_draw(std::string text) {
    request_frame();
    return reply(std::move(text));
}

} // namespace
} // namespace shell

using mm::u32;
using shell::reply;
using shell::reply_and_draw;
using shell::the_bridge;

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* mmscope_hello() { return reply(the_bridge().hello()); }

EMSCRIPTEN_KEEPALIVE void mmscope_add_machine(const char* name, const char* text) {
    the_bridge().add_machine(name, text);
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_load(const char* id, const char* text) {
    return reply_and_draw(the_bridge().load(id, text));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_load_any(const char* id, const char* text) {
    return reply_and_draw(the_bridge().load_any(id, text));
}

// 0: what load_any() has begun, 1: what seek(), seek_at() or move() has, 2: what sum() has, 3: what check() has.
EMSCRIPTEN_KEEPALIVE const char* mmscope_go_on(int what) {
    return reply_and_draw(the_bridge().go_on(static_cast<shell::LongWork>(what)));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_stop(int what) {
    return reply_and_draw(the_bridge().stop(static_cast<shell::LongWork>(what)));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_scenario() { return reply(the_bridge().scenario()); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_state() { return reply(the_bridge().state()); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_seek(u32 step, u32 event) {
    return reply_and_draw(the_bridge().seek(step, event));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_seek_at(const char* position) {
    return reply_and_draw(the_bridge().seek_at(position));
}

// shell::Motion, from 0.
EMSCRIPTEN_KEEPALIVE const char* mmscope_move(int motion) {
    return reply_and_draw(the_bridge().move(static_cast<shell::Motion>(motion)));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_choose(const char* request) {
    return reply_and_draw(the_bridge().choose(request));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_events(u32 first, u32 count) {
    return reply(the_bridge().events(first, count));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_ops(u32 first, u32 count) { return reply(the_bridge().ops(first, count)); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_steps(u32 first, u32 count) { return reply(the_bridge().steps(first, count)); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_program(u32 first, u32 count) {
    return reply(the_bridge().program(first, count));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_sum(u32 step) { return reply(the_bridge().sum(step)); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_answer(u32 op, const char* value) {
    return reply(the_bridge().answer(op, value));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_timeline(u32 first, u32 end, u32 buckets) {
    return reply(the_bridge().timeline(first, end, buckets));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_inspect() { return reply(the_bridge().inspect()); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_crumbs() { return reply(the_bridge().crumbs()); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_read_buddyinfo(const char* text) {
    return reply(the_bridge().read_buddyinfo(text));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_buddyinfo_scenario(const char* text) {
    return reply(the_bridge().buddyinfo_scenario(text));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_proc(const char* file) { return reply(the_bridge().proc(file)); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_find(const char* text) { return reply(the_bridge().find(text)); }

EMSCRIPTEN_KEEPALIVE const char* mmscope_what_is(const char* text, const char* level) {
    return reply(the_bridge().what_is(text, level));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_check() { return reply(the_bridge().check()); }
EMSCRIPTEN_KEEPALIVE const char* mmscope_mirror() { return reply(the_bridge().mirror()); }

// What it has drawn is not on the canvas: the next frame is.
EMSCRIPTEN_KEEPALIVE const char* mmscope_export_svg(const char* link) {
    return reply_and_draw(the_bridge().export_svg(link));
}

EMSCRIPTEN_KEEPALIVE const char* mmscope_describe() { return reply(the_bridge().describe()); }
}

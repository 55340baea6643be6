#pragma once
// What the page shows: one session, a selection and the choices of the person. The bridge (bridge.cpp) changes it when
// the page asks; views read it and ask for changes through ViewActions.
#include <memory>
#include <string>

#include "scenario/scenario.h"
#include "machine/narrate.h"
#include "machine/session.h"

namespace shell {

enum class Theme : mm::u8 { light, dark };

// What the person pointed at. Views show it; "what is this" panels of the page describe it.
struct Selection {
    enum class Kind : mm::u8 { none, pfn, zone, free_list, pcp_list, cache, object, address };
    Kind kind = Kind::none;
    mm::i64 value = 0;  // pfn, zone index, cache_id, physical address of an object, or the bits of a virtual address
    mm::i64 second = 0; // order or list index; of an address its space
    mm::i64 third = 0;  // migratetype or CPU
    friend bool operator==(const Selection&, const Selection&) = default;
};

struct App {
    mm::Scenario scenario;
    std::unique_ptr<mm::Session> session; // null until something is loaded
    mm::u32 session_number = 0;           // another one for each session; its address may be used again
    Selection selection;
    bool chosen = false;            // the person selected it: the scenario no longer does
    std::string view = "map";       // id of the open view
    std::string colour = "state";   // what colour means in the map: state, type, order, zone, age
    std::string layout = "z-order"; // of the map: z-order or linear
    Theme theme = Theme::light;
    mm::Language language = mm::Language::en;
    bool reduced_motion = false;
};

} // namespace shell

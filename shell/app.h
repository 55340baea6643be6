#pragma once
// What the page shows: one session, a selection and the choices of the person. The bridge (bridge/bridge.cpp) changes it when
// the page asks; views read it and ask for changes through ViewActions.
#include <memory>
#include <string>

#include "machine/facts/place.h"
#include "machine/narrate.h"
#include "machine/session.h"
#include "scenario/scenario.h"

namespace shell {

enum class Theme : mm::u8 { light, dark };

// What the person pointed at. Views show it; "what is this" panels of the page describe it.
using Selection = mm::Place;

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

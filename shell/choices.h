#pragma once
// What the person has chosen: what to see, how, and in which language.
#include <string>

#include "machine/facts/place.h"
#include "machine/phrase.h"

namespace shell {

enum class Theme : mm::u8 { light, dark };

// What the person pointed at. Views show it; "what is this" panels of the page describe it.
using Selection = mm::Place;

struct Choices {
    Selection selection;
    bool chosen = false;            // the person selected it: the scenario no longer does
    std::string view = "map";       // id of the open view
    std::string colour = "state";   // what colour means in the map: state, type, order, zone, age
    std::string layout = "z-order"; // of the map: z-order or linear
    Theme theme = Theme::light;
    mm::Language language = mm::Language::en;
    bool reduced_motion = false;
    bool asked = false; // a question is open: what would tell its answer is not shown
};

} // namespace shell

#include "recording/program_turns.h"

#include <iterator>

namespace mm {

namespace {

using Kind = RecordedVmaStep::Kind;

struct Turn {
    std::string_view scene;
    std::string_view line; // how the line begins, before which it happens
    u32 nth;               // such line of the scene
    Kind what;
};
constexpr Turn TURNS[] = {
    {"16 pages", "    40000000-40010000 ", 1, Kind::fill},
    {"16 pages", "-- child after fork", 1, Kind::fork},
    {"16 pages", "-- parent after the child wrote", 1, Kind::turn},
    {"16 pages", "-- child after the parent wrote", 1, Kind::turn},
    {"16 pages", "-- parent after the child exited", 1, Kind::exit},
    {"shared", "-- child", 1, Kind::fork},
    {"shared", "-- parent", 1, Kind::exit},
    {"minor faults of fork itself", "parent minflt+", 1, Kind::fork},
    {"minor faults of fork itself", "parent minflt+", 1, Kind::exit},
    {"zp", "  page child zp 4", 1, Kind::fork},
    {"zp", "  page parent zp ", 1, Kind::exit},
    {"THP and fork", "  access w ", 2, Kind::fork},
    {"THP and fork", "    60000000-60200000 ", 2, Kind::exit},
};

} // namespace

void ProgramTurns::begin_scene(std::string_view scene) {
    scene_ = scene;
    seen_.assign(std::size(TURNS), 0);
}

std::vector<Kind> ProgramTurns::before(std::string_view line) {
    std::vector<Kind> happens;
    for (std::size_t i = 0; i < std::size(TURNS) && !seen_.empty(); ++i) {
        const Turn& turn = TURNS[i];
        if (scene_ == turn.scene && line.starts_with(turn.line) && ++seen_[i] == turn.nth) happens.push_back(turn.what);
    }
    return happens;
}

} // namespace mm

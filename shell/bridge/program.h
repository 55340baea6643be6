#pragma once
// What the bridge keeps of the program listing (program.cpp).
#include <map>
#include <string>

#include "scenario/program_listing.h"

namespace shell {

struct ProgramTold {
    mm::ProgramListing listing;
    mm::Language language = mm::Language::en;
    std::map<mm::u32, std::string> results; // by op, in the language
};

} // namespace shell

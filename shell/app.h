#pragma once
// What the page shows: one session, and the choices of the person. It is the bridge's alone (bridge/bridge.h), which changes
// it when the page asks; a view gets the moment and the choices, and asks for changes through ViewActions.
#include <memory>

#include "choices.h"
#include "machine/session.h"
#include "scenario/scenario.h"

namespace shell {

struct App : Choices {
    mm::Scenario scenario;
    std::unique_ptr<mm::Session> session; // null until something is loaded
    mm::u32 session_number = 0;           // another one for each session; its address may be used again
};

} // namespace shell

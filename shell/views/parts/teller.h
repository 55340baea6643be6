#pragma once
// Says phrases in the language of the person.
#include "machine/phrase.h"

namespace shell {

using mm::Phrase;

struct Teller {
    bool chinese = false;
    [[nodiscard]] const char* say(const Phrase& phrase) const { return chinese ? phrase.zh : phrase.en; }
};

} // namespace shell

// Any bytes as a program of several processes: an access gets the byte or the signal that a flat model says, and after each
// step every invariant of processes holds.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "fuzz/bytes.h"
#include "process/random_program.h"

namespace {

using namespace mm;

RandomProgram::Settings settings_of(Bytes& bytes) {
    constexpr kernel_version KERNELS[] = {kernel_version::v6_1, kernel_version::v5_10, kernel_version::v6_12};
    RandomProgram::Settings settings;
    settings.kernel = KERNELS[bytes.within(0, std::ssize(KERNELS) - 1)];
    settings.hafdbs = static_cast<hardware_update>(bytes.within(0, 2));
    settings.thp = bytes.within(0, 3) == 0;
    settings.mib = settings.thp ? 128 : 16;
    return settings;
}

void stop_at(const std::string& fault, const std::string& step) {
    if (fault.empty()) return;
    std::fprintf(stderr, "after %s: %s\n", step.c_str(), fault.c_str());
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    const RandomProgram::Settings settings = settings_of(bytes);
    RandomProgram program(settings, [&](u32 bound) { return static_cast<u32>(bytes.within(0, i64{bound} - 1)); });
    while (!bytes.empty()) stop_at(program.turn(), program.last_step());
    stop_at(program.end(), program.last_step());
    return 0;
}

#pragma once
// The headless command: `mmscope COMMAND ...`. One row of commands() a command; main.cpp only hands the words over.
//
//   mmscope run FILE    mmscope check FILE...    mmscope ops    mmscope schema    mmscope oracle DIR    ...
//
// Success is quiet. What a command was asked for goes to Console::out, everything else to Console::err. Both go through
// shown_text(): titles, names and messages hold text out of files, which may not steer the terminal.
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shown_text.h"
#include "cli/arguments.h"

namespace cli {

inline constexpr std::string_view VERSION = "0.1.0";

// Exit codes, the same for every command.
inline constexpr int EXIT_OK = 0;
inline constexpr int EXIT_CHECK_FAILED = 1; // the input was read, and something in it does not hold
inline constexpr int EXIT_BAD_USAGE = 2;    // the command line itself
inline constexpr int EXIT_BAD_INPUT = 3;    // a file that cannot be read or does not load
inline constexpr int EXIT_NOT_WRITTEN = 4;  // not all of the output could be written

struct Console {
    std::FILE* out = stdout;
    std::FILE* err = stderr;

    void print(std::string_view text) const { write(mm::shown_text(text), out); }
    void complain(std::string_view text) const { write(mm::shown_text(text), err); }
    // One sentence as one line, whatever words of others it holds: a line feed in them is written as "\u000a".
    void complain_line(std::string_view sentence) const { complain(one_line(sentence) + "\n"); }

    [[nodiscard]] static std::string one_line(std::string_view text) {
        return mm::quotable(text, std::string_view::npos);
    }

  private:
    static void write(const std::string& text, std::FILE* file) { std::fwrite(text.data(), 1, text.size(), file); }
};

struct Command {
    std::string_view name;
    std::string_view arguments; // "FILE [--until N]"
    std::string_view summary;   // one line
    std::string_view details;   // the rest of `mmscope help NAME`; may be empty. "{proc}" stands for what --proc takes
    int (*run)(Arguments& arguments, const Console& console);
};

[[nodiscard]] std::span<const Command> commands();

// "buddyinfo, zoneinfo or slabinfo"
[[nodiscard]] std::string either(std::span<const std::string_view> names);

// Runs what the words after the program's name ask for; returns the exit code.
int run_command_line(std::span<const std::string> words, const Console& console);

int run_command(Arguments& arguments, const Console& console);
int check_command(Arguments& arguments, const Console& console);
int ops_command(Arguments& arguments, const Console& console);
int schema_command(Arguments& arguments, const Console& console);
int oracle_command(Arguments& arguments, const Console& console);
int machine_command(Arguments& arguments, const Console& console);
int read_command(Arguments& arguments, const Console& console);
int address_command(Arguments& arguments, const Console& console);

} // namespace cli

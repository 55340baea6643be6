// The list of commands, their help, and the dispatch.
#include <algorithm>

#include "cli/commands.h"
#include "machine/kernel_log.h"
#include "machine/proc_files.h"

namespace cli {

namespace {

constexpr std::string_view EXIT_CODES =
    "Exit codes: 0 done, 1 a check failed, 2 the command line is wrong, 3 a file cannot be read or does not load,\n"
    "4 the output cannot be written.\n";

int help_command(Arguments& arguments, const Console& console);
int version_command(Arguments& arguments, const Console& console);

constexpr Command rows[] = {
    {"run",
     "FILE [--at POSITION | --until N] [--events] [--lang en|zh] [--proc NAME]... [--trace | --listing | --json]",
     "runs a scenario and prints its ops with what they returned",
     "  --at POSITION stops there: 4 when step 4 is done, 4.17 after its 17th op, 4.17.3 at event 3 of that op;\n"
     "                links have it as at=4.17.3\n"
     "  --until N     stops after N ops\n"
     "  --events      adds each event in words\n"
     "  --lang zh     words in Chinese\n"
     "  --proc NAME   {proc}\n"
     "  --trace       prints the kernel's trace lines instead, for events that have a tracepoint\n"
     "  --listing     prints the ops of processes as a program in C instead, a line a written step\n"
     "  --json        prints one JSON object instead; --events and --proc add to it\n"
     "FILE may be - for standard input. Machines that the scenario names are looked for in machines/ beside FILE, in\n"
     "../machines, in $MMSCOPE_SCENARIOS/machines and in scenarios/machines of the current folder.\n",
     run_command},
    {"check", "FILE... [--hash | --presses]",
     "runs scenarios and checks their expectations, invariants and time travel",
     "Quiet when all holds. --hash prints the canonical hash of each machine at the end, as HASH  FILE. --presses\n"
     "runs nothing and prints how many written steps, that is presses of next, and ops each file has, as STEPS  OPS  "
     "FILE.\n"
     "A file that does not load ends with exit code 3, after the others were checked.\n",
     check_command},
    {"ops", "[--markdown | --json]", "lists the ops that a step may ask for", "", ops_command},
    {"schema", "", "prints the JSON Schema of the scenario format", "", schema_command},
    {"oracle", "[DIR] [--table | --json] [--differences N]",
     "compares the engine with recordings of real kernels, fact by fact",
     "  --table          prints the conformance table as Markdown instead, --json as JSON\n"
     "  --differences N  prints up to N differences of each file, not only the first\n"
     "DIR is a folder of recorded machines, or one of them; without it tests/oracle. Files may be packed with gzip.\n"
     "known-differences.json in DIR or above it, else in tests/oracle, lists what is expected to differ, each with its "
     "reason.\n"
     "Exit code 1 when anything else differs, when a file cannot be read, and when a row for tests/oracle excuses "
     "nothing.\n",
     oracle_command},
    {"machine", "DIR [--script FILE] [--dump N] [--name NAME] [--title-en TEXT] [--title-zh TEXT]",
     "prints the machine file of a recorded machine, with the state of a full dump",
     "  --script FILE    the recording in DIR that has the dump; without it mod-00-state.txt. none: no state, only "
     "the\n"
     "                   memory regions and settings, so that the machine boots\n"
     "  --dump N         which dump of it, from 1; without it the first\n"
     "  --name NAME      the name of the machine; without it that of the folder\n",
     machine_command},
    {"read", "buddyinfo FILE [--json | --machine FILE]",
     "reads /proc/buddyinfo of any machine and says how broken up its free memory is",
     "By order: the free blocks, the part of the free memory that cannot serve the order (unusable), and the\n"
     "fragmentation index, towards 0.000 for lack of memory, towards 1.000 because it is broken up, -1.000 when a\n"
     "request would not fail; as /sys/kernel/debug/extfrag computes them.\n"
     "  --json          prints the same as JSON\n"
     "  --machine FILE  prints a machine file instead: the machine of FILE with these numbers of free blocks\n"
     "FILE may be - for standard input.\n",
     read_command},
    {"address",
     "NUMBER [--level NAME] [--kernel VERSION] [--page-size N] [--va-bits N]\n"
     "                       [--cpu-bits N] [--arch NAME] [--phys-offset HEX]",
     "takes an address, or an entry of a page table, apart",
     "NUMBER is in hex. A number that is no address, and any number with --level, is read as an entry.\n"
     "For i386 it may be a logical address, SELECTOR:OFFSET, which goes through Linux's GDT first.\n"
     "  --level NAME       the table that the entry stands in: pte, pmd, pud, p4d or pgd; without it pte\n"
     "  --kernel VERSION   a release from 4.3 to 6.12; without it 6.1. Entries are read as it has them, addresses\n"
     "                     by the nearest layout that is known: of 4.19, 5.10, 6.1 or 6.12\n"
     "  --arch NAME        arm64, i386 or i386-pae; without it arm64\n"
     "  --page-size N      4096, 16384 or 65536; without it 4096\n"
     "  --va-bits N        bits of addresses that the kernel is built for; without it 48 (6.12: 52)\n"
     "  --cpu-bits N       bits that the CPU has, where it has fewer; 6.12: without it 48\n"
     "  --phys-offset HEX  physical address of the start of the linear map; without it 40000000\n",
     address_command},
    {"help", "[COMMAND]", "tells about a command", "", help_command},
    {"version", "", "prints the version", "", version_command},
};

// The words of --proc, in lines that begin behind its name.
std::string proc_help() {
    constexpr std::size_t INDENT = 16, WIDTH = 110;
    std::string text = "prints /proc/NAME at the end instead: " + either(mm::proc_file_names()) + "; " +
                       std::string(mm::KERNEL_LOG) +
                       " for what the kernel has printed: bad pages, damaged objects, leaks";
    for (std::size_t line = 0; text.size() - line > WIDTH - INDENT;) {
        const std::size_t blank = text.rfind(' ', line + WIDTH - INDENT);
        text.replace(blank, 1, "\n" + std::string(INDENT, ' '));
        line = blank + 1 + INDENT;
    }
    return text;
}

std::string details_of(const Command& command) {
    std::string text(command.details);
    constexpr std::string_view FILES = "{proc}";
    if (const std::size_t at = text.find(FILES); at != std::string::npos) text.replace(at, FILES.size(), proc_help());
    return text;
}

std::string usage(const Command& command) {
    std::string line = "mmscope " + std::string(command.name);
    if (!command.arguments.empty()) line += " " + std::string(command.arguments);
    return line;
}

const Command* find_command(std::string_view name) {
    const auto found =
        std::find_if(std::begin(rows), std::end(rows), [&](const Command& row) { return row.name == name; });
    return found == std::end(rows) ? nullptr : found;
}

std::string overview() {
    std::string out = "mmscope: steps through the page allocator of Linux\n\n";
    for (const Command& row : rows) out += "  " + usage(row) + "\n        " + std::string(row.summary) + "\n";
    return out + "\n" + std::string(EXIT_CODES);
}

int unknown_command(std::string_view name, const Console& console) {
    console.complain_line("mmscope: there is no command \"" + std::string(name) + "\"; see mmscope help");
    return EXIT_BAD_USAGE;
}

int help_command(Arguments& arguments, const Console& console) {
    const std::vector<std::string> names = arguments.take_rest();
    if (names.size() > 1) arguments.fail("expected one command");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    if (names.empty()) {
        console.print(overview());
        return EXIT_OK;
    }
    const Command* command = find_command(names.front());
    if (!command) return unknown_command(names.front(), console);
    console.print("usage: " + usage(*command) + "\n" + std::string(command->summary) + "\n\n" + details_of(*command) +
                  (command->details.empty() ? "" : "\n") + std::string(EXIT_CODES));
    return EXIT_OK;
}

int version_command(Arguments& arguments, const Console& console) {
    if (!arguments.take_rest().empty()) arguments.fail("version takes no arguments");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    console.print("mmscope " + std::string(VERSION) + ", scenario format mmscope/1\n");
    return EXIT_OK;
}

int run_words(std::span<const std::string> words, const Console& console) {
    if (words.empty()) {
        console.complain(overview());
        return EXIT_BAD_USAGE;
    }
    const std::string_view name = words[0] == "--help" || words[0] == "-h" ? "help"
                                  : words[0] == "--version"                ? "version"
                                                                           : std::string_view(words[0]);
    const Command* command = find_command(name);
    if (!command) return unknown_command(name, console);
    Arguments arguments(words.subspan(1));
    if (name != "help" && arguments.take_flag("--help")) {
        const std::vector<std::string> of_command{std::string(name)};
        Arguments about(of_command);
        return help_command(about, console);
    }
    const int code = command->run(arguments, console);
    if (!arguments.error().empty()) {
        console.complain_line("mmscope " + std::string(name) + ": " + arguments.error());
        console.complain("usage: " + usage(*command) + "\n");
    }
    return code;
}

} // namespace

std::span<const Command> commands() { return rows; }

std::string either(std::span<const std::string_view> names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 < names.size() ? ", " : " or ") + std::string(names[i]);
    return text;
}

int run_command_line(std::span<const std::string> words, const Console& console) {
    const int code = run_words(words, console);
    // What is buffered may fail as late as here: a full disk, a closed pipe.
    if (std::fflush(console.out) == 0 && std::ferror(console.out) == 0) return code;
    console.complain("mmscope: the output cannot be written\n");
    return EXIT_NOT_WRITTEN;
}

} // namespace cli

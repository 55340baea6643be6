// ops and schema: what is derived from the op table.
#include "scenario/reference.h"

#include "cli/commands.h"
#include "scenario/scenario.h"

namespace cli {

int ops_command(Arguments& arguments, const Console& console) {
    const bool markdown = arguments.take_flag("--markdown");
    const bool json = arguments.take_flag("--json");
    if (markdown && json) arguments.fail("--markdown and --json exclude each other");
    if (!arguments.take_rest().empty()) arguments.fail("ops takes no files");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    console.print(markdown ? mm::op_reference() : json ? mm::op_list_json() : mm::op_list_text());
    return EXIT_OK;
}

int schema_command(Arguments& arguments, const Console& console) {
    if (!arguments.take_rest().empty()) arguments.fail("schema takes no arguments");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    console.print(mm::scenario_schema());
    return EXIT_OK;
}

} // namespace cli

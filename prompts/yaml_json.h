// A YAML value as JSON text, for what a job passes on to a server as it is (`extra_body:`).
//
// What looks like JSON is JSON: null, true, false and numbers that are written as JSON writes them. All other
// text is a string, and so is whatever stands in quotes ("5"). Maps and lists may be nested. Keys are sorted,
// so that their order in the file changes no request key.
#pragma once

#include <string>

#include "prompts/yaml_tree.h"

namespace prompts {

std::string json_of(const YamlNode& node);

}  // namespace prompts

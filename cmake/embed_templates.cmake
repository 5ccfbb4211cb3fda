# Writes OUT, a C++ file with the text of each template NAMES in DIR (see prompts/renderer.cc).
set(text "// Made by cmake/embed_templates.cmake from prompts/templates/.\n#include \"prompts/embedded_templates.h\"\n\nnamespace prompts {\n\nconst EmbeddedTemplate kEmbeddedTemplates[] = {\n")
foreach(name IN LISTS NAMES)
  file(READ "${DIR}/${name}.mustache" body)
  string(APPEND text "    {\"${name}\", R\"template(${body})template\"},\n")
endforeach()
string(APPEND text "};\n\nconst std::size_t kEmbeddedTemplateCount = sizeof(kEmbeddedTemplates) / sizeof(kEmbeddedTemplates[0]);\n\n}  // namespace prompts\n")
file(WRITE "${OUT}" "${text}")

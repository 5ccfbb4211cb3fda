# Writes OUT, a C++ file that defines `const base::EmbeddedFile NAMESPACE::kEmbeddedFiles[]` (declared in
# HEADER) with the text of each of NAMES, paths below DIR.
set(text "// Made by cmake/embed_files.cmake.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nconst base::EmbeddedFile kEmbeddedFiles[] = {\n")
foreach(name IN LISTS NAMES)
  file(READ "${DIR}/${name}" body)
  string(APPEND text "    {\"${name}\", R\"embedded(${body})embedded\"},\n")
endforeach()
string(APPEND text "};\n\nconst std::size_t kEmbeddedFileCount = sizeof(kEmbeddedFiles) / sizeof(kEmbeddedFiles[0]);\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE "${OUT}" "${text}")

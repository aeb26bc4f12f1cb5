# Embeds migrations/sqlite/NNN_*.sql into apbfarm-storage.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/migrations/sqlite/*.sql)
list(SORT scripts)
set(entries "")
foreach(script ${scripts})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script})
  get_filename_component(name ${script} NAME)
  string(REGEX REPLACE "^0*([0-9]+)_.*" "\\1" version ${name})
  file(READ ${script} text)
  string(APPEND entries "    {${version}, R\"sql(${text})sql\"},\n")
endforeach()
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated/sqlite_migrations.cpp)
file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT "// Generated from core/src/storage/migrations/sqlite.
#include \"storage/migrations.h\"

namespace apbfarm::storage {

std::span<const Migration> sqliteMigrations()
{
    static constexpr Migration kMigrations[] = {
@entries@    };
    return kMigrations;
}

} // namespace apbfarm::storage
")
target_sources(apbfarm-storage PRIVATE ${generated})

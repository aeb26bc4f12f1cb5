# The farm's core a second time, single-threaded in virtual time: its own sources under another namespace, with what
# stands in seam/ in place of threads, locks, sockets and files.
find_package(Boost 1.74 REQUIRED COMPONENTS context)
set(core ${PROJECT_SOURCE_DIR}/core/src)
file(GLOB real CONFIGURE_DEPENDS ${core}/dispatch/*.cpp ${core}/storage/*.cpp)
list(APPEND real ${core}/life/build_life.cpp ${core}/service/build_ledger.cpp ${core}/service/build_queue.cpp
     ${core}/fleet/fleet.cpp ${core}/fleet/server_health.cpp ${core}/util/json_reader.cpp ${core}/util/text.cpp
     ${core}/util/json_writer.cpp ${core}/util/durable_file.cpp ${core}/util/secrets.cpp)
file(GLOB world CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/world/*.cpp)
add_library(proof-simulation STATIC ${real} ${world} ${PROJECT_BINARY_DIR}/core/generated/sqlite_migrations.cpp)

# The one lock that is held while the farm waits for its disk.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${core}/service/build_ledger.h)
file(READ ${core}/service/build_ledger.h ledger)
string(REPLACE "std::mutex turn;" "sim::Turn turn;" simulated "${ledger}")
if(simulated STREQUAL ledger)
  message(FATAL_ERROR "core/src/service/build_ledger.h has no lock named turn any more; see tests/proofs/sim/simulation.cmake")
endif()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/seam/service/build_ledger.h @ONLY CONTENT "${simulated}")

target_compile_definitions(proof-simulation PRIVATE apbfarm=apbfarm_simulated)
# Every step of a life passes world/seams.cpp, which counts it.
set_source_files_properties(${core}/life/build_life.cpp PROPERTIES COMPILE_DEFINITIONS apply=applied)
target_include_directories(proof-simulation PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/seam ${CMAKE_CURRENT_LIST_DIR}/seam
  ${PROJECT_SOURCE_DIR}/tests ${core} ${PROJECT_SOURCE_DIR}/core/include)
target_link_libraries(proof-simulation PRIVATE Boost::context Poco::JSON Poco::Data Poco::DataSQLite SQLite::SQLite3
  OpenSSL::Crypto Threads::Threads)
target_link_libraries(prove PRIVATE proof-simulation)

# apb_farm_add_plugin(<kind-name> SOURCES <file>... [NO_INSTALL])
#
# A plugin library for apb-farm: <kind-name>.so without a `lib` prefix, hidden symbols, nothing left undefined, and
# never unmapped once loaded, so that nothing born in it can point at nothing.
function(apb_farm_add_plugin name)
  cmake_parse_arguments(PLUGIN "NO_INSTALL" "" "SOURCES" ${ARGN})
  add_library(${name} MODULE ${PLUGIN_SOURCES})
  target_link_libraries(${name} PRIVATE ApbFarm::Sdk)
  target_link_options(${name} PRIVATE -Wl,-z,nodelete -Wl,--no-undefined)
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  if(DEFINED APB_FARM_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${APB_FARM_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
  if(PLUGIN_NO_INSTALL)
    return()
  endif()
  if(NOT DEFINED APB_FARM_PLUGIN_INSTALL_DIR)
    set(APB_FARM_PLUGIN_INSTALL_DIR "${CMAKE_INSTALL_LIBDIR}/apb-farm/plugins")
  endif()
  install(TARGETS ${name} LIBRARY DESTINATION "${APB_FARM_PLUGIN_INSTALL_DIR}")
endfunction()

# apb_farm_add_plugin_test(<kind-name> SOURCES <file>...)
#
# A program that ctest runs with two arguments: the file of that plugin and the folder of the farm's own plugins.
# <apbfarm/conformance/...> has what it should check.
function(apb_farm_add_plugin_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES" ${ARGN})
  add_executable(${name}-test ${TEST_SOURCES})
  target_link_libraries(${name}-test PRIVATE ApbFarm::Sdk ${CMAKE_DL_LIBS})
  set_target_properties(${name}-test PROPERTIES
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF
    ENABLE_EXPORTS ON)
  add_dependencies(${name}-test ${name})
  add_test(NAME ${name} COMMAND ${name}-test $<TARGET_FILE:${name}> ${APB_FARM_BUNDLED_PLUGIN_DIR})
endfunction()

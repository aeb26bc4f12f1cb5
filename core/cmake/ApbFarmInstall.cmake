# The farm as it runs: daemon, pages, an example of its settings. Plugins install themselves.
install(TARGETS apb-farm RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/web/templates ${PROJECT_SOURCE_DIR}/web/static
  DESTINATION ${CMAKE_INSTALL_DATADIR}/apb-farm/web)
install(FILES ${PROJECT_SOURCE_DIR}/etc/apb-farm.properties DESTINATION ${CMAKE_INSTALL_DATADIR}/apb-farm)

# What authors of plugins find with find_package(ApbFarm): headers, the target ApbFarm::Sdk, apb_farm_add_plugin().
set(APB_FARM_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/ApbFarm")

install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/apbfarm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h")
install(TARGETS apbfarm-sdk EXPORT ApbFarmTargets)
install(EXPORT ApbFarmTargets NAMESPACE ApbFarm:: DESTINATION ${APB_FARM_CMAKE_DIR})

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ApbFarmConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/ApbFarmConfig.cmake
  INSTALL_DESTINATION ${APB_FARM_CMAKE_DIR})
# Whether a plugin really fits is decided by its manifest when it is loaded; this only keeps majors apart.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ApbFarmConfigVersion.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/ApbFarmConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/ApbFarmConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/ApbFarmPlugin.cmake
  DESTINATION ${APB_FARM_CMAKE_DIR})

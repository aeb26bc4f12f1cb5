// SPDX-License-Identifier: MIT
#pragma once

#include <apbfarm/http.h>

/// What the API description says about each route beside its table entry.
namespace apbfarm::api::notes {

RouteNotes submitBuild();
RouteNotes buildStatus();
RouteNotes buildStatusPage();
RouteNotes cancelBuild();
RouteNotes releaseBuild();
RouteNotes buildOutput();
RouteNotes buildStream();
RouteNotes buildDownload();
RouteNotes latestBuilds();
RouteNotes packageBuilds();
RouteNotes latestOfPackage(bool ofArchitecture);
RouteNotes latestByArchitecture();
RouteNotes myBuilds();

RouteNotes logIn();
RouteNotes logOut();
RouteNotes logOutByAddress();
RouteNotes me();
RouteNotes accounts();
RouteNotes newAccount();
RouteNotes deleteAccount();
RouteNotes accountRole();
RouteNotes accountEmail(bool own);
RouteNotes accountNotifications(bool own);
RouteNotes revokeTokens();
RouteNotes accountBuilds();
RouteNotes changePassword();

RouteNotes health();
RouteNotes farm();
RouteNotes ready();
RouteNotes tasks();
RouteNotes audit();
RouteNotes auditExport();
RouteNotes metrics();
RouteNotes apiDescription();
RouteNotes file(std::string contentType);

RouteNotes cache();
RouteNotes cacheCleanup();
RouteNotes repositories();
RouteNotes newRepository();
RouteNotes changedRepository();
RouteNotes removedRepository();

RouteNotes page();
RouteNotes dashboardPage();
RouteNotes buildsPage();
RouteNotes buildsFragment();
RouteNotes packagesPage();
RouteNotes packageBadge();
RouteNotes feed();
RouteNotes changes();
RouteNotes logInPage();
RouteNotes logInForm();
/// The answer leads to another page.
RouteNotes redirection();

RouteNotes rebuild();
RouteNotes logOutline();
RouteNotes logSearch();
RouteNotes compressedLog();
RouteNotes statisticsPage();
RouteNotes auditPage();
RouteNotes ownPage();
RouteNotes submitPreview();
RouteNotes endSession();
RouteNotes serverAction();
RouteNotes serverNote();

} // namespace apbfarm::api::notes

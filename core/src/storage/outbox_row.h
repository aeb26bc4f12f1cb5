// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <apbfarm/model.h>

namespace apbfarm::storage {

/// Puts it into the outbox, due at once. A notification that is there already stays as it is.
void insertNotification(Connection& connection, const Notification& notification);

/// From columns id, kind, recipient_name, recipient_email, subject, body, facts, created_at, attempts.
Notification readNotification(const Statement& row);

} // namespace apbfarm::storage

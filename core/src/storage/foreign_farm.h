// SPDX-License-Identifier: MIT
#pragma once

#include "storage/sql_connection.h"

#include <span>
#include <string>

namespace apbfarm::storage {

struct Migration;

/// Throws `Unavailable` ("storage_damaged", "not_a_farm") when the database is damaged or holds tables, but not those of
/// a farm. `name` is for the sentence. Changes nothing.
void refuseUnusable(Connection& connection, const std::string& name);

/// Adds to the tables of an existing farm the columns that the schema of `first` has and they lack. Existing farms
/// added columns over time and in different orders.
void completeForeignTables(Connection& connection, const Migration& first);

/// Takes over rows that an existing farm wrote, recognised by their missing `state`: times in text become numbers,
/// references to nobody are cut, states follow from the status words. Builds that wait but whose package is gone (an
/// existing farm keeps it in memory only) end as failed and say why.
void adoptForeignRows(Connection& connection, Timestamp now);

} // namespace apbfarm::storage

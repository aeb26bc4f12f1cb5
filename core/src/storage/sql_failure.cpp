// SPDX-License-Identifier: MIT
#include "storage/sql_failure.h"

#include <apbfarm/errors.h>

namespace apbfarm::storage {

namespace {

std::exception_ptr translate(const SqlFailure& failure)
{
    const std::string what = failure.what();
    switch (failure.kind()) {
    case SqlFailure::Kind::Constraint:
        return std::make_exception_ptr(Conflict("The database refused it: " + what, "storage_conflict"));
    case SqlFailure::Kind::Full:
        return std::make_exception_ptr(StorageFull("The disk of the farm's database is full"));
    case SqlFailure::Kind::Statement:
        return std::make_exception_ptr(InvalidInput("The database did not understand: " + what, "invalid_statement"));
    case SqlFailure::Kind::Broken:
    case SqlFailure::Kind::Passing: break;
    }
    return std::make_exception_ptr(Unavailable("The database failed: " + what, "storage_failed"));
}

} // namespace

std::exception_ptr asSdkError(std::exception_ptr error)
{
    try {
        std::rethrow_exception(error);
    } catch (const SqlFailure& failure) {
        return translate(failure);
    } catch (...) {
        return error;
    }
}

} // namespace apbfarm::storage

#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""lint.py DOCUMENT: checks an OpenAPI 3.1 document. Prints what is wrong, one line each; exit code 1 if anything is.

The document must fit the published schema (openapi-3.1-schema.json beside this file); every schema in it must be one of
JSON Schema 2020-12; and what neither can say: references lead somewhere, ids are unique, paths and parameters agree."""
import json
import pathlib
import re
import sys

import jsonschema

METHODS = ("get", "put", "post", "delete", "head", "options", "patch", "trace")


def schema_errors(document):
    schema = json.loads((pathlib.Path(__file__).parent / "openapi-3.1-schema.json").read_text())
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def walk(node, path=""):
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from walk(child, f"{path}/{str(key).replace('~', '~0').replace('/', '~1')}")


def resolve(document, reference):
    node = document
    for key in reference.removeprefix("#/").split("/"):
        node = node.get(key) if isinstance(node, dict) else None
    return node


def inner_errors(document):
    for path, node in walk(document):
        if not isinstance(node, dict):
            continue
        if "$ref" in node and resolve(document, node["$ref"]) is None:
            yield f"{path}: {node['$ref']} leads nowhere"
        schemas = [node["schema"]] if "schema" in node else []
        if path == "/components/schemas":
            schemas += node.values()
        for schema in schemas:
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                yield f"{path}: {error.message[:200]}"


def operation_errors(document):
    ids, tags = set(), {tag["name"] for tag in document.get("tags", [])}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation, place = item[method], f"{method.upper()} {path}"
            if operation.get("operationId") in ids or not operation.get("operationId"):
                yield f"{place}: operationId is absent or used twice"
            ids.add(operation.get("operationId"))
            if not operation.get("summary"):
                yield f"{place}: no summary"
            if not operation.get("tags") or not set(operation["tags"]) <= tags:
                yield f"{place}: no tag, or one that is not declared"
            if not any(code.startswith(("2", "3")) for code in operation["responses"]):
                yield f"{place}: no answer for success"
            named = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
            if named != set(re.findall(r"{([^}]+)}", path)):
                yield f"{place}: the path's parameters are not those that are described"
            keys = [(p["in"], p["name"]) for p in operation.get("parameters", [])]
            if len(keys) != len(set(keys)):
                yield f"{place}: a parameter is described twice"


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text())
    errors = [*schema_errors(document), *inner_errors(document), *operation_errors(document)]
    print("\n".join(errors) if errors else "The document is fine.")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())

"""Readers of HCL, of nginx's files and of Postgres's SQL, for tests/edit_readers: python-hcl2, crossplane (by nginx's
authors) and pglast (the server's own parser).

Answers each line {"format": …, "text": …} of standard input with a line: what the text says, in the shape that trueup's
own documents have, or null where the reader refuses it. Scalars carry their type before a colon. The first line says
which formats there are readers of.
"""

import json
import os
import re
import sys
import tempfile


class Unique(dict):
    """A map; what stands more than once gets a number from the second on."""

    def put(self, key, value):
        name, count = key, 1
        while name in self:
            count += 1
            name = f"{key}#{count}"
        self[name] = value


# -- HCL

def hcl(text):
    import hcl2.api
    from lark.exceptions import LarkError

    try:
        body = hcl2.api.parses_to_tree(text.removeprefix("\ufeff")).children[0]
    except LarkError:
        return None
    blocks, attributes = [], Unique()
    for child in parts(body):
        if child.data == "attribute":
            attributes.put(name_of(child.children[0]), value_of(child.children[2]))
        else:
            kind, labels, inner = block_of(child)
            item = Unique()
            if labels:
                item.put(kind, "s:" + labels[0])
            else:
                item.put("kind", "s:" + kind)
            item.put(labels[1] if len(labels) > 1 else "body", body_of(inner))
            item.put("(labels)", labels[2:])
            blocks.append(item)
    return {"blocks": blocks, "(attributes)": attributes}


def parts(body):
    return [child for child in body.children if child.data in ("attribute", "block")]


def block_of(block):
    """Kind, labels and body."""
    head = [child for child in block.children if hasattr(child, "data")]
    names = [name_of(child) for child in head if child.data not in ("body", "new_line_or_comment")]
    return names[0], names[1:], next(child for child in head if child.data == "body")


def body_of(body):
    """Attributes as they are; blocks of one kind that follow each other are a list."""
    found, run = Unique(), None
    for child in parts(body):
        if child.data == "attribute":
            run = None
            found.put(name_of(child.children[0]), value_of(child.children[2]))
            continue
        kind, labels, inner = block_of(child)
        if run is None or run[0] != kind:
            run = (kind, [])
            found.put(kind, run[1])
        item = Unique(body_of(inner))
        if labels:
            item.put("(labels)", labels)
        run[1].append(item)
    return found


def name_of(node):
    """A name, or the text between quotes; an expression as it is written where it is neither."""
    if node.data == "string":
        return unescaped(written(node)[1:-1])
    return written(node)


def value_of(node):
    inner = node
    while inner.data == "expr_term" and len(inner.children) == 1:
        inner = inner.children[0]
    if inner.data == "int_lit":
        return "i:" + written(inner)
    if inner.data == "unary_op" and written(inner)[1:].replace(".", "", 1).isdigit():
        return ("f:" if "." in written(inner) else "i:") + written(inner)
    if inner.data == "float_lit":
        return "f:" + written(inner)
    if inner.data == "literal_value":
        return ("n:" if written(inner) == "null" else "b:") + written(inner).replace("null", "")
    if inner.data == "string" and all(plain(part) for part in inner.children[1:-1]):
        return "s:" + unescaped(written(inner)[1:-1])
    if inner.data == "tuple":
        return [value_of(child) for child in expressions(inner)]
    if inner.data == "object":
        elements = [child for child in inner.children if hasattr(child, "data") and child.data == "object_elem"]
        keys = [element.children[0].children[0] for element in elements]
        while any(key.data == "expr_term" and len(key.children) == 1 for key in keys):
            keys = [key.children[0] if key.data == "expr_term" and len(key.children) == 1 else key for key in keys]
        if all(key.data in ("identifier", "keyword", "literal_value", "string") for key in keys):
            found = Unique()
            for key, element in zip(keys, elements):
                found.put(name_of(key), value_of(element.children[2]))
            return found
    return "e:" + written(node)


def plain(part):
    """Whether a part of a string is nothing but text."""
    return hasattr(part.children[0], "type")


def expressions(tuple_):
    return [child for child in tuple_.children if hasattr(child, "data") and child.data != "new_line_or_comment"]


def written(node):
    """The tokens of an expression, without comments and line ends between them."""
    if not hasattr(node, "data"):
        return str(node)
    return "".join(written(child) for child in node.children if getattr(child, "data", "") != "new_line_or_comment")


def unescaped(text):
    found, chars = "", iter(text.replace("$${", "${").replace("%%{", "%{"))
    for char in chars:
        if char == "\\":
            char = next(chars, "")
            char = {"n": "\n", "r": "\r", "t": "\t"}.get(char, char)
        found += char
    return found


# -- nginx

def nginx(text):
    import crossplane

    # its lexer takes files only, and wants a line end behind a comment
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", delete=False) as file:
        file.write(text.removeprefix("\ufeff") + "\n")
    try:
        read = crossplane.parse(file.name, single=True, check_ctx=False, check_args=False)
    finally:
        os.unlink(file.name)
    if read["status"] != "ok":
        return None
    return directives(read["config"][0]["parsed"])


def directives(found):
    block = Unique()
    for directive in found:
        if directive["directive"] == "#":
            continue
        name, arguments = directive["directive"], [without_escapes(argument) for argument in directive["args"]]
        if "block" in directive:
            if name == "if":
                arguments = ["(" + " ".join(arguments) + ")"]
            block.put(" ".join([name, *arguments]), directives(directive["block"]))
        elif len(arguments) == 1:
            block.put(name, "s:" + arguments[0])
        else:
            block.put(name, ["s:" + argument for argument in arguments])
    return block


def without_escapes(argument):
    """As nginx keeps it (ngx_conf_read_token); crossplane takes a backslash away before the quote only."""
    return re.sub(r"\\(.)", lambda found: {"\\": "\\", "'": "'", '"': '"'}.get(found[1], found[0]), argument)


# -- SQL of Postgres

def sql(text):
    from pglast.parser import ParseError, parse_sql_json

    text = text.removeprefix("\ufeff")
    try:
        read = json.loads(parse_sql_json(text))
    except ParseError:
        return None
    source = text.encode()
    blocks, others = [], []
    for found in read.get("stmts", []):
        (kind, statement), = found["stmt"].items()
        block = setting_of(kind, statement, source)
        if block is None:
            others.append("e:" + json.dumps(without_places(found["stmt"]), sort_keys=True))
            continue
        about, settings = block
        rest = {key: part for key, part in statement.items() if key not in ("setstmt", "options", "cmds")}
        others.append("e:" + json.dumps(without_places(rest), sort_keys=True))
        if blocks and blocks[-1][0] == about:
            blocks[-1][1].extend(settings)
        else:
            blocks.append((about, settings))
    statements = []
    for about, settings in blocks:
        item = Unique(json.loads(about))
        key = item.pop("(key)")
        map_ = Unique()
        for name, value in settings:
            map_.put(name, "s:" + value)
        item.put(key, map_)
        statements.append(item)
    return {"statements": statements, "(others)": others}


def setting_of(kind, statement, source):
    """What a statement that sets something is about, and its settings; `None` of another."""
    about = {}
    if kind in ("AlterSystemStmt", "AlterRoleSetStmt", "AlterDatabaseSetStmt"):
        setting = statement["setstmt"]
        arguments = setting.get("args", [])
        if setting["kind"] != "VAR_SET_VALUE" or len(arguments) != 1 or "A_Const" not in arguments[0]:
            return None
        constant = arguments[0]["A_Const"]
        # texts with escapes or in dollars are not read
        if source[constant["location"]:][:1] in (b"$", b"E", b"e", b"U", b"u") and "sval" in constant:
            if source[constant["location"]:][1:2] in (b"'", b"&", b"$"):
                return None
        value = text_of(constant)
        if value is None:
            return None
        if kind == "AlterRoleSetStmt":
            if statement.get("role", {}).get("roletype") != "ROLESPEC_CSTRING":
                return None
            about["role"] = "s:" + statement["role"]["rolename"]
        if "database" in statement or "dbname" in statement:
            about["database"] = "s:" + statement.get("database", statement.get("dbname"))
        about["(key)"] = "system" if kind == "AlterSystemStmt" else "settings"
        return json.dumps(about), [(setting["name"], value)]
    if kind == "AlterTableStmt":
        commands = [command["AlterTableCmd"] for command in statement["cmds"]]
        if statement["objtype"] != "OBJECT_TABLE" or len(commands) != 1 or commands[0]["subtype"] != "AT_SetRelOptions":
            return None
        options = commands[0]["def"]["List"]["items"]
    elif kind == "CreateStmt":
        options = statement.get("options", [])
    else:
        return None
    options = [option["DefElem"] for option in options]
    if not any(option["defname"].startswith("autovacuum_") for option in options):
        return None
    if any("arg" in option and text_of(option["arg"]) is None for option in options):
        return None
    relation = statement["relation"]
    if kind == "CreateStmt" and relation["relpersistence"] != "p":
        return None
    about["table"] = "s:" + ".".join(relation[part] for part in ("schemaname", "relname") if part in relation)
    about["(key)"] = "storage"
    return json.dumps(about), [(option["defname"], text_of(option["arg"])) for option in options if "arg" in option]


def text_of(value):
    """A value as text."""
    for kind, inner in value.items():
        if kind in ("ival", "Integer"):
            return str(inner.get("ival", 0))
        if kind in ("fval", "Float"):
            return inner["fval"]
        if kind in ("sval", "String"):
            return inner.get("sval", "")
        if kind == "TypeName":
            names = [name["String"]["sval"] for name in inner["names"]]
            return names[0] if len(names) == 1 else None
    return None


def without_places(node):
    if isinstance(node, dict):
        return {key: without_places(value) for key, value in node.items() if not key.endswith("location")}
    if isinstance(node, list):
        return [without_places(item) for item in node]
    return node


READERS = {"hcl": (hcl, "hcl2"), "nginx": (nginx, "crossplane"), "sql": (sql, "pglast")}


def main():
    from importlib.util import find_spec

    print(json.dumps([name for name, (_, module) in READERS.items() if find_spec(module)]), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(READERS[asked["format"]][0](asked["text"])), flush=True)


main()

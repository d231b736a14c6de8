"""Compiles the repository's Python files, warnings refused, and looks for names that are defined twice, of which the first would be lost.

usage: lint.py     (make lint)
"""
import ast
import pathlib
import sys
import warnings

REPOSITORY = pathlib.Path(__file__).parents[1]
FOLDERS = ["scripts", "Tests"]
DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def faults(text, name):
    """(line, what is wrong) of a file's text. A definition that has a decorator may stand beside one of its name: property's setters do."""
    try:
        tree = ast.parse(text, name)
        compile(tree, name, "exec")
    except SyntaxError as fault:   # a warning, too
        yield fault.lineno, fault.msg
        return
    for scope in ast.walk(tree):
        if isinstance(scope, (ast.Module, *DEFINITION)):
            lines = {}
            for each in scope.body:
                if isinstance(each, DEFINITION) and not each.decorator_list:
                    if each.name in lines:
                        yield each.lineno, f"{each.name} is defined in line {lines[each.name]}, too"
                    lines[each.name] = each.lineno


def main():
    warnings.simplefilter("error")
    found = [f"{path.relative_to(REPOSITORY)}:{line}: {fault}" for folder in FOLDERS for path in sorted((REPOSITORY / folder).rglob("*.py"))
             for line, fault in faults(path.read_text(encoding="utf-8"), str(path))]
    sys.exit("\n".join(found) or None)


main()

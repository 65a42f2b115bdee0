"""A FreeBASIC compiler for the i486: integer programs to assembly lines and DOS executables.

The stages, each a module or package that knows only those before it:

    source, errors   files, places and diagnostics
    lexer            characters to tokens
    preprocessor     directives and macros (conditions: the expressions of #if)
    parser           tokens to the syntax tree (nodes)
    types, sema      names and types: the syntax tree to typed trees and flat operations (ir)
    codegen          those to i486 instructions
    runtime/*.bas    the run-time library, compiled with the program as far as it is used
    compiler         all of it from end to end
"""

from gpt486.basic.compiler import Program, compile_file, compile_source
from gpt486.basic.errors import BasicError

__all__ = ["BasicError", "Program", "compile_file", "compile_source"]

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Proof by difference: random well-typed scripts run in the VM and as BPF must say the same.

    difference.py --sonde ./sonde --target ./target [--seed N] [--count N] [--seconds N] [--size N]

A script is a function of (seed, size). Its handler runs in `probe begin` and behind a uprobe on
hit() of testsuite/targets/one.c, each with optimisation and with -u; stdout, errors with their
places, and the exit status are compared. What differs is minimised by dropping statements, and
kept in DIRECTORY/seed-N.stp in run-both's form. Scripts that the BPF back end refuses, saying so,
are are counted. The exit status is 1 if anything differed.

    difference.py … --count N --kernel 6.1      the same in a kernel of the lab

What the VM says here is what is expected of both places there: the scripts become tests in
DIRECTORY/run-both, which testsuite/run runs.
"""
import argparse
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

PLACES = {"vm": "begin", "bpf": 'process("./target").function("hit")'}
VARIANTS = [("vm", ""), ("vm", "-u"), ("bpf", ""), ("bpf", "-u")]
TEXTS = ["", "a", "ab", "abc", "hello world", "a,b;c", "0x1f", "-42", "017", "zz", " 12 ",
         "k=v,w=x", "banana", "%d", r"tab\there", r"q\"q", r"\001\377", "x" * 70, "aaab"]
NUMBERS = ["0", "1", "-1", "2", "3", "5", "7", "10", "63", "64", "65", "100", "-17", "255", "256",
           "4096", "0x7fffffff", "0x80000000", "-2147483648", "0xffffffff", "1000000007",
           "0x7fffffffffffffff", "-9223372036854775807", "0x8000000000000000"]
REGEXES = ["a", "^a", "b$", "a+b", "(a|b)c", "[0-9]+", "(.)(.)", "[^a-c]", "x{2,3}", "^$",
           "l*o", "(an)+", "k=([a-z])", "a?b?c"]

CRASH = rb"AddressSanitizer|runtime error:|ended by signal"
LIMITS = ("refused", "too large")
SPACED = ', " ", '


class Node:
    """A statement: text, or a head, bodies and what stands between and behind them."""

    def __init__(self, head, *bodies, between=()):
        self.head, self.bodies, self.between = head, list(bodies), between

    def lines(self, depth=0):
        tabs = "\t" * depth
        if not self.bodies:
            yield tabs + self.head
            return
        for head, body in zip((self.head, *self.between), self.bodies):
            yield tabs + head + " {"
            for node in body:
                yield from node.lines(depth + 1)
        yield tabs + "}"


class Array:
    """A global: its keys ('l' and 's' each), the kind of its value, and its size if it has one."""

    def __init__(self, name, keys, value, size, hist):
        self.name, self.keys, self.value, self.size, self.hist = name, keys, value, size, hist
        self.sorted = False   # a foreach has sorted it: then its order is no more the same
        self.pinned = False   # a function goes through it: it must not be sorted

    def declaration(self):
        return self.name + self.size


class Writer:
    """Writes one script. What is drawn depends on nothing but the seed and the size."""

    def __init__(self, seed, size):
        self.rng = random.Random(seed)
        self.size = size
        self.functions = []       # (name, result, arguments)
        self.locals = {"l": [], "s": []}
        self.fixed = {"l": [], "s": []}      # loop variables: read, never written
        self.busy = []            # arrays that a foreach goes through
        self.loops = 0
        self.made = 0
        self.in_function = False
        self.globals = {"l": [f"g{i}" for i in range(3)], "s": [f"t{i}" for i in range(2)]}
        self.arrays = [self.array(i) for i in range(self.rng.randint(1, 4))]
        self.scalars = [self.array(i, True) for i in range(self.rng.randint(0, 2))]

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def fresh(self, letter):
        self.made += 1
        return f"{letter}{self.made}"

    def array(self, number, scalar=False):
        value = "a" if scalar else self.pick("l", "l", "s", "a")
        hist = self.pick("@hist_log({})", "@hist_linear({}, -5, 20, 5)")
        if scalar:
            return Array(f"s{number}", "", value, "", hist)
        size = self.pick("", "", "[3]", "[8]", "%[3]", "%[5]") if value != "a" else ""
        keys = "".join(self.pick("l", "s") for _ in range(self.rng.randint(1, 3)))
        return Array(f"m{number}", keys, value, size, hist)

    # Expressions

    def expression(self, kind, depth):
        return self.number(depth) if kind == "l" else self.string(depth)

    def of_array(self, array, depth):
        if not array.keys:
            return array.name
        keys = ", ".join(self.key(kind, depth) for kind in array.keys)
        return f"{array.name}[{keys}]"

    def key(self, kind, depth):
        """Few different ones, so that elements are met again."""
        if self.chance(60):
            return self.pick("1", "2", "-3") if kind == "l" else self.pick('"a"', '"k"', '""')
        return self.expression(kind, min(depth, 1))

    def call(self, kind, depth):
        known = [f for f in self.functions if f[1] == kind]
        if not known:
            return self.leaf(kind)
        name, _, arguments = self.rng.choice(known)
        return f"{name}({', '.join(self.expression(a, depth - 1) for a in arguments)})"

    def leaf(self, kind):
        names = self.locals[kind] + self.fixed[kind] + self.globals[kind]
        if self.chance(65):
            return self.rng.choice(names)
        return self.rng.choice(NUMBERS) if kind == "l" else f'"{self.rng.choice(TEXTS)}"'

    def number(self, depth):
        if depth <= 0:
            return self.leaf("l")
        return self.rng.choice(self.NUMERIC)(self, depth)

    def string(self, depth):
        if depth <= 0:
            return self.leaf("s")
        return self.rng.choice(self.TEXTUAL)(self, depth)

    def binary(self, depth):
        op = self.pick("+", "-", "*", "/", "%", "<<", ">>", ">>>", "&", "|", "^", "<", "<=", ">",
                       ">=", "==", "!=", "&&", "||", "+", "-", "/")
        return f"({self.number(depth - 1)} {op} {self.number(depth - 1)})"

    def unary(self, depth):
        return f"({self.pick('-', '!', '~')} {self.number(depth - 1)})"

    def compare(self, depth):
        op = self.pick("<", "<=", ">", ">=", "==", "!=")
        return f"({self.string(depth - 1)} {op} {self.string(depth - 1)})"

    def match(self, depth):
        op = self.pick("=~", "!~")
        return f'({self.string(depth - 1)} {op} "{self.rng.choice(REGEXES)}")'

    def choice(self, kind):
        def write(self, depth):
            yes, no = (self.expression(kind, depth - 1) for _ in "yn")
            return f"({self.number(depth - 1)} ? {yes} : {no})"
        return write

    def of_text(self, depth):
        text, other = self.string(depth - 1), self.string(0)
        return self.pick(f"strlen({text})", f"isinstr({text}, {other})", f"strpos({text}, {other})",
                         f"strtol({text}, {self.pick('0', '8', '10', '16')})", f"isdigit({text})",
                         "ngroups()",
                         f"stringat({text}, {self.number(0)})")

    def presence(self, depth):
        array = self.rng.choice(self.arrays)
        keys = [self.key(kind, depth) for kind in array.keys]
        if len(keys) > 1 and self.chance(30):
            keys[self.rng.randrange(len(keys))] = "*"
        return f"([{', '.join(keys)}] in {array.name})"

    def element(self, kind):
        def write(self, depth):
            known = [a for a in self.arrays if a.value == kind]
            return self.of_array(self.rng.choice(known), depth) if known else self.leaf(kind)
        return write

    def statistic(self, depth):
        known = [a for a in self.arrays + self.scalars if a.value == "a"]
        if not known:
            return self.leaf("l")
        array = self.rng.choice(known)
        what = self.pick("@count({})", "@sum({})", "@min({})", "@max({})", "@avg({})",
                         "@variance({})", "@count({})", array.hist + "[1]")
        return what.format(self.of_array(array, depth))

    def assignment(self, depth):
        place = self.place("l", depth)
        if self.chance(50):
            op = self.pick("++", "--")
            return self.pick(f"({place}{op})", f"({op}{place})")
        op = self.pick("=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^=")
        return f"({place} {op} {self.number(depth - 1)})"

    def place(self, kind, depth):
        """Something that can be assigned to."""
        names = self.locals[kind] + self.globals[kind]
        places = [self.rng.choice(names)] * 2
        places += [self.of_array(a, depth) for a in self.arrays
                   if a.value == kind and a not in self.busy and not self.in_function]
        return self.rng.choice(places)

    def join(self, depth):
        return f"({self.string(depth - 1)} . {self.string(depth - 1)})"

    def part(self, depth):
        text, few = self.string(depth - 1), f"{self.number(0)} & 7"
        return self.pick(f"substr({text}, {few}, {self.number(0)})",
                         f"substr({text}, {self.pick('0', '1', '-1', '3')}, {few})",
                         f'tokenize({text}, "{self.pick(",", " ", ",;", "a")}")',
                         f'tokenize("{self.pick(",", " ", "b=")}")', f"text_str({text})",
                         f"str_replace({text}, {self.string(0)}, {self.string(0)})",
                         f"string_quoted({text})",
                         f"text_strn({text}, {few}, {self.pick('0', '1')})",
                         f"sprintdln({self.pick(chr(34) + '+' + chr(34), chr(34) * 2)}, {text}, 1)",
                         f"matched({self.pick('0', '1', '2')})")

    def formatted(self, depth):
        text, arguments = self.format(depth - 1)
        return f'sprintf("{text}"{arguments})'

    def printed(self, depth):
        known = [a for a in self.arrays + self.scalars if a.value == "a"]
        if known and self.chance(5):
            array = self.rng.choice(known)
            return f"sprint({array.hist.format(self.of_array(array, 0))})"
        return self.pick(f"sprint({self.number(depth - 1)}, {self.string(depth - 1)})",
                         f'sprintln({self.string(depth - 1)})',
                         f'sprintd("-", {self.number(depth - 1)}, {self.string(0)})')

    NUMERIC = [binary] * 6 + [unary, compare, match, choice(None, "l"), of_text, of_text, presence,
               element(None, "l"), statistic, assignment, lambda self, d: self.call("l", d)]
    TEXTUAL = [join, join, part, part, part, formatted, printed, choice(None, "s"),
               element(None, "s"), lambda self, d: self.call("s", d),
               lambda self, d: self.leaf("s")]

    def format(self, depth):
        """A format and its arguments, with the comma before them."""
        text, arguments = "", []
        for _ in range(self.rng.randint(1, 3)):
            conversion = self.pick(*"diuxXopcsssddb")
            flag = self.pick("", "", "", "-", "0", "+", " ", "#")
            width = self.pick("", "", "", "5", "12", "*")
            precision = self.pick("", "", "", ".0", ".3", ".9", ".*")
            if conversion == "c" and flag == "#":
                width, precision = "", ""
            if conversion == "b":
                flag, width, precision = "", self.pick("", "1", "2", "4", "8"), ""
            for star in (width, precision):
                if "*" in star:
                    arguments.append(self.pick("0", "3", f"({self.number(0)} & 15)"))
            kind = "s" if conversion == "s" else "l"
            arguments.append(self.expression(kind, depth))
            text += f"{self.pick('', '|', ' ', ':')}%{flag}{width}{precision}{conversion}"
        return text, "".join(", " + a for a in arguments)

    # Statements

    def block(self, count):
        known = {kind: list(names) for kind, names in self.locals.items()}
        nodes = [self.statement() for _ in range(max(1, count))]
        self.locals = known
        return nodes

    def statement(self):
        self.size -= 1
        node = self.rng.choice(self.SIMPLE)
        if self.size > 0 and self.chance(45):
            node = self.rng.choice(self.COMPOUND)
        return node(self) or self.show()

    def show(self):
        if self.chance(50):
            text, arguments = self.format(1)
            return Node(f'printf("{text}\\n"{arguments})')
        return Node(self.pick(f"println({self.number(2)}, \" \", {self.string(1)})",
                              f"println({self.string(2)})", f"println({self.number(3)})",
                              f'printdln(",", {self.number(2)}, {self.string(1)})'))

    def assign(self):
        kind = self.pick("l", "s")
        if self.chance(40):
            name = self.fresh("n" if kind == "l" else "w")
            # A value that is never read may be left out with its errors, and is with -u only not.
            never = "77" if kind == "l" else '"never"'
            node = Node(f"if (({name} = {self.expression(kind, 2)}) == {never})",
                        [Node(f"println({name})")])
            self.locals[kind].append(name)
            return node
        place = self.place(kind, 1)
        op = self.pick("=", ".=") if kind == "s" else self.pick("=", "+=", "-=", "/=", "^=")
        return Node(f"{place} {op} {self.expression(kind, 2)}")

    def writable(self, values):
        known = [a for a in self.arrays + self.scalars if a.value in values and a not in self.busy]
        return self.rng.choice(known) if known and not self.in_function else None

    def add(self):
        array = self.writable("a")
        return array and Node(f"{self.of_array(array, 1)} <<< {self.number(1)}")

    def store(self):
        array = self.writable("ls")
        if not array:
            return None
        op = self.pick("=", "=", "+=" if array.value == "l" else ".=")
        return Node(f"{self.of_array(array, 1)} {op} {self.expression(array.value, 1)}")

    def delete(self):
        array = self.writable("lsa")
        if not array or self.chance(40):
            return None
        places = [array.name, self.of_array(array, 1)]
        if len(array.keys) > 1:
            keys = [self.key(kind, 0) for kind in array.keys]
            keys[self.rng.randrange(len(keys))] = "*"
            places.append(f"{array.name}[{', '.join(keys)}]")
        return Node(f"delete {self.rng.choice(places)}")

    def picture(self):
        known = [a for a in self.arrays + self.scalars if a.value == "a"]
        if not known:
            return None
        array = self.rng.choice(known)
        of = array.hist.format(self.of_array(array, 0))
        if self.chance(50):
            return Node(f"print({of})")
        name = self.fresh("b")
        return Node(f"foreach ({name} in {of})",
                    [Node(f'printf("%d:%d ", {name}, {of}[{name}])')])

    def fail(self):
        return self.chance(30) and Node(f"error({self.string(1)})")

    def leave(self):
        if self.loops and self.chance(60):
            return Node(f"if ({self.number(2)})", [Node(self.pick("break", "continue"))])
        return self.chance(20) and Node(f"if ({self.number(2)})", [Node(self.out())])

    def out(self):
        return "next" if not self.in_function else f"return {self.expression(self.in_function, 1)}"

    def condition(self):
        head = f"if ({self.number(2)})"
        if self.chance(50):
            return Node(head, self.block(2))
        return Node(head, self.block(2), self.block(2), between=("} else",))

    def attempt(self):
        name = self.fresh("e")
        body = self.block(3)
        self.fixed["s"].append(name)
        node = Node("try", body, [Node(f"println({name})")] + self.block(1),
                    between=(f"}} catch ({name})",))
        self.fixed["s"].remove(name)
        return node

    def loop(self):
        if self.loops > 1:
            return None
        name, count = self.fresh("i"), self.rng.randint(1, 5)
        head = self.pick(f"for ({name} = 0; {name} < {count}; {name}++)",
                         f"while ({name}++ < {count})")
        self.loops += 1
        self.fixed["l"].append(name)
        body = self.block(3)
        self.fixed["l"].remove(name)
        self.loops -= 1
        # A loop that is run again begins again, however its head is written.
        return Node("if (1)", [Node(f"{name} = 0"), Node(head, body)])

    def each(self):
        known = [a for a in self.arrays if not a.sorted and a not in self.busy]
        if not known or self.loops > 1:
            return None
        array = self.rng.choice(known)
        names = [self.fresh("k") for _ in array.keys]
        keys, by, slice_, limit, value = list(names), "", "", "", ""
        # A sorted foreach of the VM leaves the array sorted: only as the last one over it.
        array.pinned |= bool(self.in_function)
        if self.chance(50) and not (self.loops or array.pinned or "%" in array.size):
            array.sorted = True
            by = self.order(array, keys)
        if len(keys) > 1 and self.chance(30):
            slice_ = [self.key(kind, 0) if self.chance(50) else "*" for kind in array.keys]
            slice_ = f"[{', '.join(slice_)}]"
        if self.chance(40):
            limit = f" limit {self.pick('0', '1', '2', '5', '-1', self.number(1))}"
        if array.value != "a" and self.chance(40):
            value = self.fresh("v")
        return Node(f"foreach ({value}{' = ' if value else ''}[{', '.join(keys)}] in "
                    f"{array.name}{slice_}{by}{limit})", self.each_body(array, names, value))

    def order(self, array, keys):
        sign = self.pick("+", "-")
        if self.chance(50):
            keys[self.rng.randrange(len(keys))] += sign
            return ""
        of = self.pick("@count", "@sum", "@min", "@max", "@avg") if array.value == "a" else ""
        return f" {of} {sign}" if of else sign

    def each_body(self, array, names, value):
        bound = list(zip(array.keys, names)) + ([(array.value, value)] if value else [])
        for kind, name in bound:
            self.fixed[kind].append(name)
        self.busy.append(array)
        self.loops += 1
        body = [Node(f"println({SPACED.join(name for _, name in bound)})")]
        body += self.block(2)
        self.loops -= 1
        self.busy.pop()
        for kind, name in bound:
            self.fixed[kind].remove(name)
        return body

    SIMPLE = [show, show, show, assign, assign, assign, store, store, add, add, delete, picture,
              fail, leave]
    COMPOUND = [condition, condition, attempt, attempt, attempt, loop, each, each]

    # Declarations

    def function(self):
        name, result = self.fresh("f"), self.pick("l", "s")
        arguments = [self.pick("l", "s") for _ in range(self.rng.randint(0, 3))]
        twice = self.chance(20)
        nodes = [self.overload(name, result, arguments, twice and not number)
                 for number in range(2 if twice else 1)]
        self.functions.append((name, result, arguments))
        return nodes

    def overload(self, name, result, arguments, passes_on):
        names = [self.fresh("n" if kind == "l" else "w") for kind in arguments]
        typed = [f"{n}:{'long' if k == 'l' else 'string'}" for n, k in zip(names, arguments)]
        outer, self.locals = self.locals, {"l": [], "s": []}
        for kind, argument in zip(arguments, names):
            self.locals[kind].append(argument)
        self.in_function = result
        body = [Node(f"if ({self.number(2)})", [Node("next")])] if passes_on else []
        body += self.block(self.rng.randint(1, 3))
        if "l" in arguments and self.chance(25):
            body.append(self.again(name, result, list(zip(arguments, names))))
        body.append(Node(f"return {self.expression(result, 3)}"))
        self.in_function = False
        self.locals = outer
        kind = "long" if result == "l" else "string"
        return Node(f"function {name}:{kind}({', '.join(typed)})", body)

    def again(self, name, result, parameters):
        """A call of the function itself, a few deep at most: it counts a number down."""
        first = next(n for kind, n in parameters if kind == "l")
        arguments = ", ".join(f"(({first} & 7) - 1)" if n == first else
                              self.expression(kind, 0) for kind, n in parameters)
        joined = "." if result == "s" else self.pick("+", "-", "^")
        return Node(f"if (({first} & 7) > 0)",
                    [Node(f"return {self.leaf(result)} {joined} {name}({arguments})")])

    def script(self):
        nodes = [Node("global g0 = 0, g1 = 5, g2 = -3, t0 = \"\", t1 = \"start\"")]
        nodes += [Node(f"global {a.declaration()}") for a in self.arrays + self.scalars]
        nodes.append(Node("probe never", [self.typed(a) for a in self.arrays + self.scalars]))
        size = self.size
        for _ in range(self.rng.randint(0, 2)):
            self.size = min(size // 4, 4)
            nodes += self.function()
        self.size, body = size, []
        while self.size > 0:
            body.append(self.attempt() if self.chance(30) else self.statement())
        nodes.append(Node("probe HANDLER", [Node('if ("" =~ "") g0 = 0')] + body))
        nodes.append(Node("probe end, error", self.epilogue()))
        return nodes

    def typed(self, array):
        """A statement that shows the types of an array's keys and value."""
        keys = ", ".join("1" if kind == "l" else '""' for kind in array.keys)
        place = f"{array.name}[{keys}]" if keys else array.name
        return Node(place + {"l": " = 1", "s": ' = ""', "a": " <<< 1"}[array.value])

    def epilogue(self):
        """What is left behind, read from user space."""
        nodes = [Node('println(g0, " ", g1, " ", g2, " ", t0, " ", t1)')]
        for array in self.arrays:
            names = [self.fresh("k") for _ in array.keys]
            if array.sorted:
                nodes.append(Node(f"println([{', '.join('*' for _ in names)}] in {array.name})"))
                continue
            element = f"{array.name}[{', '.join(names)}]"
            element = f"@count({element})" if array.value == "a" else element
            nodes.append(Node(f"foreach ([{', '.join(names)}] in {array.name})",
                              [Node(f"println({SPACED.join(names + [element])})")]))
        for scalar in self.scalars:
            nodes.append(Node(f"println(@count({scalar.name}))"))
        return nodes


def render(nodes):
    return "\n".join(line for node in nodes for line in node.lines()) + "\n"


class Runner:
    """Runs scripts and tells what differs."""

    def __init__(self, sonde, target, directory):
        self.sonde, self.directory = sonde, directory
        self.bad = {}
        # A copy: a uprobe would also see those of another run that had the same file.
        if target.exists():
            shutil.copy(target, directory / "target")

    def run(self, text, place, option):
        """(class, stdout, stderr, status); the class is ran, refused or crashed."""
        text = text.replace("probe HANDLER", "probe " + PLACES[place])
        if place == "vm":
            text += "probe begin(1000000) { exit() }\n"
        (self.directory / "case.stp").write_text(text)
        command = [self.sonde, "--disable-cache", "--no-global-var-display", "-w",
                   *option.split(), "case.stp"]
        command[-1:-1] = ["-c", "./target"] if place == "bpf" else []
        try:
            done = subprocess.run(command, cwd=self.directory, stdin=subprocess.DEVNULL,
                                  capture_output=True, timeout=180, check=False)
        except subprocess.TimeoutExpired:
            return "hung", b"", b"", 0
        err = re.sub(rb"in probe .*", b"in probe", done.stderr)
        kind = "ran"
        if re.search(rb"\[be-kernel\]", err):
            kind = "refused"
        elif done.returncode not in (0, 1) or re.search(CRASH, err):
            kind = "crashed"
        elif re.search(rb"\[[a-z]+-[a-z-]+\]\n", err):
            kind = "invalid"
        elif re.search(rb"BPF program is too large|BPF stack limit|sequence of [0-9]+ jumps", err):
            kind = "too large"
        elif re.search(rb"verifier|cannot load", err):
            kind = "unloaded"
        return kind, done.stdout, err, done.returncode

    def difference(self, text):
        """None, or what is wrong: a short text that stays the same while a script is minimised."""
        results, self.bad = [], {}
        for place, option in VARIANTS:
            result = self.run(text, place, option)
            name = f"{place} {option}".strip()
            if result[0] in LIMITS:
                return result[0]
            if result[0] != "ran":
                self.bad = {name: result}
                return f"{result[0]} ({name})"
            results.append((name, result))
            for aspect, one, two in zip(("", "stdout", "stderr", "status"), results[0][1], result):
                if one != two:
                    self.bad = {results[0][0]: results[0][1], name: result}
                    return f"{aspect} of {results[0][0]} and {name}"
        return None

    def minimise(self, nodes, wrong, until):
        """Drops statements, and bodies' heads, as long as the same is wrong."""
        changed = True
        while changed and time.monotonic() < until:
            changed = False
            for place, index in list(places(nodes)):
                if index >= len(place) or time.monotonic() > until:
                    continue
                node = place[index]
                bodies = [] if node.head.startswith(("function", "probe")) else node.bodies
                for instead in ([], *bodies):
                    place[index:index + 1] = instead
                    if self.difference(render(nodes)) == wrong:
                        changed = True
                        break
                    place[index:index + len(instead)] = [node]
        return nodes


def places(nodes):
    """Every list of statements with every index, the last first, and the outer before the inner."""
    for index in reversed(range(len(nodes))):
        yield nodes, index
        for body in nodes[index].bodies if index < len(nodes) else ():
            yield from places(body)


def expected_errors(err, script, shift):
    """Lines of a header for what the VM said; in @script everything stands @shift lines lower."""
    for line in err.splitlines():
        line = re.sub(r"case\.stp:(\d+)", lambda m: f"{script}:{int(m[1]) + shift}", line)
        line = re.sub(r"skipped\\ probes:\\ \d+$", "skipped probes: [0-9]+", re.escape(line))
        yield "//~ " + re.sub(r"in\\ probe$", "in probe .*", line)


def as_test(runner, nodes, name):
    """A script as a test that expects what the VM says, or None if it is unfit for one."""
    text = render(nodes)
    kind, out, err, status = runner.run(text, "vm", "")
    if kind != "ran" or not (out + err).isascii() or b"\r" in out or out[-1:] not in (b"", b"\n"):
        return None
    out, err = out.decode(), err.decode()
    header = ["//# args: --no-global-var-display -w", "//# timeout: 60", f"//# status: {status}",
              "//# expect:", *("//| " + line for line in out.split("\n")[:-1]), "//# stderr:"]
    header += expected_errors(err, name, len(header) + len(err.splitlines()))
    return "\n".join(header) + "\n" + text


def run_in_lab(runner, args):
    """The scripts as tests, in a kernel of the lab."""
    tests = Path(args.keep).resolve() / "run-both"
    shutil.rmtree(tests, ignore_errors=True)
    tests.mkdir()
    for seed in range(args.seed, args.seed + args.count):
        test = as_test(runner, Writer(seed, args.size).script(), f"seed-{seed}.stp")
        if test:
            (tests / f"seed-{seed}.stp").write_text(test)
    return subprocess.run([Path(__file__).resolve().parents[1] / "run", "--build",
                           Path(args.sonde).resolve().parent, "--kernel", args.kernel, "-q", tests],
                          check=False).returncode


def report(runner, args, seed, nodes, wrong):
    print(f"seed {seed} size {args.size}: {wrong}", flush=True)
    first = runner.bad
    if not wrong.startswith("invalid"):
        nodes = runner.minimise(nodes, wrong, time.monotonic() + args.minimise)
    text = render(nodes)
    if runner.difference(text) is None:
        runner.bad = first
        print("(not every time)")
    path = Path(args.keep) / f"seed-{seed}.stp"
    path.write_text(f"//# about: seed {seed} size {args.size}: {wrong}\n{text}")
    print(f"--- {path}\n{text}", end="")
    for name, (_, out, err, status) in runner.bad.items():
        print(f"--- {name}: status {status}\n{out.decode('latin-1')}{err.decode('latin-1')[:3000]}")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sonde", default="./sonde")
    parser.add_argument("--target", default="./target", help="targets/one.c, built")
    parser.add_argument("--seed", type=int, default=1, help="the first one")
    parser.add_argument("--count", type=int, default=1 << 62, help="of seeds")
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--size", type=int, default=3, help="statements in the handler, about")
    parser.add_argument("--minimise", type=float, default=120, help="seconds for each difference")
    parser.add_argument("--keep", default=".", help="directory for what is found, and for work")
    parser.add_argument("--kernel", help="of the lab: 5.10, 6.1 or 6.12; needs --count")
    parser.add_argument("--print", action="store_true", help="print the first seed's script only")
    args = parser.parse_args()
    if args.print:
        print(render(Writer(args.seed, args.size).script()), end="")
        return 0
    Path(args.keep).mkdir(parents=True, exist_ok=True)
    runner = Runner(Path(args.sonde).resolve(), Path(args.target).resolve(),
                    Path(args.keep).resolve())
    if args.kernel:
        return run_in_lab(runner, args)
    until = time.monotonic() + args.seconds
    seeds, different = 0, 0
    limits = dict.fromkeys(LIMITS, 0)
    while seeds < args.count and time.monotonic() < until:
        nodes = Writer(args.seed + seeds, args.size).script()
        wrong = runner.difference(render(nodes))
        if wrong in LIMITS:
            limits[wrong] += 1
        elif wrong:
            different += 1
            report(runner, args, args.seed + seeds, nodes, wrong)
        seeds += 1
    told = ", ".join(f"{number} {what}" for what, number in limits.items())
    print(f"{seeds} seeds, {told}, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random well-typed scripts: Writer(seed, size).script() gives nodes, render() their text."""
import random

# Library functions of numbers (l) and strings (s): what they take, and give.
LIBRARY = [(name, "l", "l") for name in (
    "htons", "ntohl", "htonll", "MAJOR", "MINOR", "errno_p")] + [
        (name, "l", "s") for name in (
            "errno_str", "ctime", "tz_ctime", "nsecs_to_string", "usecs_to_string",
            "msecs_to_string", "bytes_to_string", "sprint")] + [
                ("MKDEV", "ll", "l"), ("matched_str", "", "s"), ("strlen", "s", "l"),
                ("long_to_fp", "l", "l"), ("string_to_fp", "s", "l"), ("fp_add", "ll", "l"),
                ("fp_mul", "ll", "l"), ("fp_lt", "ll", "l"), ("return_str", "Bl", "s")]
TEXTS = ["", "a", "ab", "abc", "hello world", "a,b;c", "0x1f", "-42", "017", "zz", " 12 ",
         "k=v,w=x", "banana", "%d", r"tab\there", r"q\"q", r"\001\377", "x" * 70, "aaab",
         r"a\000b", "ab,cd;" * 41, "n" * 505 + "0123456789", "\u00e4\u20ac", "%s%n", r"\\"]
NUMBERS = ["0", "1", "-1", "2", "3", "5", "7", "10", "63", "64", "65", "100", "-17", "255", "256",
           "4096", "0x7fffffff", "0x80000000", "-2147483648", "0xffffffff", "1000000007",
           "0x7fffffffffffffff", "-9223372036854775807", "0x8000000000000000"]
REGEXES = ["a", "^a", "b$", "a+b", "(a|b)c", "[0-9]+", "(.)(.)", "[^a-c]", "x{2,3}", "^$",
           "l*o", "(an)+", "k=([a-z])", "a?b?c", "^(a|ab)(c|bcd)*$", "[[:digit:]]{1,2}",
           "((a)|(b))+", "n{5}", "(x*)(y|$)", r"\\.", "[,;]([a-z]+)[,;]", "."]
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
        self.loose = False    # no foreach goes through it: functions may change it
        self.shift = ""       # of its @variance

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
        self.deepest = {}         # how a function's recursion ends
        self.in_function = False
        self.globals = {"l": [f"g{i}" for i in range(3)], "s": [f"t{i}" for i in range(2)]}
        self.options = self.pick(*[""] * 9, "-DMAXSTRINGLEN=40", "-DMAXERRORS=2", "-DMAXNESTING=3",
                                 "--suppress-handler-errors", "-DMAXMAPENTRIES=4",
                                 "-DMAXSTRINGLEN=1000")
        self.arrays = [self.array(i) for i in range(self.rng.randint(1, 4))]
        self.scalars = [self.array(i, True) for i in range(self.rng.randint(0, 2))]

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, percent):
        return self.rng.randrange(100) < percent

    def fresh(self, letter):
        self.made += 1
        return f"{letter}{self.made}" + self.pick("", "", "", "", "", "_of_a_rather_long_name" * 3)

    def array(self, number, scalar=False):
        value = "a" if scalar else self.pick("l", "l", "s", "a")
        hist = self.pick("@hist_log({})", "@hist_linear({}, -5, 20, 5)",
                         "@hist_linear({}, -100, 5000, 100)", "@hist_linear({}, 1, 3, 1)")
        if scalar:
            made = Array(f"s{number}", "", value, "", hist)
        else:
            size = self.pick("", "", "[3]", "[8]", "%[3]", "%[5]")
            keys = "".join(self.pick("l", "s") for _ in range(self.pick(1, 1, 2, 2, 3, 5)))
            made = Array(f"m{number}", keys, value, size, hist)
            made.loose = self.chance(25)
        made.shift = self.pick("", "", ", 3", ", 10", ", 0")
        return made

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
        base = self.pick("0", "2", "8", "10", "16", "36", "1", "99", self.number(0))
        return self.pick(f"strlen({text})", f"isinstr({text}, {other})", f"strpos({text}, {other})",
                         f"strtol({text}, {base})", f"isdigit({text})",
                         "ngroups()", self.library("l", depth),
                         f"stringat({text}, {self.number(0)})")

    def library(self, kind, depth):
        """A call of a library function that gives @kind."""
        name, takes, _ = self.rng.choice([f for f in LIBRARY if f[2] == kind])
        arguments = [self.pick("1", "2", "3") if a == "B" else self.expression(a, depth - 1)
                     for a in takes]
        return f"{name}({', '.join(arguments)})"

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
                         "@variance({}" + array.shift + ")", "@count({})", "HIST")
        if what == "HIST":
            what = f"{array.hist}[{self.pick('0', '1', '2', '3', self.number(0))}]"
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
                   if a.value == kind and self.may_change(a)]
        return self.rng.choice(places)

    def may_change(self, array):
        return array.loose or (array not in self.busy and not self.in_function)

    def stored(self, depth):
        return f"({self.place('s', depth)} {self.pick('=', '.=')} {self.string(depth - 1)})"

    def join(self, depth):
        return f"({self.string(depth - 1)} . {self.string(depth - 1)})"

    def part(self, depth):
        text, few = self.string(depth - 1), f"{self.number(0)} & 7"
        return self.pick(f"substr({text}, {few}, {self.number(0)})",
                         f"substr({text}, {self.pick('0', '1', '-1', '3')}, {few})",
                         f'tokenize({text}, "{self.pick(",", " ", ",;", "a")}")',
                         f'tokenize("{self.pick(",", " ", "b=")}")', f"text_str({text})",
                         f"str_replace({text}, {self.string(0)}, {self.string(0)})",
                         f"string_quoted({text})", self.library("s", depth),
                         f"substr({text}, {self.number(0)}, {self.number(0)})",
                         f"tokenize({text}, {self.string(0)})",
                         f"text_strn({text}, {few}, {self.pick('0', '1')})",
                         f"sprintdln({self.pick(chr(34) + '+' + chr(34), chr(34) * 2)}, {text}, 1)",
                         f"matched({self.pick('0', '1', '2', '3', self.number(0))})")

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
    TEXTUAL = [join, join, stored, part, part, part, formatted, printed, choice(None, "s"),
               element(None, "s"), lambda self, d: self.call("s", d),
               lambda self, d: self.leaf("s")]

    def format(self, depth):
        """A format and its arguments, with the comma before them."""
        text, arguments = "", []
        for _ in range(self.rng.randint(1, 3)):
            conversion = self.pick(*"diuxXopcsssddb")
            flag = self.pick("", "", "", "-", "0", "+", " ", "#")
            width = self.pick(*[""] * 6, "5", "5", "12", "12", "*", "*", "300")
            precision = self.pick(*[""] * 6, ".0", ".0", ".3", ".3", ".9", ".*", ".*", ".400")
            if conversion == "c" and "#" in flag:
                width, precision = "", ""
            if conversion == "b":
                flag, width, precision = "", self.pick("", "1", "2", "4", "8"), ""
            for star in (width, precision):
                if "*" in star:
                    arguments.append(self.pick("0", "3", "-7", f"({self.number(0)} & 15)",
                                               f"({self.number(0)} % 40)"))
            kind = "s" if conversion == "s" else "l"
            arguments.append(self.expression(kind, depth))
            text += f"{self.pick('', '|', ' ', ':')}%{flag}{width}{precision}{conversion}"
        return text, "".join(", " + a for a in arguments)

    # Statements

    def block(self, count):
        known = {kind: list(names) for kind, names in self.locals.items()}
        nodes = [self.statement() for _ in range(max(1, count))]
        # A local is the whole handler's, wherever it is met first.
        if self.chance(60):
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
        if self.chance(8):
            return Node(self.pick(f"log({self.string(1)})", f"warn({self.string(1)})",
                                  f"ansi_set_color({self.number(0)})", "ansi_new_line()"))
        return Node(self.pick(f"println({self.number(2)}, \" \", {self.string(1)})",
                              f"print({self.number(1)}, {self.string(2)}, {self.number(1)})",
                              f'printd("", {self.string(1)}, {self.string(1)})',
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
        known = [a for a in self.arrays + self.scalars
                 if a.value in values and self.may_change(a)]
        return self.rng.choice(known) if known else None

    def add(self):
        array = self.writable("a")
        return array and Node(f"{self.of_array(array, 1)} <<< {self.number(1)}")

    def store(self):
        array = self.writable("ls")
        if not array:
            return None
        op = self.pick("=", "=", *(["+=", "-=", "*=", "/="] if array.value == "l" else [".="]))
        if array.value == "l" and self.chance(20):
            return Node(self.of_array(array, 1) + self.pick("++", "--"))
        return Node(f"{self.of_array(array, 1)} {op} {self.expression(array.value, 1)}")

    def delete(self):
        if self.chance(15):
            return Node(f"delete {self.rng.choice(self.globals['l'] + self.globals['s'])}")
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
        if self.chance(20):
            return Node(self.pick(f"assert({self.number(1)})",
                                  f"assert({self.number(1)}, {self.string(0)})"))
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
        if self.chance(10):
            return Node("try", body, self.block(1), between=("} catch",))
        self.fixed["s"].append(name)
        node = Node("try", body, [Node(f"println({name})")] + self.block(1),
                    between=(f"}} catch ({name})",))
        self.fixed["s"].remove(name)
        return node

    def loop(self):
        if self.loops > 1:
            return None
        name, count = self.fresh("i"), self.rng.randint(1, 5)
        if self.chance(3):
            count *= 40
        head = self.pick(f"for ({name} = 0; {name} < {count}; {name}++)",
                         f"while ({name}++ < {count})",
                         f"for (; {name} < {count} && {self.number(1)}; {name} += 2)",
                         f"while (({name} += 1) <= {count} && ({self.string(1)} != \"a\"))")
        self.loops += 1
        self.fixed["l"].append(name)
        body = self.block(3)
        self.fixed["l"].remove(name)
        self.loops -= 1
        # A loop that is run again begins again, however its head is written.
        return Node("if (1)", [Node(f"{name} = 0"), Node(head, body)])

    def each(self):
        known = [a for a in self.arrays
                 if not a.sorted and not a.loose and a not in self.busy]
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
        if self.chance(30 if len(keys) > 1 else 5):
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
        most = self.deepest.setdefault(name, self.pick("7", "7", "7", "31"))
        outer, self.locals = self.locals, {"l": [], "s": []}
        for kind, argument in zip(arguments, names):
            self.locals[kind].append(argument)
        self.in_function = result
        body = [Node(f"if ({self.number(2)})", [Node("next")])] if passes_on else []
        body += self.block(self.rng.randint(1, 3))
        if "l" in arguments and self.chance(25):
            body.append(self.again(name, result, list(zip(arguments, names)), most))
        body.append(Node(f"return {self.expression(result, 3)}"))
        self.in_function = False
        self.locals = outer
        kind = "long" if result == "l" else "string"
        return Node(f"function {name}:{kind}({', '.join(typed)})", body)

    def again(self, name, result, parameters, most):
        """A call of the function itself, a few deep at most: it counts a number down."""
        first = next(n for kind, n in parameters if kind == "l")
        arguments = ", ".join(f"(({first} & {most}) - 1)" if n == first else
                              self.expression(kind, 0) for kind, n in parameters)
        joined = "." if result == "s" else self.pick("+", "-", "^")
        return Node(f"if (({first} & {most}) > 0)",
                    [Node(f"return {self.leaf(result)} {joined} {name}({arguments})")])

    def script(self):
        nodes = [Node(f"// options: {self.options}")] if self.options else []
        nodes.append(Node("global g0 = 0, g1 = 5, g2 = -3, t0 = \"\", t1 = \"start\""))
        nodes += [Node(f"global {a.declaration()}") for a in self.arrays + self.scalars]
        nodes.append(Node("probe never", [self.typed(a) for a in self.arrays + self.scalars]))
        size = self.size
        for _ in range(self.rng.randint(0, 2)):
            self.size = min(size // 4, 4)
            nodes += self.function()
        for part in range(2 if self.chance(10) else 1):
            self.size, body = size // (part + 1), []
            self.locals = {"l": [], "s": []}
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

#!/usr/bin/env python3
"""The body model: its equations stand here and nowhere else.

    src/body/model.py            writes src/body/generated.c and generated.h
    src/body/model.py --check    exit status 1 when they are not what these equations give

Read QUANTITIES and RATES: they are the specification's own lines (docs/model.md, sections 3 and 4). Everything below them turns
the text into straight-line C: rates, Jacobian, the LU of W = I/(h gamma) - J. The Jacobian is derived from the same expressions by the
seven rules of differentiation in `derive`; nobody writes a derivative. Expressions are hash-consed, so that what two entries
share is computed once. Only the Python standard library is used: the output is then the same on every machine.
"""
import argparse
import ast
import pathlib
import re
import sys

STATES = "D D2 T TIBC ML M H Z INF CRP P E1 E2 RET R1 R2 R3 R4 R5 R6 F FA X PH B W Q HF HS A G CABS CLOSS".split()

# Where each constant is found in `struct body` (body.h). A name that is in no list is a fault of the equations.
PARAMETERS = """kFe MCHC fcell kb kh epsU kT kapE Kc Kr fin kP Pm sHb aPI kE kRet kM kH kbl pphi aS aT aI aE Sref S00 t00 C00 kHep
kTf gS gI TIBCref Aref KA qA kG fO G50 Fref Mref gM cFA kFA wS kF gF kI kC kX gP kPh kB KB kW wH wT kQ L50 lamF RS kA""".split()
FORMULATION = "fV kL Vm Km k12 k21 kML finst krel chi sig kapC lamS".split()
PATIENT = "BV s Hbn eps epsren bloss kR CRPb PHb e z tibi a capD v".split()
INPUTS = "R uESA".split()

QUANTITIES = """
circ  = RET + R1 + R2 + R3 + R4 + R5 + R6               # mg     iron in circulating hemoglobin
Hb    = circ/(10*kFe*BV)                                # g/dL
Vp    = BV*(1 - fcell*Hb/MCHC)                          # L      plasma volume
cap   = 0.01*TIBC*Vp                                    # mg     binding capacity
ct    = T/Vp                                            # mg/L   transferrin iron
sat   = T/cap                                           # 1      transferrin saturation, fraction
x     = (cap - T)/Vp
U     = (x + sqrt(x**2 + epsU**2))/2                    # mg/L   unsaturated capacity, smooth positive part
lS    = ln(((M + wS*ML + H)/s + S00)/(Sref + S00))
lT    = ln((sat + t00)/(0.30 + t00))
lC    = ln((CRP + C00)/(2 + C00))
phi   = exp(-pphi*Z)                                    # 1      ferroportin activity
psi   = (1 + KA)/(exp(qA*Z) + KA)                       # 1      absorptive activity
L     = Pm/(1 + (Pm - 1)*exp(sHb*(Hb - Hbn)))           # 1      erythropoietin drive
fc    = (1 + Kc)*ct/(Kc + ct)                           # 1      marrow iron uptake per precursor
dr    = eps*L*exp(-aPI*lC) + A                          # 1      erythroid drive
lE    = ln(dr)
rc    = (1 + Kr)*ct/(Kr + ct)                           # 1      iron gate on the drive
C     = D/(fV*Vp)                                       # mg/L   complex concentration
UD    = capD*(s*Vm*C/(Km + C) + kL*D)                   # mg/h   uptake of complex by macrophages
rel   = krel*D + finst*R                                # mg/h   labile iron from the drug
JM    = kM*phi*M                                        # mg/h   ferroportin export of macrophages
JH    = kH*phi*H                                        # mg/h   and of hepatocytes
fo    = fO*psi/(1 + G/G50)                              # 1      absorbed share of oral iron
Jab   = a*Aref*s*psi + kG*G*fo                          # mg/h   absorption
Jin   = JM + JH + Jab + rel                             # mg/h   all iron entering plasma
den   = kb*U + kh                                       # 1/h
JT    = Jin*kb*U/den                                    # mg/h   bound by transferrin
JN    = Jin*kh/den                                      # mg/h   taken by hepatocytes
NTBI  = 17.9067*Jin/den/Vp                              # umol/L non-transferrin-bound iron
LPI   = 17.9067*rel/den/Vp                              # umol/L labile iron that stems from the drug
Ue    = s*kapE*P*fc                                     # mg/h   marrow iron uptake
death = kR*R6                                           # mg/h   senescent red cells
"""

RATES = """
dD/dt     = (1 - finst)*R - krel*D - UD - k12*D + k21*D2 - bloss*D
dD2/dt    = k12*D - k21*D2
dT/dt     = JT - Ue - kT*T - bloss*T
dTIBC/dt  = kTf*(tibi*exp(-gS*lS - gI*lC) - TIBC)
dML/dt    = UD - kML*ML
dM/dt     = kML*ML + death + fin*Ue - JM
dH/dt     = JN + kT*T - JH - kbl*H
dZ/dt     = kHep*(z + aS*lS + aT*lT + aI*lC - aE*lE - Z)
dINF/dt   = sig*UD/s - kI*INF
dCRP/dt   = kC*(CRPb + INF - CRP)
dP/dt     = kP*(e*rc*dr - P)
dE1/dt    = (1 - fin)*Ue - kE*E1
dE2/dt    = kE*(E1 - E2)
dRET/dt   = kE*E2 - (kRet + bloss)*RET
dR1/dt    = kRet*RET - (kR + bloss)*R1
dR2/dt    = kR*R1 - (kR + bloss)*R2
dR3/dt    = kR*R2 - (kR + bloss)*R3
dR4/dt    = kR*R3 - (kR + bloss)*R4
dR5/dt    = kR*R4 - (kR + bloss)*R5
dR6/dt    = kR*R5 - (kR + bloss)*R6
dF/dt     = kF*((Fref*exp(gM*ln(M/(s*Mref))) + cFA*FA)*exp(gF*lC) - F)
dFA/dt    = UD/s - kFA*FA
dX/dt     = chi*UD/s - kX*X
dPH/dt    = kPh*(PHb*exp(-gP*epsren*ln(1 + X)) - PH)
dB/dt     = kB*((1 + KB)*ct/(KB + ct) - B)
dW/dt     = kW*(wH*Hb + wT*fc - W)
dQ/dt     = kQ*(v*(LPI/L50 + kapC*R/s) - Q)
dHF/dt    = lamF*Q**2/(1 + Q)
dHS/dt    = lamS*R*(1 + R/(RS*s))
dA/dt     = kA*(uESA - A)
dG/dt     = -kG*G
dCABS/dt  = Jab
dCLOSS/dt = kbl*H + bloss*(circ + T + D)
"""

# What is read beside the states at an output time, in this order.
OUTPUTS = "circ Hb Vp ct sat U C NTBI LPI JM JH Jab Ue fc".split()


class Node:
    """One expression: its operation and operands; equal expressions are one object. `live` means that it depends on a state."""

    table = {}

    def __new__(cls, op, *args):
        key = (op,) + tuple(a if not isinstance(a, Node) else ("n", a.number) for a in args)
        if key not in cls.table:
            node = super().__new__(cls)
            node.op, node.args, node.number, node.name = op, args, len(cls.table), None
            node.live = op == "state" or any(isinstance(a, Node) and a.live for a in args)
            cls.table[key] = node
        return cls.table[key]


def number(value):
    return Node("number", float(value))


ZERO, ONE = number(0), number(1)


def is_number(n):
    return n.op == "number"


def add(a, b):
    if is_number(a) and is_number(b):
        return number(a.args[0] + b.args[0])
    if a is ZERO:
        return b
    if b is ZERO:
        return a
    if b.op == "neg":
        return sub(a, b.args[0])
    if a.op == "neg":
        return sub(b, a.args[0])
    return Node("add", a, b)


def neg(a):
    if is_number(a):
        return number(-a.args[0])
    if a.op == "neg":
        return a.args[0]
    if a.op == "sub":
        return sub(a.args[1], a.args[0])
    return Node("neg", a)


def sub(a, b):
    if is_number(a) and is_number(b):
        return number(a.args[0] - b.args[0])
    if b is ZERO:
        return a
    if a is ZERO:
        return neg(b)
    if a is b:
        return ZERO
    if b.op == "neg":
        return add(a, b.args[0])
    return Node("sub", a, b)


def mul(a, b):
    """Constants are drawn to the front, where they become one prepared factor."""
    if is_number(a) and is_number(b):
        return number(a.args[0] * b.args[0])
    if a is ZERO or b is ZERO:
        return ZERO
    if a is ONE:
        return b
    if b is ONE:
        return a
    if a.op == "neg":
        return neg(mul(a.args[0], b))
    if b.op == "neg":
        return neg(mul(a, b.args[0]))
    if a.live and not b.live:
        a, b = b, a
    if not a.live and b.op == "mul" and not b.args[0].live:
        return mul(mul(a, b.args[0]), b.args[1])
    if a.live and b.live and a.op == "mul" and not a.args[0].live:
        return mul(a.args[0], mul(a.args[1], b))
    if a.live and b.live and b.op == "mul" and not b.args[0].live:
        return mul(b.args[0], mul(a, b.args[1]))
    if a.live == b.live and a.number > b.number:
        a, b = b, a
    return Node("mul", a, b)


def div(a, b):
    """Division by what does not depend on the state is multiplication with a prepared reciprocal; others share their reciprocal."""
    if b is ONE or a is ZERO:
        return a
    if not a.live and not b.live:
        return number(a.args[0] / b.args[0]) if is_number(a) and is_number(b) else Node("div", a, b)
    return mul(a, Node("div", ONE, b))


def function(name, a):
    return Node(name, a)


def derive(n, state, memo):
    """d n / d state."""
    if not n.live:
        return ZERO
    key = (n.number, state)
    if key in memo:
        return memo[key]
    if n.op == "state":
        out = ONE if n.args[0] == state else ZERO
    else:
        d = [derive(a, state, memo) for a in n.args]
        a = n.args[0]
        if n.op == "add":
            out = add(d[0], d[1])
        elif n.op == "sub":
            out = sub(d[0], d[1])
        elif n.op == "neg":
            out = neg(d[0])
        elif n.op == "mul":
            out = add(mul(d[0], n.args[1]), mul(a, d[1]))
        elif n.op == "div":  # 1/b, see div
            out = neg(mul(mul(n, n), d[1]))
        elif n.op == "exp":
            out = mul(n, d[0])
        elif n.op == "ln":
            out = div(d[0], a)
        elif n.op == "sqrt":
            out = mul(number(0.5), div(d[0], n))
        else:
            raise ValueError(n.op)
    memo[key] = out
    return out


# ---- reading the equations -----------------------------------------------------------------------------------------------

class Model:
    def __init__(self):
        self.named = {s: Node("state", s) for s in STATES}
        for name in PARAMETERS:
            self.named[name] = Node("constant", "b->p." + name)
        for name in FORMULATION:
            self.named[name] = Node("constant", "b->f." + name)
        for name in PATIENT:
            self.named[name] = Node("constant", "b->c." + name)
        for name in INPUTS:
            self.named[name] = Node("constant", "b->" + name)
        self.quantities = {}
        for line in QUANTITIES.strip().splitlines():
            name, text = (part.strip() for part in line.split("#")[0].split("=", 1))
            if name in self.named:
                raise ValueError(name + " stands twice")
            node = self.expression(text)
            if node.live and node.name is None and node.op not in ("state", "constant"):
                node.name = name
            self.named[name] = self.quantities[name] = node
        self.rates = {}
        for line in RATES.strip().splitlines():
            name, text = re.fullmatch(r"d(\w+)/dt\s*=\s*(.*)", line).groups()
            self.rates[name] = self.expression(text)
        if list(self.rates) != STATES:
            raise ValueError("one rate for each state, in their order")
        memo = {}
        self.jacobian = {}
        for i, row in enumerate(STATES):
            for j, column in enumerate(STATES):
                entry = derive(self.rates[row], column, memo)
                if entry is not ZERO:
                    self.jacobian[i, j] = entry

    def expression(self, text):
        return self.of_ast(ast.parse(text, mode="eval").body)

    def of_ast(self, t):
        if isinstance(t, ast.Constant):
            return number(t.value)
        if isinstance(t, ast.Name):
            return self.named[t.id]
        if isinstance(t, ast.UnaryOp) and isinstance(t.op, ast.USub):
            return neg(self.of_ast(t.operand))
        if isinstance(t, ast.Call):
            return function(t.func.id, self.of_ast(t.args[0]))
        a = self.of_ast(t.left)
        if isinstance(t.op, ast.Pow):
            if t.right.value != 2:
                raise ValueError("only squares")
            return mul(a, a)
        return {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: div}[type(t.op)](a, self.of_ast(t.right))


# ---- LU of W = I*d - J: order by Markowitz count, diagonal pivots ------------------------------------------------------------

def elimination(pattern, n):
    """The pivots in their order, and every position that is ever non-zero."""
    rows = {i: {j for (r, j) in pattern if r == i} | {i} for i in range(n)}
    left, order = set(range(n)), []
    while left:
        def cost(p):
            below = sum(1 for i in left if i != p and p in rows[i])
            right = sum(1 for j in rows[p] if j in left and j != p)
            return below * right, below + right, p
        p = min(left, key=cost)
        order.append(p)
        left.remove(p)
        for i in left:
            if p in rows[i]:
                rows[i] |= {j for j in rows[p] if j in left}
    return order, {(i, j) for i in rows for j in rows[i]}


# ---- writing C ------------------------------------------------------------------------------------------------------------

class Writer:
    """Statements of one function. Live expressions become named temporaries where they are used more than once."""

    def __init__(self, prepared):
        self.prepared, self.lines, self.done = prepared, [], {}

    def uses(self, roots):
        count, seen, stack = {}, set(), list(roots)
        for r in roots:
            count[r.number] = count.get(r.number, 0) + 1
        while stack:
            n = stack.pop()
            if n.number in seen or not n.live:
                continue
            seen.add(n.number)
            for a in n.args:
                if isinstance(a, Node):
                    count[a.number] = count.get(a.number, 0) + 1
                    stack.append(a)
        return count

    def write(self, targets):
        """targets: (where, node) pairs, written in order."""
        self.count = self.uses([n for _, n in targets])
        for where, node in targets:
            text = self.text(node)[0]
            self.lines.append(f"    {where} = {text};")

    def text(self, n):
        """C text and its precedence: 3 atom, 2 product, 1 sum."""
        if n.op == "number":
            return repr(n.args[0]), 3 if n.args[0] >= 0 else 1
        if not n.live:
            return f"g[{self.slot(n)}]", 3
        if n.op == "state":
            return f"y[ST_{n.args[0]}]", 3
        if n.number in self.done:
            return self.done[n.number], 3
        out = self.compose(n)
        if self.count.get(n.number, 0) > 1 or n.name:
            name = n.name or f"t{len(self.done)}"
            self.lines.append(f"    const lane {name} = {out[0]};")
            self.done[n.number] = name
            return name, 3
        return out

    def compose(self, n):
        def at(a, level):
            text, p = self.text(a)
            return text if p >= level else f"({text})"
        a = n.args
        if n.op == "add":
            return f"{at(a[0], 1)} + {at(a[1], 2)}", 1
        if n.op == "sub":
            return f"{at(a[0], 1)} - {at(a[1], 2)}", 1
        if n.op == "neg":
            return f"-{at(a[0], 2)}", 1
        if n.op == "mul":
            return f"{at(a[0], 2)} * {at(a[1], 3)}", 2
        if n.op == "div":
            return f"1.0 / {at(a[1], 3)}", 2
        return f"lane_{n.op}({self.text(a[0])[0]})", 3

    def slot(self, n):
        if n not in self.prepared:
            self.prepared[n] = len(self.prepared)
        return self.prepared[n]


def constant_text(n):
    if n.op == "number":
        return repr(n.args[0])
    if n.op == "constant":
        return n.args[0]
    a = [constant_text(x) for x in n.args]
    if n.op in ("add", "sub", "mul", "div"):
        return f"({a[0]} {dict(add='+', sub='-', mul='*', div='/')[n.op]} {a[1]})"
    return f"(-{a[0]})" if n.op == "neg" else f"{dict(ln='log').get(n.op, n.op)}({a[0]})"


HEAD = """/* clang-format off */
/* Written by src/body/model.py from the equations that stand there: do not edit.%s */
"""


def header(model, order, filled):
    names = {"states": STATES, "outputs": OUTPUTS}
    out = [HEAD % "", "#ifndef FE_BODY_GENERATED_H", "#define FE_BODY_GENERATED_H", ""]
    out.append("enum { " + ", ".join("ST_" + s for s in names["states"]) + ", STATES };")
    out.append("#define FE_STATES(OF) " + " ".join(f"OF({s})" for s in STATES))
    out.append("")
    out.append("/* What is read beside the states. */")
    out.append("enum { " + ", ".join("Q_" + s for s in names["outputs"]) + ", QUANTITIES };")
    out.append("")
    out.append(f"/* PREPARED: constants that the rates read, made once for a body and its inputs. JACOBIAN: entries that are not zero by")
    out.append(f" * structure. W_ENTRIES: entries of W = d I - J with what its LU fills in. */")
    out.append(f"enum {{ PREPARED = {len(model.prepared)}, JACOBIAN = {len(model.jacobian)}, W_ENTRIES = {len(filled)} }};")
    out.append("")
    out.append("#endif")
    return "\n".join(out) + "\n"


def wrapped(prefix, items, suffix, width=120):
    lines, line = [], prefix
    for item in items:
        if len(line) + len(item) + 2 > width:
            lines.append(line.rstrip())
            line = "    "
        line += item + ", "
    lines.append(line.rstrip(", ") + suffix)
    return lines


def source(model, order, filled):
    n = len(STATES)
    prepared = model.prepared = {}
    rates = Writer(prepared)
    rates.write([(f"f[ST_{s}]", model.rates[s]) for s in STATES])
    entries = sorted(model.jacobian)
    jac = Writer(prepared)
    jac.write([(f"j[{k}]", model.jacobian[e]) for k, e in enumerate(entries)])
    quantities = Writer(prepared)
    quantities.write([(f"q[Q_{s}]", model.quantities[s]) for s in OUTPUTS])

    # W in the order of elimination; LU in place: below the diagonal the multipliers, on it the reciprocals of the pivots.
    slots = {e: k for k, e in enumerate(sorted(filled))}
    of_jacobian = {e: k for k, e in enumerate(entries)}
    w, lu, solve = [], [], []
    for e in sorted(filled):
        diagonal, j = e[0] == e[1], of_jacobian.get(e)
        value = ("d - " if diagonal else "-") + f"j[{j}]" if j is not None else ("d" if diagonal else "lane_of(0.0)")
        w.append(f"    w[{slots[e]}] = {value};")
    place = {p: k for k, p in enumerate(order)}
    for p in order:
        lu.append(f"    w[{slots[p, p]}] = 1.0 / w[{slots[p, p]}];")
        right = [j for j in range(n) if (p, j) in filled and place[j] > place[p]]
        for i in (i for i in range(n) if (i, p) in filled and place[i] > place[p]):
            lu.append(f"    w[{slots[i, p]}] = w[{slots[i, p]}] * w[{slots[p, p]}];")
            lu += [f"    w[{slots[i, j]}] = w[{slots[i, j]}] - w[{slots[i, p]}] * w[{slots[p, j]}];" for j in right]
    for p in order:
        solve += [f"    b[{i}] = b[{i}] - w[{slots[i, p]}] * b[{p}];" for i in range(n) if (i, p) in filled and place[i] > place[p]]
    for p in reversed(order):
        terms = "".join(f" - w[{slots[p, j]}] * b[{j}]" for j in range(n) if (p, j) in filled and place[j] > place[p])
        solve.append(f"    b[{p}] = (b[{p}]{terms}) * w[{slots[p, p]}];" if terms else f"    b[{p}] = b[{p}] * w[{slots[p, p]}];")

    body = [f"    g[{k}] = {constant_text(c)};" for c, k in sorted(prepared.items(), key=lambda item: item[1])]
    out = [HEAD % "\n * Straight-line code: no branch on the state, no table, no allocation.", '#include "body/rates.h"', "", "#include <math.h>", ""]
    out += wrapped("LANE_FUNCTION const unsigned char fe__jacobian_rows[JACOBIAN] = {", [str(i) for i, _ in entries], "};")
    out += wrapped("LANE_FUNCTION const unsigned char fe__jacobian_columns[JACOBIAN] = {", [str(j) for _, j in entries], "};")
    for head, lines in (("LANE_FUNCTION void fe__body_prepare(const body *b, double *g) {", body),
                        ("LANE_FUNCTION void fe__rates(const lane *g, const lane *y, lane *f) {", rates.lines),
                        ("LANE_FUNCTION void fe__jacobian(const lane *g, const lane *y, lane *j) {", jac.lines),
                        ("LANE_FUNCTION void fe__quantities(const lane *g, const lane *y, lane *q) {", quantities.lines),
                        ("LANE_FUNCTION void fe__w(const lane *j, lane d, lane *w) {", w),
                        ("LANE_FUNCTION void fe__w_lu(lane *w) {", lu),
                        ("LANE_FUNCTION void fe__w_solve(const lane *w, lane *b) {", solve)):
        out += ["", head] + lines + ["}"]
    return "\n".join(out) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--check", action="store_true", help="compare, write nothing")
    check = options.parse_args().check
    model = Model()
    order, filled = elimination(set(model.jacobian), len(STATES))
    folder = pathlib.Path(__file__).resolve().parent
    stale = []
    for name, write in (("generated.c", source), ("generated.h", header)):
        text, path = write(model, order, filled), folder / name
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.write_text(text)
    if stale:
        sys.exit(f"not what model.py gives: {', '.join(stale)}; run src/body/model.py")


if __name__ == "__main__":
    main()

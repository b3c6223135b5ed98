#!/usr/bin/env python3
"""The body model: its equations stand here and nowhere else.

    src/body/model.py            writes src/body/generated.c and generated.h
    src/body/model.py --check    exit status 1 when they are not what these equations give

Read QUANTITIES, RATES and OBSERVED: they are the specification's own lines (docs/model.md, sections 3, 4 and 7). Everything below them
turns the text into straight-line C: rates, Jacobian, the LU of W = I/(h gamma) - J, what is observed. The Jacobian is derived from the same expressions by the
seven rules of differentiation in `derive`; nobody writes a derivative. Expressions are hash-consed, so that what two entries
share is computed once. Only the Python standard library is used: the output is then the same on every machine.
"""
import argparse
import ast
import pathlib
import re
import sys

SPECIFIED = "D D2 T TIBC ML M H Z INF CRP P E1 E2 RET R1 R2 R3 R4 R5 R6 F FA X PH B W Q HF HS A G CABS CLOSS".split()

# Parts that can be solved without the rest: everything, and the core with the ferritin that follows it (what a routine lab reads). No
# rate of a part reads a state outside it. A part is the first of the states, which are put in that order.
READ_ONLY = "X PH B W Q HF HS CABS CLOSS".split()
STATES = [s for s in SPECIFIED if s not in READ_ONLY] + READ_ONLY
PARTS = {"all": STATES, "labs": STATES[:-len(READ_ONLY)]}

# Where each constant is found in `struct body` (body.h). A name that is in no list is a fault of the equations.
PARAMETERS = """kFe MCHC fcell kb kh epsU kT kapE Kc Kr fin kP Pm sHb aPI kE kRet kM kH kbl pphi aS aT aI aE Sref S00 t00 C00 kHep
kTf gS gI TIBCref Aref KA qA kG fO G50 Fref Mref gM cFA kFA wS kF gF kI kC kX gP kPh kB KB kW wH wT kQ L50 lamF RS kA thA Hep0 tpl1 tpl2 plR plF""".split()
FORMULATION = "fV kL Vm Km k12 k21 kML finst krel chi sig kapC lamS".split()
PATIENT = "BV s Hbn eps epsren bloss kR CRPb PHb e z tibi a capD v".split()
SYMPTOMS = "gRk B0 W0 lR lF maxR maxF".split()
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

OBSERVED = """
read      = ct + thA*C                                  # mg/L   transferrin iron, and the share of drug iron that the assay finds
pl        = exp(-tau/tpl2) - exp(-tau/tpl1)             # 1      placebo; tau: h since iron first ran, 0 before
falls     = gRk*(B - B0)                                # logit  of IRLS, by the drug
eases     = W - W0                                      # logit  of fatigue
* Hb           = Hb
* Hct          = 100*Hb/MCHC
* Vp           = Vp
* TSAT_true    = 100*sat
* TSAT_obs     = 100*read/(0.01*TIBC)
* SI_obs       = 100*read
* Hepcidin     = Hep0*exp(Z)
* C_drug       = C
* NTBI         = NTBI
* LPI          = LPI
* RETpct       = 100*RET/circ
* UIBC_mgL     = U
* IRLS         = maxR/(1 + exp(falls + plR*pl - lR))
* fatigue      = maxF/(1 + exp(eases + plF*pl - lF))
* iron_total   = D + D2 + T + ML + M + H + E1 + E2 + RET + R1 + R2 + R3 + R4 + R5 + R6
* JM           = JM
* JH           = JH
* Jab          = Jab
* Ue           = Ue
* IRLS_drug    = maxR/(1 + exp(falls - lR))
* fatigue_drug = maxF/(1 + exp(eases - lF))
* ferritin     = F
* TIBC         = TIBC
* CRP          = CRP
* phosphate    = PH
* FGF23        = 1 + X
* PK_iron      = ct + C
* pain_risk    = 1 - exp(-HF)
"""

# Fourteen rates read the red cells only through their sum: the Jacobian has one column for it, not seven that are the same, and the sum is
# an unknown more of the linear system, with the equation sum - RET - R1 - ... - R6 = 0. The solution is the same; the work is half.
TIED = "circ"

class Node:
    """One expression: its operation and operands; equal expressions are one object. `live` means that it depends on a state."""

    table = {}

    def __new__(cls, op, *args):
        key = (op,) + tuple(a if not isinstance(a, Node) else ("n", a.number) for a in args)
        if key not in cls.table:
            node = super().__new__(cls)
            node.op, node.args, node.number, node.name = op, args, len(cls.table), None
            node.live = op in ("state", "lane") or any(isinstance(a, Node) and a.live for a in args)
            cls.table[key] = node
        return cls.table[key]


def number(value):
    return Node("number", float(value))


ZERO, ONE = number(0), number(1)
D_LEAF, IH_LEAF, TAU_LEAF = Node("lane", "d"), Node("lane", "ih"), Node("lane", "tau")


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
    if b.live and b.op == "mul" and not b.args[0].live:
        return div(div(a, b.args[0]), b.args[1])
    return mul(a, Node("div", ONE, b)) if b.live else mul(a, div(ONE, b))


def addends(n):
    """The states of a plain sum of states."""
    return [n.args[0]] if n.op == "state" else addends(n.args[0]) + addends(n.args[1])


def quotient(n, d_top, below, d_below):
    """d (a/b) = (da - (a/b) db)/b with n = a/b and below = 1/b."""
    if d_top is d_below:
        return mul(mul(below, d_top), sub(ONE, n))
    return mul(below, sub(d_top, mul(n, d_below)))


def derive(n, by, memo):
    """d n / d by: a state, or the sum that many rates read and that is taken for a column of its own (TIED)."""
    if not n.live:
        return ZERO
    key = (n.number, by)
    if key in memo:
        return memo[key]
    d = lambda i: derive(n.args[i], by, memo)
    if n.name == TIED:
        out = ONE if by == TIED else ZERO
    elif n.op == "state":
        out = ONE if n.args[0] == by else ZERO
    elif n.op == "add":
        out = add(d(0), d(1))
    elif n.op == "sub":
        out = sub(d(0), d(1))
    elif n.op == "neg":
        out = neg(d(0))
    elif n.op == "mul" and n.args[1].op == "div":
        out = quotient(n, d(0), n.args[1], derive(n.args[1].args[1], by, memo))
    elif n.op == "mul" and n.args[0].op == "div":
        out = quotient(n, d(1), n.args[0], derive(n.args[0].args[1], by, memo))
    elif n.op == "mul" and n.args[0] is n.args[1]:
        out = mul(number(2), mul(n.args[0], d(0)))
    elif n.op == "mul":
        out = add(mul(d(0), n.args[1]), mul(n.args[0], d(1)))
    elif n.op == "div":  # 1/b, see div
        out = neg(mul(mul(n, n), d(1)))
    elif n.op == "exp":
        out = mul(n, d(0))
    elif n.op == "ln":
        out = div(d(0), n.args[0])
    elif n.op == "sqrt":
        out = mul(number(0.5), div(d(0), n))
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
        for name in SYMPTOMS:
            self.named[name] = Node("constant", "b->symptoms." + name)
        for name in INPUTS:
            self.named[name] = Node("constant", "b->" + name)
        self.named["tau"] = TAU_LEAF
        self.quantities = {}
        for line in QUANTITIES.strip().splitlines():
            name, text = (part.strip() for part in line.split("#")[0].split("=", 1))
            if name in self.named:
                raise ValueError(name + " stands twice")
            node = self.expression(text)
            if node.live and node.name is None and node.op not in ("state", "constant"):
                node.name = name
            self.named[name] = self.quantities[name] = node
        rates = {}
        for line in RATES.strip().splitlines():
            name, text = re.fullmatch(r"d(\w+)/dt\s*=\s*(.*)", line).groups()
            rates[name] = self.expression(text)
        if list(rates) != SPECIFIED:
            raise ValueError("one rate for each state, in their order")
        self.rates = {s: rates[s] for s in STATES}
        self.observed = {}
        for line in OBSERVED.strip().splitlines():
            name, text = (part.strip() for part in line.split("#")[0].split("=", 1))
            into = self.observed if name.startswith("* ") else self.named
            into[name.removeprefix("* ")] = self.expression(text)
        memo, self.partial = {}, {}
        for row in STATES:
            for by in STATES + [TIED]:
                entry = derive(self.rates[row], by, memo)
                if entry is not ZERO:
                    self.partial[row, by] = entry
        self.addends = addends(self.named[TIED])
        self.jacobian = {}
        for i, row in enumerate(STATES):
            for j, column in enumerate(STATES):
                entry = self.partial.get((row, column), ZERO)
                if column in self.addends:
                    entry = add(entry, self.partial.get((row, TIED), ZERO))
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
            return Node(t.func.id, self.of_ast(t.args[0]))
        a = self.of_ast(t.left)
        if isinstance(t.op, ast.Pow):
            if t.right.value != 2:
                raise ValueError("only squares")
            return mul(a, a)
        return {ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: div}[type(t.op)](a, self.of_ast(t.right))


# ---- W = d I - J and its LU: order by Markowitz count, diagonal pivots --------------------------------------------------------

class System:
    """W x = b with W = d I - J of the rates of `states`, as expressions. `first`: x for b = f(y). `later`: for b = f(y) + ih push, from
    the entries of the LU that `first` left in w (`factors`). `later` reads push from k, where its x goes."""

    def __init__(self, model, states):
        unknowns = states + [TIED]
        self.w = {}
        for row in states:
            for by in unknowns:
                entry = model.partial.get((row, by), ZERO)
                if row == by or entry is not ZERO:
                    self.w[row, by] = sub(D_LEAF, entry) if row == by else neg(entry)
        self.w[TIED, TIED] = ONE
        for state in model.addends:
            self.w[TIED, state] = number(-1)
        self.order = self.markowitz(unknowns)
        place = {p: k for k, p in enumerate(self.order)}
        self.eliminate(place)
        self.factors = []
        self.later = self.solve(place, {s: add(mul(IH_LEAF, Node("lane", f"k[ST_{s}]")), model.rates[s]) for s in states}, self.kept)
        self.first = self.solve(place, {s: model.rates[s] for s in states}, lambda n: n)

    def markowitz(self, unknowns):
        rows = {i: {j for (r, j) in self.w if r == i} for i in unknowns}
        left, order = list(unknowns), []
        while left:
            def cost(p):
                below = sum(1 for i in left if i != p and p in rows[i])
                right = sum(1 for j in rows[p] if j in left and j != p)
                return below * right, below + right, unknowns.index(p)
            p = min(left, key=cost)
            order.append(p)
            left.remove(p)
            for i in left:
                if p in rows[i]:
                    rows[i] |= {j for j in rows[p] if j in left}
        return order

    def after(self, place, p, column):
        """Rows below (or columns right of) pivot p with an entry."""
        pick = (lambda e: e[0] if e[1] == p else None) if column else (lambda e: e[1] if e[0] == p else None)
        found = {pick(e) for e in self.w} - {None}
        return sorted((x for x in found if place[x] > place[p]), key=place.get)

    def eliminate(self, place):
        """L D U, with ones on the diagonals of L and of U: what waits for the last unknown then waits for one fused operation, not two."""
        self.pivot, w = {}, self.w
        for p in self.order:
            self.pivot[p] = div(ONE, w[p, p])
            for i in self.after(place, p, True):
                w[i, p] = mul(w[i, p], self.pivot[p])
                for j in self.after(place, p, False):
                    w[i, j] = sub(w.get((i, j), ZERO), mul(w[i, p], w[p, j]))
        for p in self.order:
            for j in self.after(place, p, False):
                w[p, j] = mul(w[p, j], self.pivot[p])

    def solve(self, place, b, factor):
        """W^-1 b, with each entry of the LU as `factor` gives it."""
        x = dict(b, **{TIED: ZERO})
        for p in self.order:
            for i in self.after(place, p, True):
                x[i] = sub(x[i], mul(factor(self.w[i, p]), x[p]))
        for p in reversed(self.order):
            x[p] = mul(factor(self.pivot[p]), x[p])
            for j in self.after(place, p, False):
                x[p] = sub(x[p], mul(factor(self.w[p, j]), x[j]))
        return [x[s] for s in b]

    def kept(self, n):
        """What a step computes once is read from w by its later stages; constants stay where they are."""
        if not n.live:
            return n
        if n not in self.factors:
            self.factors.append(n)
        return Node("lane", f"w[{self.factors.index(n)}]")


# ---- putting sums and products in order ---------------------------------------------------------------------------------------

# How long a result takes, in cycles of the processors of the day. The order of a sum is all that hangs on it.
LATENCY = {"add": 3, "sub": 3, "mul": 4, "fma": 4, "div": 13, "sqrt": 20, "exp": 46, "ln": 60, "neg": 1}


def uses(roots):
    """How often each live expression is read, by its number."""
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


class Arranger:
    """The same expressions with the terms of each sum and the factors of each product in the order in which they are there, so that what
    comes last waits for one operation. A stage is as long as its longest chain: this makes it half as long."""

    def __init__(self, roots):
        self.count, self.done = uses(roots), {}

    def parts(self, n, ops, top=True):
        """Terms (ops: add, sub, neg), each with its sign, or factors (ops: mul). What others read too stays whole."""
        if not n.live or n.op not in ops or not (top or self.count[n.number] == 1 and not n.name):
            return [(1, n)]
        out = [part for a in n.args for part in self.parts(a, ops, False)]
        if n.op in ("sub", "neg"):
            last = len(self.parts(n.args[-1], ops, False))
            out = out[:-last] + [(-sign, part) for sign, part in out[-last:]]
        return out

    def product(self, n):
        """Its two operands, the second the last to be there, and when that is."""
        found = sorted((self.visit(f)[::-1] for _, f in self.parts(n, ("mul",))), key=lambda x: (x[0], x[1].number))
        time, first = found[0]
        for at, factor in found[1:-1]:
            first = Node("mul", first, factor)
            time = max(time, at) + LATENCY["mul"] if first.live else 0
        return max(time, found[-1][0]), (first, found[-1][1])

    def chain(self, items):
        """One after the other; each is (when, sign, value or operands of a product)."""
        time, sign, what = items[0]
        value = Node("mul", *what) if len(what) == 2 else what[0]
        time += LATENCY["mul"] if len(what) == 2 else 0
        for at, other_sign, what in items[1:]:
            other = Node("mul", *what) if len(what) == 2 else what[0]
            time = max(time, at) + LATENCY["fma" if len(what) == 2 else "add"]
            if other_sign == sign:
                value = Node("add", value, other)
            else:
                value, sign = Node("sub", *((value, other) if sign > 0 else (other, value))), 1
        return time, sign, (value,)

    def sum(self, n):
        """A chain; or two that are joined, where that is worth an addition."""
        items = []
        for sign, term in self.parts(n, ("add", "sub", "neg")):
            if term.op == "mul" and term.live and self.count[term.number] == 1 and not term.name:
                time, operands = self.product(term)
            else:
                value, time = self.visit(term)
                operands = (value,)
            items.append((time, sign, operands))
        items.sort(key=lambda x: (x[0], len(x[2]), x[2][0].number))
        time, sign, (value,) = self.chain(items)
        if len(items) > 3:
            halves = sorted((self.chain(items[k::2]) for k in (0, 1)), key=lambda x: x[0])
            joined = self.chain(halves)
            if joined[0] + LATENCY["add"] <= time:
                time, sign, (value,) = joined
        return (value, time) if sign > 0 else (Node("neg", value), time + LATENCY["neg"])

    def visit(self, n):
        """The expression in its new order, and when it is there."""
        if not n.live or n.op in ("state", "lane"):
            return n, 0
        if n.number not in self.done:
            if n.op in ("add", "sub", "neg"):
                out, time = self.sum(n)
            elif n.op == "mul":
                time, operands = self.product(n)
                out, time = Node("mul", *operands), time + LATENCY["mul"]
            else:
                found = [self.visit(a) for a in n.args]
                out, time = Node(n.op, *(a for a, _ in found)), max(t for _, t in found) + LATENCY[n.op]
            out.name = n.name or out.name
            self.done[n.number] = out, time
        return self.done[n.number]


# ---- writing C ------------------------------------------------------------------------------------------------------------

# Floating point operations of lane_exp and lane_ln (base/lane.h), a fused one counted as two.
FLOPS = {"exp": 34, "ln": 29, "sqrt": 1, "div": 1, "add": 1, "sub": 1, "mul": 1, "neg": 0}


class Writer:
    """Statements of one function. Live expressions become named temporaries where they are used more than once; a product that is
    used once and added to something is fused with it."""

    def __init__(self, prepared):
        self.prepared, self.lines, self.done, self.flops = prepared, [], {}, 0

    def write(self, targets):
        """targets: (where, node) pairs, written in order."""
        arranger = Arranger([n for _, n in targets])
        targets = [(where, arranger.visit(n)[0]) for where, n in targets]
        self.count = uses([n for _, n in targets])
        for where, node in targets:
            text = self.text(node)[0]
            self.lines.append(f"    {where} = {self.as_lane(node, text)};")

    def as_lane(self, n, text):
        return f"lane_of({text})" if n.op == "number" else text

    def text(self, n):
        """C text and its precedence: 3 atom, 2 product, 1 sum."""
        if n.op == "number":
            return repr(n.args[0]), 3 if n.args[0] >= 0 else 1
        if not n.live:
            return f"g[{self.slot(n)}]", 3
        if n.op == "state":
            return f"y[ST_{n.args[0]}]", 3
        if n.op == "lane":
            return n.args[0], 3
        if n.number in self.done:
            return self.done[n.number], 3
        out = self.compose(n)
        if self.count.get(n.number, 0) > 1 or n.name:
            name = n.name or f"t{len(self.done)}"
            self.lines.append(f"    const lane {name} = {out[0]};")
            self.done[n.number] = name
            return name, 3
        return out

    def is_fused(self, n):
        return n.op == "mul" and n.live and not n.name and n.number not in self.done and self.count[n.number] == 1

    def fused(self, product, sign, other, other_sign):
        """sign product + other_sign other"""
        self.flops += 2
        a, b = (self.as_lane(x, self.text(x)[0]) for x in product.args)
        c = self.as_lane(other, self.text(other)[0])
        minus = lambda text: f"-{text}" if text.replace("[", "").replace("]", "").isidentifier() else f"-({text})"
        return f"lane_fma({minus(a) if sign < 0 else a}, {b}, {minus(c) if other_sign < 0 else c})", 3

    def compose(self, n):
        def at(a, level):
            text, p = self.text(a)
            return text if p >= level else f"({text})"
        a = n.args
        if n.op in ("add", "sub"):
            sign = 1 if n.op == "add" else -1
            if self.is_fused(a[1]):
                return self.fused(a[1], sign, a[0], 1)
            if self.is_fused(a[0]):
                return self.fused(a[0], 1, a[1], sign)
        self.flops += FLOPS[n.op]
        if n.op == "add":
            return f"{at(a[0], 1)} + {at(a[1], 2)}", 1
        if n.op == "sub":
            return f"{at(a[0], 1)} - {at(a[1], 2)}", 1
        if n.op == "neg":
            return f"-{at(a[0], 2)}", 1
        if n.op == "mul":
            return f"{at(a[0], 2)} * {at(a[1], 3)}", 2
        if n.op == "div":
            return f"{self.as_lane(a[0], at(a[0], 2))} / {at(a[1], 3)}", 2
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
    return f"(-{a[0]})" if n.op == "neg" else f"fe__{n.op}({a[0]})"


HEAD = """/* clang-format off */
/* Written by src/body/model.py from the equations that stand there: do not edit.%s */
"""


def wrapped(prefix, items, suffix, between=", ", newline="", width=120):
    lines, line = [], prefix
    for item in items:
        if len(line) + len(item) + 2 > width:
            lines.append(line.rstrip() + newline)
            line = "    "
        line += item + between
    lines.append(line.rstrip(", ") + suffix)
    return lines


class Code:
    """Everything that is written, with the sizes that the header tells."""

    def __init__(self, model):
        self.prepared, self.functions, self.flops, self.factors = {}, [], {}, {}
        self.entries = sorted(model.jacobian)
        self.function("fe__observe(const lane *restrict g, const lane *restrict y, lane tau, lane *restrict o)",
                      [(f"o[OBSERVED_{s}]", n) for s, n in model.observed.items()])
        self.observed, self.read_observing = list(model.observed), len(self.prepared)
        for part, states in PARTS.items():
            self.part(model, part, states)
        self.function("fe__jacobian(const lane *restrict g, const lane *restrict y, lane *restrict j)",
                      [(f"j[{k}]", model.jacobian[e]) for k, e in enumerate(self.entries)])

    def part(self, model, part, states):
        system = System(model, states)
        to = lambda where, values: [(f"{where}[ST_{s}]", v) for s, v in zip(states, values)]
        w = [(f"w[{k}]", n) for k, n in enumerate(system.factors)]
        read, y = "const lane *restrict ", "const lane *restrict g, const lane *restrict y, "
        self.function(f"fe__rates_{part}({y}lane *restrict f)", to("f", [model.rates[s] for s in states]))
        self.flops[part] = (
            self.function(f"fe__stage_first_{part}({y}lane d, lane *restrict w, lane *restrict k)", w + to("k", system.first)),
            self.function(f"fe__stage_{part}({y}{read}w, lane ih, lane *restrict k)", to("k", system.later)))
        self.factors[part] = len(system.factors)

    def function(self, head, targets):
        writer = Writer(self.prepared)
        writer.write(targets)
        self.functions.append((head, writer.lines))
        return writer.flops

    def header(self):
        out = [HEAD % "", "#ifndef FE_BODY_GENERATED_H", "#define FE_BODY_GENERATED_H", ""]
        out.append("enum { " + ", ".join("ST_" + s for s in STATES) + ", STATES };")
        out.append("#define FE_STATES(OF) " + " ".join(f"OF({s})" for s in SPECIFIED))
        out += ["", "/* What is observed (docs/model.md, section 7): first what a trajectory shows beside its states. */"]
        out += wrapped("enum { ", ["OBSERVED_" + s for s in self.observed], ", OBSERVED };")
        out += wrapped("#define FE_OBSERVED(OF) ", [f"OF({s})" for s in self.observed], "", between=" ", newline=" \\")
        out += ["", "/* PREPARED: constants that the rates read, made once for a body and its inputs. JACOBIAN: entries that are not zero by",
                " * structure. W_ENTRIES: what the LU of W = d I - J leaves for its solutions. PREPARED_OBSERVED: the first of them, which observing reads. */"]
        out.append(f"enum {{ PREPARED = {len(self.prepared)}, JACOBIAN = {len(self.entries)}, W_ENTRIES = {max(self.factors.values())}, "
                   f"PREPARED_OBSERVED = {self.read_observing} }};")
        out += ["", "/* States of each part, the first of all. */"]
        out.append("enum { " + ", ".join(f"STATES_{part.upper()} = {len(states)}" for part, states in PARTS.items()) + " };")
        out += ["", "/* Floating point operations, a fused one counted as two. */"]
        for part, (first, later) in self.flops.items():
            out.append(f"enum {{ FLOPS_STAGE_FIRST_{part.upper()} = {first}, FLOPS_STAGE_{part.upper()} = {later} }};")
        out += ["", "#endif"]
        return "\n".join(out) + "\n"

    def source(self):
        body = [f"    g[{k}] = {constant_text(c)};" for c, k in sorted(self.prepared.items(), key=lambda item: item[1])]
        out = [HEAD % "\n * Straight-line code: no branch on the state, no table, no allocation.", '#include "body/rates.h"', "",
               '#include "base/elementary.h"', ""]
        out += wrapped("LANE_TABLE const unsigned char fe__jacobian_rows[JACOBIAN] = {", [str(i) for i, _ in self.entries], "};")
        out += wrapped("LANE_TABLE const unsigned char fe__jacobian_columns[JACOBIAN] = {", [str(j) for _, j in self.entries], "};")
        for head, lines in [("fe__body_prepare(const body *b, double *restrict g)", body)] + self.functions:
            out += ["", f"LANE_FUNCTION void {head} {{"] + lines + ["}"]
        return "\n".join(out) + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--check", action="store_true", help="compare, write nothing")
    check = options.parse_args().check
    sys.setrecursionlimit(10000)
    code = Code(Model())
    folder = pathlib.Path(__file__).resolve().parent
    stale = []
    for name, text in (("generated.c", code.source()), ("generated.h", code.header())):
        path = folder / name
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(name)
        else:
            path.write_text(text)
    if stale:
        sys.exit(f"not what model.py gives: {', '.join(stale)}; run src/body/model.py")


if __name__ == "__main__":
    main()

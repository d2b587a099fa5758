"""Records numpy's eigenvalues, norms and orthogonal factors for tests/test_linalg.c.

    python tests/golden/numpy_linalg.py > tests/golden/linalg_record.h

The matrices are made of small multiples of 1/64 from a linear congruential generator, so
that C makes the same ones, exact in float.
"""
import numpy as np

RANDOM, SYMMETRIC, COMPANION, ROTATIONS, DEFECTIVE = range(5)


def random(rows, columns, seed):
    state, out = seed, []
    for _ in range(rows * columns):
        state = (1664525 * state + 1013904223) % 2**32
        out.append(((state >> 16) % 256 - 128) / 64)
    return np.array(out).reshape(rows, columns)


def matrix(kind, n, seed):
    r = random(n, n, seed)
    if kind == RANDOM:
        return r
    if kind == SYMMETRIC:
        return np.tril(r) + np.tril(r, -1).T
    if kind == COMPANION:  # of x^n + r[0, 0] x^(n-1) + ... + r[0, n-1]
        c = np.diag(np.ones(n - 1), -1)
        c[0] = -r[0]
        return c
    if kind == ROTATIONS:  # 2x2 blocks [[c, -s], [s, c]]
        c = np.zeros((n, n))
        for i in range(0, n, 2):
            a, b = r[i, i], r[i, i + 1]
            c[i:i + 2, i:i + 2] = [[a, -b], [b, a]]
        return c
    # One eigenvalue r[0, 0] of multiplicity n with a single eigenvector.
    return np.diag(np.full(n, r[0, 0])) + np.diag(np.ones(n - 1), 1)


def numbers(name, values):
    out, line = [], "   "
    for v in np.ravel(values):
        word = f" {float(v):.17g},"
        if len(line + word) > 88:
            out.append(line)
            line = "   "
        line += word
    return f"static const double {name}[] = {{\n" + "\n".join(out + [line]) + "\n};\n"


cases = [(RANDOM, n, 10 + n) for n in (1, 2, 3, 4, 5, 8, 16, 33, 64)]
cases += [(SYMMETRIC, n, 20 + n) for n in (2, 7, 32, 64)]
cases += [(COMPANION, n, 30 + n) for n in (3, 6, 12)]
cases += [(ROTATIONS, n, 40 + n) for n in (2, 8)]
cases += [(DEFECTIVE, n, 50 + n) for n in (2, 3, 4)]
shapes = [(6, 4, 1), (4, 6, 2), (8, 8, 3), (5, 1, 4)]

print(f"""/* Written by tests/golden/numpy_linalg.py with numpy {np.__version__}. */
#ifndef LINALG_RECORD_H
#define LINALG_RECORD_H
""")
real, imaginary, q, norms, conditions = [], [], [], [], []
for kind, n, seed in cases:
    values = np.linalg.eigvals(matrix(kind, n, seed))
    real.extend(values.real)
    imaginary.extend(values.imag)
    norms.append(np.linalg.norm(matrix(kind, n, seed), 2))
    # Row eigenvectors are the columns of numpy's eigenvectors of the transpose.
    conditions.append(0 if kind == DEFECTIVE
                      else np.linalg.cond(np.linalg.eig(matrix(kind, n, seed).T)[1]))
for rows, columns, seed in shapes:
    a = random(rows, columns, seed)
    norms.append(np.linalg.norm(a, 2))
    factor, r = np.linalg.qr(a if rows >= columns else a.T)
    factor = factor * np.where(np.diag(r) < 0, -1, 1)
    q.extend(np.ravel(factor if rows >= columns else factor.T))
print("/* kind, size, seed; their eigenvalues follow one another in the arrays below */")
print("static const int eigenvalue_cases[][3] = {")
print("\n".join(f"    {{{k}, {n}, {s}}}," for k, n, s in cases) + "\n};")
print(numbers("eigenvalues_real", real))
print(numbers("eigenvalues_imaginary", imaginary))
print("/* largest singular values: of the matrices above, then of those below */")
print(numbers("norms", norms))
print("/* of the matrices of the eigenvectors; 0: there are too few of these */")
print(numbers("conditions", conditions))
print("/* rows, columns, seed */\nstatic const int factor_cases[][3] = {")
print("\n".join(f"    {{{m}, {n}, {s}}}," for m, n, s in shapes) + "\n};")
print(numbers("factors", q))
print("#endif")

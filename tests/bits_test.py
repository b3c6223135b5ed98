"""A patient has the same bits whatever the compiler, its optimization, the instruction set and the processor: tests/bits/digest.c is built with each and
its lines are compared, those of another processor family under emulation."""
import concurrent.futures
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("FERRULE_BUILD", ROOT / "build"))
SOURCES = ["base/arena.c", "base/crew.c", "base/elementary.c", "base/random.c", "body/generated.c", "body/start.c", "course/play.c",
           "course/play_batch.c", "infer/endpoint.c", "infer/prior.c", "infer/summary.c", "solve/batch.c", "solve/status.c"]
X86 = {"avx512": ["-mavx512f", "-mavx512dq", "-mavx512vl", "-mfma"], "avx2": ["-mavx2", "-mfma"], "scalar": ["-mfma"], "baseline": []}
ARM = {"neon": [], "scalar": [], "baseline": []}
CROSS = "aarch64-linux-gnu-gcc"
IS_X86 = platform.machine() == "x86_64"
OWN = X86 if IS_X86 else ARM
COMPILERS = {f"{cc} {level}": ([cc, level], OWN) for cc in ("gcc", "clang") for level in ("-O2", "-O3")}
PACKAGES = {"gcc": "gcc", "clang": "clang"}
if IS_X86:
    COMPILERS["aarch64 gcc -O2"] = ([CROSS, "-O2"], ARM)
    PACKAGES |= {CROSS: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross", "qemu-aarch64": "qemu-user"}
# As in CMakeLists.txt, where -ffp-contract=off keeps the promise that is tested here.
FLAGS = ["-std=c17", "-ffp-contract=off", "-D_POSIX_C_SOURCE=200809L", f"-I{ROOT / 'include'}", f"-I{ROOT / 'src'}", "-Wno-psabi",
         "-ffunction-sections"]
KERNEL = ["-fno-math-errno", "-fno-trapping-math"]
PATIENTS, FEW = 40, 12  # without the instruction, or without the processor, a patient takes long
CONDITIONS = 11  # patients of neighbouring numbers are of different conditions: all are among the few


def run(command, **environment):
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


def lacking():
    """The packages of the tools that are not there."""
    return [PACKAGES[tool] for tool in PACKAGES if not shutil.which(tool)]


def features():
    """Of this processor."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return set(line.split(":")[1].split())
    return set()


def present(isa):
    """On this machine: a set's options but for their -m are the names of what the processor must have."""
    return {option.removeprefix("-m") for option in OWN[isa]} <= features()


def objects(folder, name, command, sets):
    """Commands that compile what the driver is made of, each with its object."""
    tag = name.replace(" ", "")
    sources = [(ROOT / "tests" / "bits" / "digest.c", [])] + [(ROOT / "src" / s, []) for s in SOURCES]
    sources += [(ROOT / "src" / "solve" / f"batch_{isa}.c", flags + KERNEL) for isa, flags in sets.items()]
    for source, flags in sources:
        made = folder / f"{tag}-{source.stem}.o"
        yield made, [*command, *FLAGS, "-isystem", folder / "include", *flags, "-c", source, "-o", made]


def build(folder, pool):
    """The driver of each compiler. Random123 is headers alone, whichever processor compiles them."""
    (folder / "include").mkdir()
    found = next(p for p in ("/usr/include", "/usr/local/include") if pathlib.Path(p, "Random123").is_dir())
    (folder / "include" / "Random123").symlink_to(pathlib.Path(found, "Random123"))
    lists = {name: list(objects(folder, name, *how)) for name, how in COMPILERS.items()}
    for job in [pool.submit(run, command) for made in lists.values() for _, command in made]:
        job.result()
    drivers = {}
    for name, made in lists.items():
        drivers[name] = folder / f"digest-{name.replace(' ', '')}"
        static = ["-static"] if name.startswith("aarch64") else []
        # What reads data/ and the reference integrator are not called, so that their libraries need not be there.
        run([COMPILERS[name][0][0], *static, "-Wl,--gc-sections", *[o for o, _ in made], "-lpthread", "-lm", "-o", drivers[name]])
    return drivers


def answer(command, isa):
    """The lines of one run, which must have been on that set: another would be no comparison."""
    used, *lines = run(command, FERRULE_ISA=isa).splitlines()
    if used != f"isa {isa}":
        raise RuntimeError(f"{used} in place of {isa}")
    return lines


def answers(drivers, model, pool):
    """{(compiler, instruction set, patients): lines}"""
    jobs = {}
    for name, driver in drivers.items():
        emulated = name.startswith("aarch64")
        for isa in ARM if emulated else filter(present, OWN):
            n = FEW if emulated or isa == "baseline" else PATIENTS
            command = [*(["qemu-aarch64"] if emulated else []), driver, model, 0, n]
            jobs[name, isa, n] = pool.submit(answer, command, isa)
    return {key: job.result() for key, job in jobs.items()}


class Bits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if lacking():
            raise RuntimeError(f"to compare bits, install: {' '.join(lacking())} (scripts/setup test does)")
        cls.scratch = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.scratch.name)
        model = folder / "model"
        run([BUILD / "tests" / "model_bytes", model])
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            cls.answers = answers(build(folder, pool), model, pool)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def test_every_compiler_and_instruction_set_gives_the_same_bits(self):
        for n in (PATIENTS, FEW):
            same = {key: lines for key, lines in self.answers.items() if key[2] == n}
            first = min(same, default=None)  # none of all patients on a processor without fused multiply-add
            for key, lines in same.items():
                with self.subTest(" ".join(key[:2])):
                    other = [f"{a}  but {' '.join(first[:2])}: {b}" for a, b in zip(lines, same[first]) if a != b]
                    self.assertEqual(other[:4], [], f"{len(other)} of {len(lines)} lines differ")
                    self.assertEqual(len(lines), len(same[first]))

    def test_the_few_are_the_first_of_all(self):
        """So that those of the slow ones are compared with those of the fast ones, and a patient does not depend on how many others there are."""
        every = {line for key, lines in self.answers.items() if key[2] == PATIENTS for line in lines}
        if not every:
            self.assertEqual([isa for isa in OWN if present(isa)], ["baseline"])
            return
        for key, lines in self.answers.items():
            if key[2] == FEW:
                with self.subTest(" ".join(key[:2])):
                    strange = [line for line in lines if not line.startswith("endpoints") and line not in every]
                    self.assertEqual(strange, [])

    def test_all_were_played(self):
        """On this machine's own sets, and on all of the other family; each patient with a path of its own."""
        own = [isa for isa in OWN if present(isa)]
        self.assertEqual(len(self.answers), 4 * len(own) + (len(ARM) if IS_X86 else 0))
        self.assertGreaterEqual(FEW, CONDITIONS)
        for key, lines in self.answers.items():
            with self.subTest(" ".join(key[:2])):
                self.assertEqual(len({line.split()[2] for line in lines if line.startswith("path")}), key[2])
                self.assertEqual(len({line.split()[2] for line in lines if line.startswith("start")}), key[2])
                self.assertEqual(sum(line.startswith("endpoints") for line in lines), 1)


if __name__ == "__main__":
    unittest.main()
